#!/bin/sh
# Upload every file that the builds made.
set -eu
$PACKER build -machine-readable -color=false web.json > build.log
awk -F, '$3 == "artifact" && $5 == "file" { print $7 }' build.log | sort -u | while read -r file; do
	echo "upload $file: $(cat "$file")"
done
awk -F, '$3 == "artifact-count" { print $2, $4 }' build.log | sort
