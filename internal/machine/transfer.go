package machine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// Transfer says how a tree is moved. The zero value works.
type Transfer struct {
	// Begin is called once with the number of content bytes to come, 0 when it is
	// not known; the function it returns is called with every part that was moved.
	Begin func(total int64) (moved func(n int64))
	// Incoming is the name, in the directory that a tree comes to, of a directory
	// that it arrives in, and that is not there yet. Empty for any.
	Incoming string
	// Warn is told what was left out.
	Warn func(format string, args ...any)
}

func (t Transfer) begin(total int64) func(n int64) {
	if t.Begin == nil {
		return func(int64) {}
	}
	return t.Begin(total)
}

func (t Transfer) warn(format string, args ...any) {
	if t.Warn != nil {
		t.Warn(format, args...)
	}
}

// Exit statuses of the scripts below, in a range that neither a shell nor tar uses.
const (
	exitNoParent = 71 + iota
	exitNoSource
	exitNoMatch
)

// PutTree copies what the host directory src holds into the directory dst in the
// machine, in one stream through tar, or file by file where the machine has none. dst is made if its parent exists; what it
// holds already stays, unless src has something of the same name. Files become
// 0644, or 0755 when their owner may execute them, and belong to the
// communicator's user; directories that have to be made are 0755, those that are
// there keep their mode. Links that stay inside src are copied as links; for
// those that lead out of it, what they lead to is copied.
//
// dst is not whole when PutTree fails.
func PutTree(ctx context.Context, c Communicator, src, dst string, t Transfer) error {
	total, dirs, err := survey(src)
	if err != nil {
		return fmt.Errorf("read %s: %w", src, err)
	}
	moved := t.begin(total)

	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pr, pw := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		err := sendTree(pw, src, dirs, moved)
		pw.CloseWithError(err)
		if err != nil {
			// The machine would take the end of the stream for the end of the tree.
			cancel(err)
		}
		sent <- err
	}()
	var stderr Tail
	exit, err := c.Run(ctx, Command{
		Line:   putScript(dst),
		Env:    tarEnv(),
		Stdin:  pr,
		Stderr: &stderr,
	})
	pr.CloseWithError(errStopped)
	serr := <-sent
	switch {
	case serr != nil && !errors.Is(serr, errStopped):
		return fmt.Errorf("read %s: %w", src, serr)
	case err != nil:
		return fmt.Errorf("copy %s to %s: %w", src, dst, err)
	case exit == exitNoParent:
		return fmt.Errorf("copy %s to %s: directory %s is not there in the machine; make it in an earlier step: %w",
			src, dst, path.Dir(path.Clean(dst)), fs.ErrNotExist)
	case exit == exitNoTar:
		if err := putFiles(ctx, c, src, dst, moved); err != nil {
			return fmt.Errorf("copy %s to %s: %w", src, dst, err)
		}
		return nil
	case exit != 0:
		return fmt.Errorf("copy %s to %s: %w", src, dst, tarError(exit, &stderr))
	case serr != nil:
		return fmt.Errorf("copy %s to %s: tar in the machine stopped before the end", src, dst)
	}
	return nil
}

// tarEnv keeps messages as they are known and cd where it is sent.
func tarEnv() map[string]string { return map[string]string{"LC_ALL": "C", "CDPATH": ""} }

// errStopped ends the sender when the command no longer reads.
var errStopped = errors.New("the machine stopped reading")

// putScript reads names of directories to make, an empty line, and a tar archive.
// The archive has no entries for directories: tar would set the mode of those
// that exist (/tmp!), and replace links to directories (/bin → usr/bin).
func putScript(dst string) string {
	dst = path.Clean(dst)
	return fmt.Sprintf(`umask 022
[ -d %[1]s ] || { [ -d %[2]s ] || exit %[3]d; mkdir %[1]s || exit; }
cd %[1]s || exit
set --
while IFS= read -r d && [ -n "$d" ]; do
	set -- "$@" "./$d"
	[ $# -lt 200 ] || { mkdir -p "$@" || exit; set --; }
done
[ $# = 0 ] || mkdir -p "$@" || exit
exec tar -xmof -`, Quote(dst), Quote(path.Dir(dst)), exitNoParent)
}

// GetTree copies the directory src in the machine into the host directory dst,
// which is made with its parents if it is not there. The last element of src may
// hold the wildcards *, ? and [...]: then what matches is copied instead. The
// machine is not trusted: nothing outside dst is read or written, whatever it
// sends. Nothing in dst changes before everything has arrived. Links that stay
// inside the tree are copied; other links and special files are left out with a
// warning. Of the modes only the executable bit is kept. The error is
// fs.ErrNotExist when src is not there or nothing matches.
func GetTree(ctx context.Context, c Communicator, src, dst string, t Transfer) error {
	script, err := getScript(src)
	if err != nil {
		return fmt.Errorf("copy %s from the machine: %w", src, err)
	}
	moved := t.begin(0)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pr, pw := io.Pipe()
	defer pr.Close()
	var exit int
	var stderr Tail
	ran := make(chan error, 1)
	go func() {
		n, err := c.Run(ctx, Command{
			Line:   script,
			Env:    tarEnv(),
			Stdout: pw,
			Stderr: &stderr,
		})
		if exit = n; err == nil && exit != 0 {
			switch {
			case onlyChanged(exit, stderr.String()):
				t.warn("copied while it changed: %s", stderr.String())
			case exit == exitNoTar:
				err = packFiles(ctx, c, src, pw)
			default:
				err = tarError(exit, &stderr)
			}
		}
		// The receiver must not take a broken stream for a whole one.
		pw.CloseWithError(err)
		ran <- err
	}()
	rerr := receiveTree(pr, dst, t.Incoming, moved, t.warn)
	if rerr != nil {
		cancel(rerr)
		pr.CloseWithError(rerr)
	}
	err = <-ran
	switch {
	case err != nil && exit == exitNoSource:
		return fmt.Errorf("copy %s from the machine: no such directory: %w", src, fs.ErrNotExist)
	case err != nil && exit == exitNoMatch:
		return fmt.Errorf("copy %s from the machine: nothing matches: %w", src, fs.ErrNotExist)
	case rerr != nil:
		return fmt.Errorf("copy %s from the machine: %w", src, rerr)
	case err != nil:
		return fmt.Errorf("copy %s from the machine: %w", src, err)
	}
	return nil
}

func getScript(src string) (string, error) {
	dir, what := path.Clean(src), "."
	if HasWildcard(dir) {
		dir, what = path.Dir(dir), quoteGlob(path.Base(dir))
		if HasWildcard(dir) {
			return "", errors.New("wildcards may stand only in the last element")
		}
	}
	return fmt.Sprintf(`[ -d %[1]s ] || exit %[2]d
cd %[1]s || exit
set -- %[3]s
[ -e "$1" ] || [ -L "$1" ] || exit %[4]d
exec tar -cf - -- "$@"`, Quote(dir), exitNoSource, what, exitNoMatch), nil
}

// HasWildcard tells whether GetTree takes the path for a pattern.
func HasWildcard(p string) bool { return strings.ContainsAny(p, "*?[") }

// onlyChanged tells whether tar failed only because files changed while it read
// them, as logs do.
func onlyChanged(exit int, stderr string) bool {
	if exit != 1 || stderr == "" {
		return false
	}
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, "as we read it") && !strings.Contains(line, "before we read it") {
			return false
		}
	}
	return true
}

func tarError(exit int, stderr *Tail) error {
	if s := stderr.String(); s != "" {
		return fmt.Errorf("status %d: %s", exit, s)
	}
	return fmt.Errorf("status %d", exit)
}
