# Shell functions of run.sh: one for each part. Goals are those of the project.

part_build() {
	say 'Four steps from a warm base to an archive (goal: without gates at most 1.1 times by hand, and no slower than buildah)'
	sh -c "$(build run=0)" >/dev/null
	turns -reports "$PROOFMARK_HOME/reports" \
		"proofmark: $(build run=a{n})" \
		"by hand: bench/byhand.sh $dir a{n} bench.example" \
		"buildah: bench/buildah.sh $dir a{n} bench.example $dir/buildah.tar"
	printf '  archives in MB: '
	du -m --apparent-size "$(ls "$PROOFMARK_HOME"/images/bench/*/*.tar.zst | head -1)" "$dir/byhand.tar.zst" "$dir/buildah.tar" |
		awk '{ printf "%s %s  ", $1, $2 } END { print "" }' | sed 's#/[^ ]*/##g'
	say 'The gates alone: nothing but a check has changed (the CPU seconds above include these)'
	turns "proofmark: $(build run=0 proof={n})"
}

part_services() {
	say 'The same with services started while the steps run'
	sh -c "$(build run=0 services=true)" >/dev/null
	turns -reports "$PROOFMARK_HOME/reports" "proofmark: $(build run=b{n} services=true)"
}

part_last() {
	say 'Last of four steps changed (goal: at most 1.3 times by hand, without gates no slower than buildah, 0.4 s up to the capture)'
	sh -c "$(build run=0)" >/dev/null
	bench/byhand.sh "$dir" 0 bench.example >/dev/null 2>&1
	bench/buildah.sh "$dir" 0 bench.example >/dev/null 2>&1
	turns -reports "$PROOFMARK_HOME/reports" \
		"proofmark: $(build run=0 site=c{n}.example)" \
		"by hand, with gates: bench/byhand.sh $dir 0 c{n}.example last gates" \
		"buildah: bench/buildah.sh $dir 0 c{n}.example $dir/buildah.tar"
}

part_same() {
	say 'Nothing changed (goal: under 0.2 s, nothing written)'
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
	say 'Start-up (goal: version under 0.020 s)'
	turns -n 20 "version: $pm version" "validate: $pm validate -var base=$dir/base.tar.zst -var run=0 bench/image"
}

part_validate() {
	say 'Validating, beside packer (goal: under 0.030 s, and 3 times faster)'
	turns -n 20 "proofmark: $pm validate bench/validate.pkr.hcl" "packer: CHECKPOINT_DISABLE=1 packer validate bench/validate.pkr.hcl"
	turns -n 20 "proofmark, JSON: $pm validate bench/validate.json" "packer, JSON: CHECKPOINT_DISABLE=1 packer validate bench/validate.json"
	say '1,000 templates at once (goal: under 10 s)'
	mkdir -p "$dir/many"
	for i in $(seq 500); do
		cp bench/validate.json "$dir/many/$i.json"
		cp bench/validate.pkr.hcl "$dir/many/$i.pkr.hcl"
	done
	turns -n 3 "proofmark: $pm validate $dir/many/*"
}

part_memory() {
	say 'An image with 1 GiB more, that does not compress (goal: under 150 MiB of memory)'
	turns -n 1 "proofmark: exec $(build run=0 | sed "s#bench/image#bench/large.pkr.hcl#")"
}

# part_disk needs the archive of a tree with a kernel.
part_disk() {
	say 'A tree to a qcow2 that boots (goal: at most 1.3 times mkfs.ext4 -d and qemu-img convert)'
	mkdir -p "$dir/bootable"
	tar -C "$dir/bootable" --numeric-owner -xf "$(realpath "${PROOFMARK_TEST_DISK_BASE:-build/disk-base.tar}")"
	$GO test -c -o "$dir/rootfs.test" ./internal/machine/rootfs
	make="exec $dir/rootfs.test -test.run=NONE -test.bench=TreeToDisk -test.benchtime=1x"
	turns "proofmark: PROOFMARK_BENCH_TREE=$dir/bootable $make" "by hand: bench/disk.sh $dir/bootable $dir"
	say 'The same on a disk of 10 GiB, with 1 GiB more in it (goal: under 150 MiB of memory; the largest process is qemu-img)'
	head -c 1G /dev/urandom >"$dir/bootable/srv/large"
	turns -n 1 "proofmark: PROOFMARK_BENCH_SIZE=10G PROOFMARK_BENCH_TREE=$dir/bootable $make"
}

part_many() {
	say '20 builds at the same time (goal: all end well)'
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
	ls "$PROOFMARK_HOME/machines" "$PROOFMARK_HOME/ledger" 2>/dev/null || true
	ls /run/netns 2>/dev/null | grep '^pm' || true
	ip -br link | awk '/^pm/ { print "link", $1 }'
	nft list tables | grep ' pm' || true
	find /sys/fs/cgroup -type d -name 'pm*' || true
	ps -e -o args | grep -F "$PROOFMARK_HOME" | grep -v grep || true
}
