#!/bin/sh
# A manifest keeps the builds of earlier runs.
set -eu
$PACKER build app.pkr.hcl > /dev/null
$PACKER build -var name=other app.pkr.hcl > /dev/null
jq -r '.builds | length' app.json
jq -r '.builds[-1].files[0].name' app.json
jq -r '.builds[-1].artifact_id | split(":")[0]' app.json
cat other.txt
