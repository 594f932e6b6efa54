#!/bin/sh
# debos.sh DIR RUN SITE: the disk by debos, on this host without a machine of its own. DIR
# holds base.tar. debos waits for udev: where none runs, its part is played by nothing,
# since the kernel makes the devices by itself.
set -eu
here=$(realpath "$(dirname "$0")")
cd "$1"
cp "$here/debos.yaml" "$here/grub.sh" .
rm -rf steps web.img web.qcow2
cp -r "$here/../image" steps
if ! [ -e /run/udev/control ]; then
	mkdir -p none
	printf '#!/bin/sh\n' >none/udevadm
	chmod 755 none/udevadm
	PATH=$PWD/none:$PATH
	[ -d /dev/disk ] || { mkdir /dev/disk; trap 'rmdir /dev/disk' EXIT; }
fi
debos --disable-fakemachine -t "run:$2" -t "site:$3" debos.yaml
