#!/bin/bash
# Is it new enough?
set -eu
v=$($PACKER version -machine-readable | awk -F, '$3 == "version" { print $4 }')
[ "$(printf '%s\n' 1.6.0 "$v" | sort -V | head -1)" = 1.6.0 ] && echo 'new enough'
$PACKER version | head -1 | grep -Eo '^Packer v[0-9]+\.[0-9]+' | cut -d. -f1
[[ $($PACKER -version | grep -Eo '[0-9]+\.[0-9]+\.[0-9]+' | head -1) == "$v" ]] && echo same
