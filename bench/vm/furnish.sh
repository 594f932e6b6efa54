#!/bin/sh
# furnish.sh TREE KEY: what a tree needs to be a machine that is reached by SSH with the
# key whose public half is in the file KEY: a network, and no timers that begin to work at
# some moment of a measurement. Started with the product name "bare" it powers off as
# soon as it is up.
set -eu
tree=$1
mkdir -p "$tree/root/.ssh" "$tree/etc/systemd/network"
chmod 700 "$tree/root/.ssh"
cp "$2" "$tree/root/.ssh/authorized_keys"
chmod 600 "$tree/root/.ssh/authorized_keys"
printf '[Match]\nType=ether\n[Network]\nDHCP=yes\n' >"$tree/etc/systemd/network/20-wired.network"
: >"$tree/etc/machine-id"
units=$tree/etc/systemd/system
cat >"$units/bare.service" <<'END'
[Unit]
ConditionFirmware=smbios-field(product_name = "bare")
[Service]
ExecStart=/bin/sh -c 'systemctl is-system-running --wait >/dev/console; echo o >/proc/sysrq-trigger'
END
mkdir -p "$units/multi-user.target.wants"
ln -sf /lib/systemd/system/systemd-networkd.service "$units/multi-user.target.wants/"
ln -sf ../bare.service "$units/multi-user.target.wants/"
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer systemd-networkd-wait-online.service; do
	ln -sf /dev/null "$units/$unit"
done
