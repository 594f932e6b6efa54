#!/bin/sh
# bare.sh DISK ACCELERATOR DIR: boots a disk twice at the same time, on a BIOS and on
# UEFI, with the machine that gate 2 gives it and no network card but QEMU's own. Each
# powers off as soon as it is up: see furnish.sh.
set -eu
cp /usr/share/OVMF/OVMF_VARS.fd "$3/vars.fd"
boot() { # NAME OPTION...
	name=$1
	shift
	timeout 900 qemu-system-x86_64 -machine "type=q35,accel=$accel" -smp 1 -m 1024M -netdev user,id=n -device virtio-net,netdev=n \
		-drive "file=$disk,if=virtio,cache=unsafe,format=qcow2,snapshot=on" -vnc none -display none \
		-serial "file:$dir/$name.console" -smbios type=1,product=bare "$@"
	grep -Eq '(^|login: )running' "$dir/$name.console" || { echo "$name is not up:"; tail "$dir/$name.console"; exit 1; }
}
disk=$1 accel=$2 dir=$3
boot bios -boot c &
first=$!
boot uefi -drive file=/usr/share/OVMF/OVMF_CODE.fd,if=pflash,unit=0,format=raw,readonly=on -drive "file=$dir/vars.fd,if=pflash,unit=1,format=raw"
wait $first
