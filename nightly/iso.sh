#!/bin/sh
# iso.sh FILE: an ISO with Debian's netboot kernel and a prompt, and FILE.sha256. It has
# no packages: the installer fetches them.
set -eu
out=$(realpath -m "$1")
installer=/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$out")" "$work/tree/isolinux"
cp "$installer/linux" "$installer/initrd.gz" "$work/tree"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$work/tree/isolinux"
cat >"$work/tree/isolinux/isolinux.cfg" <<'END'
SERIAL 0 115200
PROMPT 1
TIMEOUT 0
DEFAULT install
LABEL install
	KERNEL /linux
	INITRD /initrd.gz
END
xorriso -as mkisofs -quiet -V netboot -R -J -b isolinux/isolinux.bin -c isolinux/boot.cat \
	-no-emul-boot -boot-load-size 4 -boot-info-table -o "$out.part" "$work/tree" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
mv "$out.part" "$out"
(cd "$(dirname "$out")" && sha256sum "$(basename "$out")") >"$out.sha256"
