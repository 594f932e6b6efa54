#!/bin/sh
# check.sh: what must hold before a commit. The first thing that is wrong ends it.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
wrong=$("$("$GO" env GOROOT)/bin/gofmt" -l $(git ls-files -co --exclude-standard '*.go'))
if [ -n "$wrong" ]; then
	printf 'Run gofmt -w on:\n%s\n' "$wrong"
	exit 1
fi
"$GO" vet ./...
"$GO" tool staticcheck ./...
"$GO" run ./scripts/licences
CGO_ENABLED=1 "$GO" test -race -short ./...
