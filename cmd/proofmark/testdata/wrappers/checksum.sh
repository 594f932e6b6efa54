#!/bin/sh
# Verify what was built.
set -eu
$PACKER build -only=web -var version=2 web.json > /dev/null
[ "$(sha256sum < web-2.txt | cut -d' ' -f1)" = "$(cut -f1 web.sha256 | cut -d' ' -f1)" ] && echo verified
