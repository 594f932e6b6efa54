#!/bin/sh
# test.sh: every test. A skipped test counts as failed: make installs all that
# tests need. The last line is the count.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
export PROOFMARK_TEST_BASE="${PROOFMARK_TEST_BASE:-$PWD/build/base.tar}"
export PROOFMARK_TEST_DISK_BASE="${PROOFMARK_TEST_DISK_BASE:-$PWD/build/disk-base.tar}"
export PROOFMARK_TEST_GUEST="${PROOFMARK_TEST_GUEST:-$PWD/build/guest}"
export PROOFMARK_TEST_TARGET="${PROOFMARK_TEST_TARGET:-$PWD/build/target.tar}"
# As make build compiles: what both need is compiled once. Debuggers look at none of these.
export GOFLAGS="${GOFLAGS:-} -trimpath"
"$GO" build -o build/testsum ./scripts/testsum
# Packages run beside each other: tests that look for what is left behind know their own.
exec build/testsum "$GO" test -json -count=1 -timeout 30m -ldflags=-w ./...
