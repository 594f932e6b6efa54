#!/bin/sh
# The package index, and nginx.
set -eu
echo "run $RUN"
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nginx
