package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Packed is optional on what Options.Probe returns: the program as one gzip stream.
// It then goes to the machine in the same command that runs it.
type Packed interface {
	Packed() []byte
}

// pipedScript unpacks the probe from standard input into the first directory that
// programs run from, and becomes it. It says which machine this is where that is not
// the wanted one, and says nothing where anything else is in the way: then the steps
// are gone one by one, which find out what. %[1]s is what uname says, %[2]s the name of
// the file, %[3]d the size of what comes, %[4]s the arguments of the probe, whose commands
// get the umask of the login.
//
// The file that was made, with noclobber, is the one that the program is written into:
// were it removed in between, somebody who watches /tmp could put one of their own there.
//
// Reading ahead does no harm: nothing else is sent before the probe has greeted.
const pipedScript = `u=$(umask); umask 077; set -C
m=$(uname -sm) || exit 0
case $m in Linux\ *) m=${m#* };; *) exit 0;; esac
case $m in %[1]s) ;; *) echo "proofmark: arch $m" >&2; exit 0;; esac
command -v gzip >/dev/null && command -v head >/dev/null || exit 0
for d in /run /tmp /var/tmp /dev/shm "$HOME"; do
  [ -n "$d" ] && [ -d "$d" ] || continue
  case $d in *[!a-zA-Z0-9/._-]*) continue;; esac
  f=$d/%[2]s
  { printf '#!/bin/sh\nexit 0\n' >"$f"; } 2>/dev/null || continue
  { chmod 700 "$f" && "$f"; } 2>/dev/null || { rm -f "$f"; continue; }
  trap 'rm -f "$f"' EXIT; trap 'exit 143' HUP TERM
  head -c %[3]d | gzip -dc >|"$f" && umask "$u" && exec "$f" serve --unlink%[4]s
  exit 0
done`

// startPiped brings a probe into the machine and starts it by one command. A *goneError
// says that it has to be tried step by step.
func startPiped(ctx context.Context, c machine.Communicator, o Options, name string, args []string) (*remote, error) {
	r, err := pipeProbe(ctx, c, o, name, args, runtime.GOARCH) // a guess
	var gone *goneError
	if errors.As(err, &gone) {
		if _, arch, ok := strings.Cut(gone.said, "proofmark: arch "); ok {
			r, err = pipeProbe(ctx, c, o, name, args, goarch(strings.TrimSpace(arch)))
		}
	}
	return r, err
}

func pipeProbe(ctx context.Context, c machine.Communicator, o Options, name string, args []string, arch string) (*remote, error) {
	if o.Probe == nil || unames[arch] == "" {
		return nil, &goneError{why: "no probe for " + arch}
	}
	program, err := o.Probe(arch)
	if err != nil {
		return nil, &goneError{why: err.Error()}
	}
	defer program.Close()
	p, ok := program.(Packed)
	if !ok {
		return nil, &goneError{why: "the probe is not packed"}
	}
	packed := p.Packed()
	line := fmt.Sprintf(pipedScript, unames[arch], name, len(packed), quoted(args))
	r, err := launch(ctx, func(ctx context.Context, stdin *os.File, stdout, stderr io.Writer) (int, error) {
		return c.Run(ctx, machine.Command{Line: o.asUser(line), User: o.User, Stdin: stdin, Stdout: stdout, Stderr: stderr})
	}, packed, o.Asking)
	anywhere := func(ctx context.Context) { remove(ctx, c, o.User, everywhere(name)) }
	if err != nil {
		if !errors.Is(err, machine.ErrBecome) && !strings.Contains(err.Error(), "proofmark: arch ") { // which made nothing
			anywhere(ctx)
		}
		return nil, err
	}
	r.remove = func() { anywhere(context.Background()) }
	return r, nil
}

// unames are the words of uname -m for architectures that probes are built for, as a
// pattern of a shell.
var unames = map[string]string{"amd64": "x86_64", "arm64": "aarch64", "386": "i?86", "arm": "armv*"}

// everywhere is the names that a file of ours may have got in the machine.
func everywhere(name string) string {
	return fmt.Sprintf(`/run/%[1]s /tmp/%[1]s /var/tmp/%[1]s /dev/shm/%[1]s "$HOME/%[1]s"`, name)
}

func quoted(args []string) string {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(" " + machine.Quote(a))
	}
	return b.String()
}
