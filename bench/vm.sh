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

slow_rounds=${SLOW_ROUNDS:-1}
[ "$slow_rounds" != 0 ] || slow_rounds=1 # that is for what can be left out
slow() { "$dir/turns" -n "$slow_rounds" "$@"; }

web() { # OUTPUT RUN SITE: variables of the template for both
	printf -- "-var 'start=%s' -var 'key=%s' -var 'steps=%s' -var 'accelerator=%s' -var 'output=%s' -var 'run=%s' -var 'site=%s'" \
		"$machines/start/bench-start.qcow2" "$machines/key" "$top/bench/image" "$accelerator" "$1" "$2" "$3"
}

packed() { # RUN SITE
	printf 'rm -rf %s && CHECKPOINT_DISABLE=1 PACKER_CACHE_DIR=%s packer build -color=false %s %s' "$machines/packed" "$machines/cache" "$(web "$machines/packed" "$1" "$2")" "$top/bench/vm/web.pkr.hcl"
}

ours() { # BOOT RUN SITE
	printf '%s build -color=false -force -var boot=%s %s %s' "$pm" "$1" "$(web "$machines/ours" "$2" "$3")" "$machines/ours.pkr.hcl"
}

onto_disk() { # BOOT RUN SITE [PROOF]
	printf "%s build -color=false -var base=%s -var steps=%s -var boot=%s -var 'run=%s' -var 'site=%s' -var 'proof=%s' %s" \
		"$pm" "$machines/base.tar.zst" "$top/bench/image" "$1" "$2" "$3" "${4:-0}" "$top/bench/vm/disk.pkr.hcl"
}

# packer_before measures Packer, unless a part before has.
packer_before() {
	[ -f "$machines/packer.cost" ] || slow -save "$machines/packer.cost" "packer: $(packed 'a{n}' bench.example)"
}

part_qemu() {
	machines_base
	say 'The four steps on a virtual machine (goal: cold no slower than Packer)'
	slow -before "$pm cache prune --all" -save "$machines/packer.cost" -reports "$PROOFMARK_HOME/reports" \
		"proofmark: $(ours false 'a{n}' bench.example)" "packer: $(packed 'a{n}' bench.example)"
	say 'Last of the four steps changed (goal: at least 5 times faster; Packer begins anew)'
	sh -c "$(ours false z bench.example)" >/dev/null # for its layers
	slow -reports "$PROOFMARK_HOME/reports" -beside "$machines/packer.cost" "proofmark: $(ours false z 'c{n}.example')"
	say 'Nothing changed (goal: under 1 s)'
	turns -beside "$machines/packer.cost" "proofmark: $(ours false z "c$slow_rounds.example")"
	say 'The disk taken once more and proven by two boots, which Packer has not: to be added to each of the above'
	slow -n 1 "proofmark: $(ours true z "c$slow_rounds.example")"
}

part_disks() {
	machines_base
	say 'The same image as a disk, from a tree (goal: no slower than debos or mkosi)'
	mkdir -p "$machines/debos" "$machines/mkosi"
	zstd -qdc "$machines/base.tar.zst" >"$machines/debos/base.tar"
	bench/vm/baseraw.sh "$machines/tree" "$machines/mkosi/base.raw"
	sh -c "$(onto_disk false 0 bench.example)" >/dev/null
	turns -reports "$PROOFMARK_HOME/reports" "proofmark: $(onto_disk false 'a{n}' bench.example)" \
		"debos: bench/vm/debos.sh $machines/debos a{n} bench.example" \
		"mkosi, no boot loader: bench/vm/mkosi.sh $machines/mkosi a{n} bench.example"
	packer_before
	say "Cold (goal: at least 10 times faster than Packer's virtual machine)"
	turns -reports "$PROOFMARK_HOME/reports" -beside "$machines/packer.cost" "proofmark: $(onto_disk false 'b{n}' bench.example)"
	say 'Last of the four steps changed (goal: at least 25 times faster)'
	turns -reports "$PROOFMARK_HOME/reports" -beside "$machines/packer.cost" "proofmark: $(onto_disk false 0 'c{n}.example')"
	say 'Nothing changed (goal: at least 200 times faster)'
	turns -beside "$machines/packer.cost" "proofmark: $(onto_disk false 0 "c$ROUNDS.example")"
	say 'Last step changed, with the two boots that prove the disk, which the others have not; and nothing changed then'
	slow -beside "$machines/packer.cost" "proofmark: $(onto_disk true 0 'p{n}.example')"
	turns -beside "$machines/packer.cost" "proofmark: $(onto_disk true 0 "p$slow_rounds.example")"
}

# part_prove takes off what a build does before gate 2: one whose checks gate 1 refuses
# does that and no more.
part_prove() {
	machines_base
	say 'Two boots as a proof (goal: at most 1.2 times the CPU seconds of two bare boots of the same disk)'
	sh -c "$(onto_disk true 0 "p$slow_rounds.example")" >/dev/null
	slow -rest 'gate 2, two boots' "proofmark, both gates: $(onto_disk true 0 "p$slow_rounds.example" 'x{n}')" \
		"up to the end of gate 1: $(onto_disk true 0 "p$slow_rounds.example" 'y{n}; exit 1') -var image=bench-refused && exit 1 || [ \$? = 3 ]" \
		"bare boots: bench/vm/bare.sh $(ls -t "$PROOFMARK_HOME"/images/bench-disk/*/*.qcow2 | head -1) $accelerator $machines"
}
