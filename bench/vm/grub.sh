#!/bin/sh
# grub.sh: run by debos. Makes the disk $IMAGE, whose root file system is at $ROOTDIR,
# start on a BIOS. grub-install knows no partitions of loop devices.
set -eu
core=$ARTIFACTDIR/core.img
grub-mkimage -O i386-pc -p '(hd0,gpt2)/boot/grub' -o "$core" biosdisk part_gpt ext2 linux normal configfile boot
# Where the partition for it begins, sector 2048, is said in its parent and in itself.
dd status=none if=/usr/lib/grub/i386-pc/boot.img of="$IMAGE" bs=440 count=1 conv=notrunc
printf '\000\010\000\000\000\000\000\000' | dd status=none of="$IMAGE" bs=1 seek=92 conv=notrunc
printf '\001\010\000\000\000\000\000\000' | dd status=none of="$core" bs=1 seek=500 conv=notrunc
dd status=none if="$core" of="$IMAGE" bs=512 seek=2048 conv=notrunc
mkdir -p "$ROOTDIR/boot/grub"
cat >"$ROOTDIR/boot/grub/grub.cfg" <<END
linux /vmlinuz root=UUID=$(findmnt -no UUID "$ROOTDIR") ro console=ttyS0,115200n8 mitigations=off
initrd /initrd.img
boot
END
