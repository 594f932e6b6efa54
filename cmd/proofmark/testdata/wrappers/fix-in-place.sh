#!/bin/sh
# Bring old templates up to date.
set -eu
$PACKER fix -validate=false old.json 2> /dev/null > fixed.json
jq -c '.builders[] | [.type, .ssh_timeout, .ssh_wait_timeout]' fixed.json
$PACKER validate -syntax-only fixed.json > /dev/null
