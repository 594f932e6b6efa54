# Shell functions of run.sh: virtual machines and disks. SLOW_ROUNDS is the number of rounds
# of what boots machines.

machines=
accelerator=${BENCH_ACCELERATOR:-}

# machines_base makes, once, a tree with a kernel and a mirror of the packages that the
# steps install, its archive, and the disk that builds of virtual machines start from.
machines_base() {
	[ -z "$machines" ] || return 0
	machines=$dir/machines
	mkdir -p "$machines/tree"
	tar -C "$machines/tree" --numeric-owner --xattrs --xattrs-include='*' -xf "$(realpath "${PROOFMARK_TEST_DISK_BASE:-build/disk-base.tar}")"
	mirror "$machines/tree"
	ssh-keygen -q -t ed25519 -N '' -C bench -f "$machines/key"
	bench/vm/furnish.sh "$machines/tree" "$machines/key.pub"
	tar --numeric-owner --xattrs --xattrs-include='*' -C "$machines/tree" -cf - . | zstd -q -3 -T0 -o "$machines/base.tar.zst"
	"$pm" build -color=false -var "base=$machines/base.tar.zst" -var "output=$machines/start" bench/vm/start.pkr.hcl >"$machines/start.log" 2>&1 ||
		{ cat "$machines/start.log" >&2; exit 1; }
	if [ -z "$accelerator" ]; then
		accelerator=tcg
		! "$pm" doctor | grep -q '^ *ok .*(KVM)' || accelerator=kvm
	fi
	# Packer does not know the option that leaves the boots for the proof out.
	sed '/^  headless /a\  prove_boot           = var.boot' bench/vm/web.pkr.hcl >"$machines/ours.pkr.hcl"
	echo 'variable "boot" { type = bool }' >>"$machines/ours.pkr.hcl"
	echo "$(qemu-system-x86_64 --version | head -1), accelerator $accelerator, packer $(packer version | sed -n 's/^Packer v//p' | head -1)"
}

slow() { "$dir/turns" -n "${SLOW_ROUNDS:-1}" "$@"; }

web() { # OUTPUT RUN SITE: variables of the template for both
	printf -- "-var 'start=%s' -var 'key=%s' -var 'steps=%s' -var 'accelerator=%s' -var 'output=%s' -var 'run=%s' -var 'site=%s'" \
		"$machines/start/bench-start.qcow2" "$machines/key" "$top/bench/image" "$accelerator" "$1" "$2" "$3"
}

packed() { # RUN SITE
	printf 'rm -rf %s && CHECKPOINT_DISABLE=1 packer build -color=false %s %s' "$machines/packed" "$(web "$machines/packed" "$1" "$2")" "$top/bench/vm/web.pkr.hcl"
}

ours() { # BOOT RUN SITE
	printf '%s build -color=false -force -var boot=%s %s %s' "$pm" "$1" "$(web "$machines/ours" "$2" "$3")" "$machines/ours.pkr.hcl"
}

onto_disk() { # BOOT RUN SITE [PROOF]
	printf "%s build -color=false -var base=%s -var steps=%s -var boot=%s -var 'run=%s' -var 'site=%s' -var 'proof=%s' %s" \
		"$pm" "$machines/base.tar.zst" "$top/bench/image" "$1" "$2" "$3" "${4:-0}" "$top/bench/vm/disk.pkr.hcl"
}

part_qemu() {
	machines_base
	say 'The four steps on a virtual machine (goal: cold no slower than Packer)'
	slow "proofmark: $(ours false 'a{n}' bench.example)" "packer: $(packed 'a{n}' bench.example)"
	say 'The same with the boots that prove the disk, which Packer has not'
	slow "proofmark: $(ours true 'p{n}' bench.example)"
	say 'Last of the four steps changed (goal: at least 5 times faster than Packer, which begins anew: its numbers are above)'
	slow "proofmark: $(ours false a1 'c{n}.example')"
	say 'Nothing changed (goal: under 1 s)'
	sh -c "$(ours false a1 bench.example)" >/dev/null
	turns "proofmark: $(ours false a1 bench.example)"
}
