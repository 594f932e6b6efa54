#!/bin/bash
# Log lines with times, and the summary at the end.
set -euo pipefail
$PACKER build -timestamp-ui -only=probe -color=false web.json > build.log
grep -cE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(Z|[+-][0-9:]{5}): ==> probe: ' build.log
grep -oE 'PROBED probe' build.log
sed -nE 's/^[^ ]+: (--> probe: .*)/\1/p' build.log | sort -u
