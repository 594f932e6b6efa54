#!/bin/bash
# Which builds failed.
$PACKER build -machine-readable fails.json > build.log
echo "status $?"
grep -o ',error-count,[0-9]*' build.log
awk -F, '$3 == "error" { print "failed: " $2 }' build.log
awk -F, '$3 == "artifact-count" { print "made: " $2 }' build.log
cat fine.txt
