#!/bin/sh
# byhand.sh DIR RUN SITE [last] [gates]: what a person would write to make the same
# archive without a tool: overlay, systemd-nspawn, tar, zstd. DIR/base is the base's
# tree. Each step leaves a layer; with "last" the first three are there already. With
# "gates" the machine and the archive are booted and checked.
set -eu
dir=$1 run=$2 site=$3
shift 3
last= gates=
for word; do eval "$word=1"; done
image=$(cd "$(dirname "$0")/image" && pwd)
name=byhand$$
cd "$dir"
mkdir -p layers root work

# A network of its own, with the way out.
ip netns add $name
ip link add $name type veth peer name host0 netns $name
ip addr add 10.99.0.1/30 dev $name
ip link set $name up
ip -n $name addr add 10.99.0.2/30 dev host0
ip -n $name link set lo up
ip -n $name link set host0 up
ip -n $name route add default via 10.99.0.1
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f - <<NFT
table inet $name {
	chain nat { type nat hook postrouting priority srcnat; iifname $name masquerade; }
	chain input { type filter hook input priority filter; iifname $name drop; }
}
NFT
clean() {
	mountpoint -q root && umount root
	ip link del $name 2>/dev/null || true # it goes with the last process inside
	ip netns del $name
	nft delete table inet $name
}
trap clean EXIT

enter() { # ARGS...: systemd-nspawn on root
	systemd-nspawn --quiet --register=no --keep-unit --settings=no --resolv-conf=off --timezone=off --link-journal=no \
		--console=pipe --network-namespace-path=/run/netns/$name --bind-ro=/etc/resolv.conf --directory=root "$@"
}
overlay() { # LAYER...: mount these, highest first, with an empty one on top
	rm -rf upper work
	mkdir upper work
	lower=
	for l; do lower=$lower$l:; done
	mount -t overlay overlay -o "lowerdir=${lower}base,upperdir=upper,workdir=work" root
}
keep() { # N: what was changed becomes layer N
	umount root
	rm -rf "layers/$1"
	mv upper "layers/$1"
}
step() { enter --as-pid2 --setenv=RUN="$run" --setenv=SITE_NAME="$site" /bin/sh -s <"$image/$1"; }

if [ -z "$last" ]; then
	overlay
	printf '#!/bin/sh\nexit 101\n' > root/usr/sbin/policy-rc.d
	chmod 755 root/usr/sbin/policy-rc.d
	step packages.sh
	rm root/usr/sbin/policy-rc.d
	keep 1
	overlay layers/1
	step user.sh
	keep 2
	overlay layers/2 layers/1
	cp -r "$image/site" root/srv/site
	keep 3
fi
overlay layers/3 layers/2 layers/1
step configure.sh
keep 4

# Where control groups that matter to an init system are: it takes its own for the
# whole tree.
groups=/sys/fs/cgroup
[ -e /sys/fs/cgroup/cgroup.procs ] || groups=$(ls -d /sys/fs/cgroup/systemd /sys/fs/cgroup/unified 2>/dev/null)

inside() { nsenter -t "$leader" -m -p -u -i -n -r -w "$@"; }

gate() { # N: boot root, and check it
	for g in $groups; do mkdir "$g/$name-$1"; done
	(
		for g in $groups; do sh -c 'echo $PPID' >"$g/$name-$1/cgroup.procs"; done
		exec systemd-nspawn --quiet --register=no --keep-unit --settings=no --resolv-conf=off --timezone=off --link-journal=no \
			--console=pipe --network-namespace-path=/run/netns/$name --directory=root --boot \
			systemd.mask=systemd-networkd-wait-online.service systemd.mask=systemd-remount-fs.service
	) >"console$1" 2>&1 </dev/null &
	leader=
	until leader=$(pgrep -P $!) && inside systemctl is-system-running --wait 2>/dev/null | grep -q running; do
		kill -0 $! || exit 1
		sleep 0.02
	done
	inside /bin/sh -eu -c '
		test -z "$(systemctl --failed --plain --no-legend)"
		dpkg --audit
		dpkg-query -W nginx
		systemctl is-enabled nginx
		systemctl is-active nginx
		ss -Hltn "sport = 80" | grep LISTEN
		getent passwd site | grep :/srv/site:/usr/sbin/nologin
		test "$(stat -c %U:%a /srv/site)" = site:755
		grep "$1" /etc/nginx/sites-enabled/site
		nginx -t
		dpkg-query -W
		find /etc -type f -exec sha256sum {} +' sh "$site" >"checks$1"
	kill -KILL "$leader"
	wait $! || true
	for g in $groups; do find "$g/$name-$1" -depth -type d -exec rmdir {} \;; done
}

overlay layers/4 layers/3 layers/2 layers/1
if [ -n "$gates" ]; then
	gate 1
	umount root
	overlay layers/4 layers/3 layers/2 layers/1
fi

# What must not be in an image.
rm -rf root/var/lib/apt/lists/* root/var/cache/apt/*.bin root/var/cache/apt/archives/*.deb root/etc/ssh/ssh_host_* \
	root/var/lib/systemd/random-seed root/root/.bash_history root/var/lib/dhcp/*.leases
: > root/etc/machine-id

tar --sort=name --numeric-owner --xattrs --xattrs-include='*' -C root -cf - . | zstd -q -f -1 -T0 -o byhand.tar.zst
umount root

if [ -n "$gates" ]; then
	mkdir fresh
	zstd -dcq byhand.tar.zst | tar -x --numeric-owner --xattrs --xattrs-include='*' -C fresh -f -
	mount --bind fresh root
	gate 2
	umount root
	rm -rf fresh
fi
