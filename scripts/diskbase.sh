#!/bin/sh
# diskbase.sh FILE: what base.sh makes with a kernel beside it, for tests of disks. The
# initrd knows virtio and ext4 alone: under emulation a large one costs ten seconds.
set -eu
out=$1
packages=systemd,systemd-sysv,dbus,iproute2,procps,udev,zstd,openssh-server,linux-image-cloud-amd64
mkdir -p "$(dirname "$out")"
"$(dirname "$0")"/inmemory.sh mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--customize-hook='printf "MODULES=list\nCOMPRESS=zstd\n" >"$1/etc/initramfs-tools/conf.d/small"' \
	--customize-hook='printf "virtio_pci\nvirtio_blk\next4\n" >"$1/etc/initramfs-tools/modules"' \
	--customize-hook='chroot "$1" update-initramfs -u' \
	bookworm "$out.part.tar"
mv "$out.part.tar" "$out"
