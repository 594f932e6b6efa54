#!/bin/sh
# disk.sh TREE DIR: a qcow2 of a tree's file system, with nothing that boots around it.
set -eu
rm -f "$2/bare.raw" "$2/bare.qcow2"
truncate -s 1G "$2/bare.raw"
mkfs.ext4 -q -F -d "$1" "$2/bare.raw"
qemu-img convert -f raw -O qcow2 -m 8 -c -o compat=1.1,compression_type=zstd "$2/bare.raw" "$2/bare.qcow2"
