# Shell functions of run.sh.

GO=${GO:-go}
ROUNDS=${ROUNDS:-5}
top=$PWD
pm=$top/proofmark
dir=

say() { printf '\n%s\n' "$*"; }

prepare() {
	[ "$(id -u)" = 0 ] || { echo 'bench: only root can mount, and run machines by hand' >&2; exit 1; }
	dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/proofmark-bench.XXXXXX")
	trap finish EXIT
	trap 'exit 130' INT TERM
	place
	export PROOFMARK_HOME="$dir/home" TMPDIR="$dir/tmp"
	mkdir -p "$dir/tmp"
	$GO build -o "$dir/turns" ./bench/turns
	echo "$(nproc) processors, Linux $(uname -r), $(df --output=fstype "$dir" | tail -1)"
}

# place keeps the measured files off an ext4 without a journal: after files were
# removed there, making others is many times slower for a while, whoever does it.
place() {
	dev=$(df --output=source "$dir" | tail -1)
	task=/sys/fs/ext4/${dev#/dev/}/journal_task
	if [ "$(cat "$task" 2>/dev/null)" = '<none>' ]; then
		truncate -s 40G "$dir/disk"
		mkfs.ext4 -q -F -E nodiscard "$dir/disk"
		mkdir "$dir/mount"
		mount -o loop "$dir/disk" "$dir/mount"
		outer=$dir dir=$dir/mount
	fi
}

finish() {
	trap - EXIT
	cd /
	for pid in "$dir"/specs/*.pid; do
		[ ! -f "$pid" ] || kill "$(cat "$pid")" || true
	done
	if [ -d "$dir/buildah" ]; then
		buildah --root "$dir/buildah" --runroot "$dir/buildah-run" --storage-driver overlay rm --all >/dev/null 2>&1 || true
		umount "$dir/buildah/overlay" 2>/dev/null || true
	fi
	if [ -n "${outer-}" ]; then
		umount "$dir" || umount -l "$dir"
		dir=$outer
	fi
	rm -rf "$dir"
}

# base makes, from the archive, one that holds a mirror of the packages that the
# steps install; as an archive, as a tree and as a container image.
base() {
	echo "$(systemd-nspawn --version | head -1), $(buildah --version)"
	archive=$(realpath "${PROOFMARK_TEST_BASE:-build/base.tar}")
	mkdir -p "$dir/base"
	tar -C "$dir/base" --numeric-owner --xattrs --xattrs-include='*' -xf "$archive"
	mirror "$dir/base"
	tar --numeric-owner --xattrs --xattrs-include='*' -C "$dir/base" -cf - . | zstd -q -3 -T0 -o "$dir/base.tar.zst"
	c=$(b from scratch)
	b add --quiet "$c" "$dir/base.tar.zst" / >/dev/null
	b commit --quiet --rm "$c" bench-base >/dev/null
}

# mirror puts the packages that the steps install into a tree.
mirror() { # TREE
	cp bench/mirror.sh "$1/root/mirror.sh"
	cp -L /etc/resolv.conf "$1/etc/resolv.conf"
	systemd-nspawn --quiet --register=no --keep-unit --resolv-conf=off --console=pipe --directory="$1" --as-pid2 \
		--setenv=http_proxy="${http_proxy-$(apt-config dump --format '%v' Acquire::http::Proxy)}" /bin/sh /root/mirror.sh >"$dir/mirror.log" 2>&1 || { cat "$dir/mirror.log" >&2; exit 1; }
	rm "$1/root/mirror.sh" "$1/etc/resolv.conf"
}

b() { buildah --root "$dir/buildah" --runroot "$dir/buildah-run" --storage-driver overlay "$@"; }

build() { # VAR...: the command line of a build
	printf '%s build -color=false -var base=%s' "$pm" "$dir/base.tar.zst"
	for v; do printf " -var '%s'" "$v"; done
	printf ' %s/bench/image' "$top"
}

turns() { "$dir/turns" -n "$ROUNDS" "$@"; }
