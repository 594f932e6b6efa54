package verify

import (
	"context"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// place is where a probe can be put, and which one.
type place struct {
	arch string   // GOARCH name
	dirs []string // in which a program of ours was run
}

// findScript tries directories by running a program from them: mount options do
// not tell all that forbids it. %[1]s is the name of the file. Noclobber keeps it
// from following a link that somebody else has planted.
const findScript = `umask 077; set -C
echo "proofmark: arch $(uname -m) $(uname -s)"
for d in /run /tmp /var/tmp /dev/shm "$HOME"; do
  [ -n "$d" ] && [ -d "$d" ] || continue
  f=$d/%[1]s
  case $d in *[!a-zA-Z0-9/._-]*) continue;; esac
  if ! { printf '#!/bin/sh\nexit 0\n' >"$f"; } 2>/dev/null; then
    echo "proofmark: no $d cannot be written"
  elif chmod 700 "$f" && "$f"; then
    echo "proofmark: dir $d"
  else
    echo "proofmark: no $d forbids running programs (noexec)"
  fi 2>/dev/null
  rm -f "$f"
done`

// findPlace looks for directories from which programs can be run. What a login shell
// does before it runs a command, its start files say, which may not end.
func findPlace(ctx context.Context, c machine.Communicator, name string) (place, error) {
	out, errs := &excerpt{limit: 64 << 10}, &excerpt{limit: 2 << 10}
	limited, cancel := context.WithTimeoutCause(ctx, startLimit,
		fmt.Errorf("no shell answers within %v: look what the start files of the login (.profile, .bashrc) wait for", startLimit))
	defer cancel()
	exit, err := c.Run(limited, machine.Command{Line: fmt.Sprintf(findScript, name), Stdout: out, Stderr: errs, Passive: true})
	if err != nil && limited.Err() != nil {
		err = context.Cause(limited)
	}
	if err != nil && out.String() == "" { // not even begun, so nothing is to be removed
		return place{}, fmt.Errorf("look for a place for the probe: %w", err)
	}
	if err != nil {
		remove(ctx, c, "", everywhere(name))
		return place{}, fmt.Errorf("look for a place for the probe: %w", err)
	}
	p, why := parsePlace(out.String())
	switch {
	case p.arch == "" && why == "":
		return p, &goneError{why: fmt.Sprintf("cannot run a shell in the machine: exit status %d: %s", exit, errs), noShell: true}
	case len(p.dirs) == 0:
		return p, &goneError{why: "find no directory that the probe could run from: " + why + "; let the login write to one of them and run programs there"}
	}
	return p, nil
}

func parsePlace(out string) (p place, why string) {
	var refused []string
	for line := range strings.Lines(out) {
		_, said, ours := strings.Cut(strings.TrimSpace(line), "proofmark: ")
		verb, rest, _ := strings.Cut(said, " ")
		switch {
		case !ours:
		case verb == "arch":
			p.arch = goarch(rest)
		case verb == "dir":
			p.dirs = append(p.dirs, rest)
		case verb == "no":
			refused = append(refused, rest)
		}
	}
	return p, strings.Join(refused, ", ")
}

// goarch turns "x86_64 Linux" into a GOARCH name.
func goarch(uname string) string {
	machine, _, _ := strings.Cut(uname, " ")
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "i386", "i486", "i586", "i686":
		return "386"
	case "armv6l", "armv7l", "armv8l":
		return "arm"
	}
	return machine
}
