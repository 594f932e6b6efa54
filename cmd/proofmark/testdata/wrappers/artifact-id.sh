#!/bin/sh
# The id of the artifact, as CI scripts of Amazon images take it.
set -eu
$PACKER build -machine-readable web.json | tee build.log | grep 'web,artifact,0,id' | cut -d, -f6
grep -c ',artifact,' build.log
awk -F, '$3 == "artifact" && $5 == "id" { print $2 ": " $6 }' build.log | sort
