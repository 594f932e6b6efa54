#!/bin/sh
# A template made on the fly.
set -eu
jq '.builders |= map(select(.type == "file")) | .variables.version = "9" | del(.provisioners)' web.json | $PACKER build -color=false - > build.log
ls web-*.txt
sed -n "s/ after .*//; /^Build '/p" build.log
echo '{{user `greeting`}}' | $PACKER console -var greeting=changed web.json
