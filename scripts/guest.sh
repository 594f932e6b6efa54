#!/bin/sh
# guest.sh DIRECTORY: a small system for the tests of virtual machines, of this host's
# busybox, sshd, perl without modules and Debian's kernel for clouds:
#   vmlinuz    the kernel
#   initrd     starts the system on the first disk
#   live       the system itself, in memory
#   disk.qcow2 the system, as a file system without partitions
#   key        lets root in by SSH
# On the kernel's command line authorize=URL names a key that lets root in as well, live keeps
# the system in memory, and pause=SECONDS makes a system that takes longer to start.
set -eu
out=$(realpath -m "$1")
rm -rf "$out" "$out.part"
work=$out.part
mkdir -p "$work/tree" "$work/kernel"
trap 'rm -rf "$work"' EXIT

# The kernel, by its package: what it depends on is the one of the day.
package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
if [ -z "$package" ]; then
	apt-get update -q
	package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
fi
(cd "$work/kernel" && apt-get download -q "$package" 2>/dev/null && dpkg-deb -x ./*.deb .)
modules=$(echo "$work"/kernel/lib/modules/*/kernel)

tree=$work/tree
cd "$tree"
mkdir -p bin sbin usr/bin usr/sbin etc dev proc sys run tmp root/.ssh srv var/empty mnt lib/modules usr/lib/openssh
chmod 1777 tmp
# with PROGRAM...: copies programs and the libraries that they need
with() {
	for p in "$@"; do
		cp -L --parents "$p" .
		ldd "$p" | sed -n 's/.*[ \t]\(\/[^ ]*\) (.*/\1/p' | while read -r lib; do cp -L --parents "$lib" . ; done
	done
}
with /usr/bin/busybox /usr/sbin/sshd /usr/bin/perl
[ ! -e /usr/lib/openssh/sshd-session ] || with /usr/lib/openssh/sshd-session
for f in /usr/lib/x86_64-linux-gnu/libnss_files.so.2 /lib/x86_64-linux-gnu/libnss_files.so.2; do
	[ ! -e "$f" ] || with "$f"
done
mv usr/bin/busybox bin/busybox
bin/busybox --list-full | while read -r f; do [ -e "$f" ] || { mkdir -p "$(dirname "$f")"; ln -s /bin/busybox "$f"; }; done
n=10
for m in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk failover net_failover virtio_net button; do
	f=$(find "$modules" -name "$m.ko" | head -n 1)
	[ -z "$f" ] || cp "$f" "lib/modules/$n-$m.ko"
	n=$((n + 1))
done
printf 'root::0:0:root:/root:/bin/sh\nsshd:x:100:100::/run/sshd:/bin/false\nnobody:x:65534:65534::/:/bin/false\n' >etc/passwd
printf 'root:x:0:\nsshd:x:100:\nnogroup:x:65534:\n' >etc/group
printf 'root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n' >etc/shadow
chmod 600 etc/shadow
mkdir -p etc/ssh
cat >etc/ssh/sshd_config <<'END'
HostKey /etc/ssh/host
UsePAM no
UseDNS no
PermitRootLogin prohibit-password
StrictModes no
MaxSessions 32
END
ssh-keygen -q -t ed25519 -N '' -C test -f etc/ssh/host
ssh-keygen -q -t ed25519 -N '' -C test -f ../key
cp ../key.pub root/.ssh/authorized_keys
printf '::sysinit:/etc/rc\n::respawn:/usr/sbin/sshd -D -e\n::ctrlaltdel:/sbin/reboot\n::shutdown:/bin/umount -a -r\n' >etc/inittab
cat >etc/leased <<'END'
#!/bin/sh
case $1 in
deconfig) ifconfig "$interface" 0.0.0.0 up ;;
bound) ifconfig "$interface" "$ip" netmask "$subnet" up && route add default gw "$router" dev "$interface" ;;
esac
END
cat >etc/rc <<'END'
#!/bin/sh
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /run/sshd
mount -t devpts pts /dev/pts
mount -t tmpfs run /run && mkdir -p /run/sshd
ifconfig lo 127.0.0.1 up
udhcpc -q -n -f -i eth0 -s /etc/leased -T 1 -t 10 >/dev/null
for word in $(cat /proc/cmdline); do
	case $word in
	pause=*) sleep "${word#pause=}" ;;
	authorize=*) wget -q -O - "${word#authorize=}" >>/root/.ssh/authorized_keys && echo "authorized ${word#authorize=}" ;;
	esac
done
echo "guest is up"
END
chmod 755 etc/rc etc/leased
cat >init <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in /lib/modules/*; do insmod "$m"; done
case $(cat /proc/cmdline) in
*live*) exec /sbin/init ;;
esac
mkdir -p /mnt
mount -t ext4 /dev/vda /mnt || { echo "no system on the disk"; sleep 1000; }
umount /proc /sys
mount --move /dev /mnt/dev
exec switch_root /mnt /sbin/init
END
chmod 755 init
find . | cpio -o -H newc --quiet | gzip -1 >../live
rm -r lib/modules
mkdir ../small ../small/bin ../small/dev ../small/proc ../small/sys ../small/lib
cd ../small
with /usr/bin/busybox
rm -rf usr && cp /usr/bin/busybox bin/
for f in sh mount umount insmod mkdir sleep switch_root cat; do ln -s busybox bin/$f; done
cp ../tree/init .
mkdir lib/modules
n=10
for m in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk failover net_failover virtio_net button; do
	f=$(find "$modules" -name "$m.ko" | head -n 1)
	[ -z "$f" ] || cp "$f" "lib/modules/$n-$m.ko"
	n=$((n + 1))
done
find . | cpio -o -H newc --quiet | gzip -1 >../initrd
cd ..
rm tree/init
mkfs.ext4 -q -F -O ^has_journal -d tree disk.raw 64M
qemu-img convert -O qcow2 disk.raw disk.qcow2
cp kernel/boot/vmlinuz-* vmlinuz
rm -rf tree small kernel disk.raw
cd /
mkdir -p "$out"
mv "$work"/* "$out"
