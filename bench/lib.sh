# Shell functions of run.sh.

GO=${GO:-go}
ROUNDS=${ROUNDS:-5}
top=$PWD
pm=$top/proofmark
dir=

say() { printf '\n%s\n' "$*"; }

prepare() {
	[ "$(id -u)" = 0 ] || { echo 'bench: only root can mount, and run machines by hand' >&2; exit 1; }
	archive=$(realpath "${PROOFMARK_TEST_BASE:-build/base.tar}")
	dir=$(mktemp -d "${BENCH_DIR:-/var/tmp}/proofmark-bench.XXXXXX")
	trap finish EXIT
	trap 'exit 130' INT TERM
	place
	export PROOFMARK_HOME="$dir/home" TMPDIR="$dir/tmp"
	mkdir -p "$dir/tmp" "$dir/base"
	$GO build -o "$dir/turns" ./bench/turns
	base
	echo "$(nproc) processors, Linux $(uname -r), $(df --output=fstype "$dir" | tail -1), $(systemd-nspawn --version | head -1), $(buildah --version)"
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
	tar -C "$dir/base" --numeric-owner --xattrs --xattrs-include='*' -xf "$archive"
	cp bench/mirror.sh "$dir/base/root/mirror.sh"
	cp -L /etc/resolv.conf "$dir/base/etc/resolv.conf"
	systemd-nspawn --quiet --register=no --keep-unit --resolv-conf=off --console=pipe --directory="$dir/base" --as-pid2 \
		/bin/sh /root/mirror.sh >"$dir/mirror.log" 2>&1 || { cat "$dir/mirror.log" >&2; exit 1; }
	rm "$dir/base/root/mirror.sh" "$dir/base/etc/resolv.conf"
	tar --numeric-owner --xattrs --xattrs-include='*' -C "$dir/base" -cf - . | zstd -q -3 -T0 -o "$dir/base.tar.zst"
	c=$(b from scratch)
	b add --quiet "$c" "$dir/base.tar.zst" / >/dev/null
	b commit --quiet --rm "$c" bench-base >/dev/null
}

b() { buildah --root "$dir/buildah" --runroot "$dir/buildah-run" --storage-driver overlay "$@"; }

build() { # VAR...: the command line of a build
	printf '%s build -color=false -var base=%s' "$pm" "$dir/base.tar.zst"
	for v; do printf " -var '%s'" "$v"; done
	printf ' %s/bench/image' "$top"
}

turns() { "$dir/turns" -n "$ROUNDS" "$@"; }

# The parts.

part_build() {
	say 'Four steps from a warm base to an archive'
	sh -c "$(build run=0)" >/dev/null
	turns -reports "$PROOFMARK_HOME/reports" \
		"proofmark: $(build run=a{n})" \
		"by hand: bench/byhand.sh $dir a{n} bench.example" \
		"buildah: bench/buildah.sh $dir a{n} bench.example $dir/buildah.tar"
	printf '  archives in MB: '
	du -m --apparent-size "$(ls "$PROOFMARK_HOME"/images/bench/*/*.tar.zst | head -1)" "$dir/byhand.tar.zst" "$dir/buildah.tar" |
		awk '{ printf "%s %s  ", $1, $2 } END { print "" }' | sed 's#/[^ ]*/##g'
	say 'The gates alone: nothing but a check has changed'
	turns "proofmark: $(build run=0 proof={n})"
}

part_services() {
	say 'The same with services started while the steps run'
	sh -c "$(build run=0 services=true)" >/dev/null
	turns -reports "$PROOFMARK_HOME/reports" "proofmark: $(build run=b{n} services=true)"
}

part_last() {
	say 'Last of four steps changed'
	sh -c "$(build run=0)" >/dev/null
	bench/byhand.sh "$dir" 0 bench.example >/dev/null 2>&1
	bench/buildah.sh "$dir" 0 bench.example >/dev/null 2>&1
	turns -reports "$PROOFMARK_HOME/reports" \
		"proofmark: $(build run=0 site=c{n}.example)" \
		"by hand, with gates: bench/byhand.sh $dir 0 c{n}.example last gates" \
		"buildah: bench/buildah.sh $dir 0 c{n}.example $dir/buildah.tar"
}

part_same() {
	say 'Nothing changed'
	sh -c "$(build run=0)" >/dev/null
	bench/buildah.sh "$dir" 0 bench.example >/dev/null 2>&1
	files "$PROOFMARK_HOME" >"$dir/before"
	turns "proofmark: $(build run=0)" "buildah: bench/buildah.sh $dir 0 bench.example"
	files "$PROOFMARK_HOME" >"$dir/after"
	echo "  files written or removed by proofmark: $(diff "$dir/before" "$dir/after" | grep -c '^[<>]' || true)"
}

# files lists all files with what shows that they were written.
files() { find "$1" -printf '%p %i %s %T@ %C@\n' | sort; }

part_start() {
	say 'Start-up'
	turns -n 20 "version: $pm version" "validate: $pm validate -var base=$dir/base.tar.zst -var run=0 bench/image"
}

part_memory() {
	say 'Memory of a build whose image has 1 GiB more, that does not compress'
	turns -n 1 "proofmark: exec $(build run=0 | sed "s#bench/image#bench/large.pkr.hcl#")"
}

part_many() {
	say '20 builds at the same time'
	state >"$dir/before"
	for i in $(seq 20); do
		sh -c "$(build run=0 "site=d$i.example" image="many$i")" >"$dir/many$i.log" 2>&1 &
		pids="${pids-} $!"
	done
	bad=0
	for p in $pids; do wait "$p" || bad=$((bad + 1)); done
	state >"$dir/after"
	echo "  failed: $bad; images: $("$pm" images list | grep -c '^many'); left behind: $(diff "$dir/before" "$dir/after" | grep -c '^>' || true)"
	diff "$dir/before" "$dir/after" | grep '^>' || true
	[ "$bad" = 0 ] || tail -n 5 "$dir"/many*.log
}

# state lists what a build makes on a machine.
state() {
	findmnt -rno TARGET | grep -F "$PROOFMARK_HOME" || true
	ls "$PROOFMARK_HOME/machines" "$PROOFMARK_HOME/ledger"
	ls /run/netns 2>/dev/null | grep '^pm' || true
	ip -br link | awk '/^pm/ { print "link", $1 }'
	nft list tables | grep ' pm' || true
	find /sys/fs/cgroup -type d -name 'pm*' || true
	ps -e -o args | grep -F "$PROOFMARK_HOME" | grep -v grep || true
}
