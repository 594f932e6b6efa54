#!/bin/sh
# baseraw.sh TREE FILE: a disk of a tree in the form that mkosi keeps its own in.
set -eu
truncate -s 3221266432 "$2"
printf 'label: gpt\nfirst-lba: 40\ngrain: 4096\nstart=40, size=6291456, type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\n' | sfdisk -q "$2"
systemd-id128 new >"$1/etc/machine-id" # it takes no other
mkfs.ext4 -q -F -E offset=20480 -d "$1" "$2" 3G
: >"$1/etc/machine-id"
