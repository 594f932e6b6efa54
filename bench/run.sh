#!/bin/sh
# run.sh [PART...]: what whole commands cost, side by side with a script and with
# buildah doing the same on this machine, in turn. Parts: build services last same
# start validate memory disk many
# verify qemu disks prove; all without one. Needs root. ROUNDS (5) is the number of rounds,
# PROOFMARK_TEST_BASE the base archive (build/base.tar), BENCH_DIR where all files go,
# SLOW_ROUNDS (1) the number of rounds beside ServerSpec over SSH (0: none) and of
# what boots virtual machines, BENCH_ACCELERATOR theirs (what works), GOSS the goss to run.
#
# Packages come from a mirror inside the base, so that the network's speed is in no
# number.
set -eu
cd "$(dirname "$0")/.."
. bench/lib.sh
. bench/parts.sh
. bench/verify.sh
. bench/vm.sh

[ $# -gt 0 ] || set -- build services last same start validate memory disk many verify qemu disks prove
prepare
for part; do
	case $part in build | services | last | same | start | memory | many) base; break ;; esac
done
for part; do "part_$part"; done
