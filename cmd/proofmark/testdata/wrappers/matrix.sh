#!/bin/sh
# A job for each builder, from what inspect says.
set -eu
$PACKER inspect -machine-readable web.json | awk -F, '$3 == "template-builder" { print $4 }' | while read -r name; do
	echo "job $name"
	$PACKER build -force -color=false -only="$name" web.json > "$name.log"
	grep -c "Build '$name' finished" "$name.log"
done
$PACKER inspect -machine-readable web.json | grep template-variable | cut -d, -f4- | sed 's/%!(PACKER_COMMA)/,/'
