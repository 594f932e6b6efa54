#!/bin/sh
# check.sh: what must hold before a commit. The first thing that is wrong ends it.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
GORACE=${GORACE:-}
wrong=$("$("$GO" env GOROOT)/bin/gofmt" -l $(git ls-files -co --exclude-standard '*.go'))
if [ -n "$wrong" ]; then
	printf 'Run gofmt -w on:\n%s\n' "$wrong"
	exit 1
fi
"$GO" vet ./...
"$GO" tool staticcheck ./...
"$GO" run ./scripts/licences

# The tests write and sync many small files: in memory where there is room. The
# place has one name, for go to know a result again. vet has run already, and children
# of the tests need not wait a second for races after their end.
memory=/dev/shm/proofmark-check-$(id -u)
room=$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 { print int($4 / 1024) }')
if [ "${room:-0}" -ge 4096 ] && mkdir -p -m 0755 "$memory" 2>/dev/null && [ -O "$memory" ] && [ ! -L "$memory" ]; then
	export TMPDIR="$memory"
fi
CGO_ENABLED=1 GORACE="atexit_sleep_ms=0 $GORACE" "$GO" test -race -short -vet=off ./...
