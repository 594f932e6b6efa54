#!/bin/sh
# mkosi.sh DIR RUN SITE: the disk by mkosi, from the image base.raw in DIR, which stands
# where mkosi keeps what it has installed. It has no boot loader: that of mkosi 14 needs a
# kernel with vfat, and what starts on UEFI alone.
set -eu
here=$(realpath "$(dirname "$0")")
cd "$1"
if ! [ -d extra ]; then
	mkdir -p extra/srv
	cp -r "$here/../image" extra/srv/steps
	cp "$here/mkosi.postinst" .
	mv base.raw web.qcow2.cache-pre-inst
fi
mkosi --force --distribution debian --release bookworm --format gpt_ext4 --qcow2 --incremental --root-size 3G \
	--nspawn-keep-unit --extra-tree extra --environment "RUN=$2" --environment "SITE_NAME=$3" --output web.qcow2 build
