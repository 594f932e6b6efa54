package ssh

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Exit statuses of the scripts below, in a range that shells and cat do not use.
const (
	exitMissing = 71 + iota
	exitDirectory
	exitNoFile
	exitDenied
	exitNoParent
	exitCut
)

// putLine writes standard input to %[2]s beside its place and moves it there when %[3]s
// finds all of it. A link is followed, and a file that is replaced keeps its owner.
const putLine = `umask 077
f=%[1]s t=%[2]s
[ -L "$f" ] && { f=$(readlink -f "$f") || exit; t=${f%%/*}/${t##*/}; }
[ -d "$f" ] && exit 72
[ -d "${t%%/*}/" ] || exit 75
trap 'rm -f "$t"' EXIT
trap 'exit 143' HUP TERM
cat >"$t" || exit
%[3]s
[ -e "$f" ] && chown "$(stat -c %%u:%%g "$f")" "$t" 2>/dev/null
chmod %[4]o "$t" && mv -f "$t" "$f" && trap - EXIT`

// A connection that breaks looks like the end of what comes. So there is either as much as
// it should be (putWhole), or a text at the end (putEnding), which is cut off.
const (
	putWhole  = `[ $(wc -c <"$t") -eq %d ] || exit 76`
	putEnding = `e=%s
[ "$(tail -c ${#e} "$t" 2>/dev/null | tr '\000' ' ')" = "$e" ] || exit 76
n=$(wc -c <"$t") && dd if=/dev/null of="$t" bs=1 seek=$((n-${#e})) 2>/dev/null || exit`
)

// putAhead is how much is read before anything is sent, to know the size of small files: each
// program that a slow machine starts to find the end takes its time.
const putAhead = 64 << 10

// getLine prints a file.
const getLine = `f=%s
[ -d "$f" ] && exit 72
[ -e "$f" ] || exit 71
[ -f "$f" ] || exit 73
[ -r "$f" ] || exit 74
exec cat <"$f"`

// Put keeps the owner of a file that it replaces. Like every command it runs as the
// user logged in.
func (c *Communicator) Put(ctx context.Context, name string, mode fs.FileMode, r io.Reader) error {
	if c.o.SFTP {
		return c.sftpPut(ctx, name, mode, r)
	}
	name = fileName(name)
	in, all, err := untilEnd(ctx, r)
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	temp := path.Join(path.Dir(name), ".proofmark-put-"+strings.ToLower(rand.Text()))
	if !strings.Contains(temp, "/") {
		temp = "./" + temp
	}
	var stderr machine.Tail
	exit, err := c.run(ctx, machine.Command{
		Line:   fmt.Sprintf(putLine, machine.Quote(name), machine.Quote(temp), all, mode.Perm()),
		Env:    map[string]string{"LC_ALL": "C"},
		Stdin:  in,
		Stderr: &stderr, Passive: true,
	})
	switch {
	case err != nil && !errors.Is(err, machine.ErrUnreachable) && !errors.Is(err, machine.ErrDisconnected):
		c.forget(ctx, temp) // killed while it wrote
		return fmt.Errorf("put %s: %w", name, err)
	case err == nil && in.failed() != nil:
		return fmt.Errorf("put %s: %w", name, in.failed())
	case err == nil && exit != 0:
		err = c.fileError(exit, name, stderr.String())
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

// untilEnd gives what to send of r, and the lines that tell whether all of it has come.
func untilEnd(ctx context.Context, r io.Reader) (in *ending, check string, err error) {
	ahead, err := io.ReadAll(io.LimitReader(reader{ctx, r}, putAhead))
	if err != nil {
		return nil, "", err
	}
	if len(ahead) < putAhead {
		return &ending{r: bytes.NewReader(ahead)}, fmt.Sprintf(putWhole, len(ahead)), nil
	}
	// The shell takes a line break from the end of what a command prints, so there is none.
	mark := "\n" + newMark() + "-end-of-file"
	return &ending{r: io.MultiReader(bytes.NewReader(ahead), reader{ctx, r}), end: mark}, fmt.Sprintf(putEnding, machine.Quote(mark)), nil
}

// forget removes a file that is no use to anybody, if that can be.
func (c *Communicator) forget(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), killLimit)
	defer cancel()
	_, _ = c.run(ctx, machine.Command{Line: "rm -f " + machine.Quote(name), Passive: true})
}

// Get reads a regular file.
func (c *Communicator) Get(ctx context.Context, name string, w io.Writer) error {
	if c.o.SFTP {
		return c.sftpGet(ctx, name, w)
	}
	name = fileName(name)
	var stderr machine.Tail
	exit, err := c.run(ctx, machine.Command{
		Line: fmt.Sprintf(getLine, machine.Quote(name)), Env: map[string]string{"LC_ALL": "C"},
		Stdout: w, Stderr: &stderr, Passive: true,
	})
	if err == nil && exit != 0 {
		err = c.fileError(exit, name, stderr.String())
	}
	if err != nil {
		return fmt.Errorf("get %s: %w", name, err)
	}
	return nil
}

// fileError says what the exit status of one of the scripts means.
func (c *Communicator) fileError(exit int, name, said string) error {
	switch exit {
	case exitMissing:
		return fs.ErrNotExist
	case exitDirectory:
		return errors.New("it is a directory")
	case exitNoFile:
		return errors.New("it is not a regular file")
	case exitDenied:
		return fmt.Errorf("%w for user %s", fs.ErrPermission, c.o.User)
	case exitNoParent:
		return fmt.Errorf("directory %s is not there in the machine, or not to be entered: %w", path.Dir(name), fs.ErrNotExist)
	case exitCut:
		return errors.New("the machine did not get all of it")
	}
	switch dir := path.Dir(name); {
	case strings.Contains(said, "No space left on device"):
		return fmt.Errorf("the machine's disk is full at %s: %s", dir, said)
	case strings.Contains(said, "quota exceeded"):
		return fmt.Errorf("the quota of user %s in the machine is used up: %s", c.o.User, said)
	case strings.Contains(said, "Read-only file system"):
		return fmt.Errorf("%s is on a file system of the machine that is mounted read-only: %s", dir, said)
	case strings.Contains(said, "Permission denied"):
		return fmt.Errorf("%w for user %s: %s", fs.ErrPermission, c.o.User, said)
	case said == "":
		return fmt.Errorf("exit status %d", exit)
	}
	return fmt.Errorf("exit status %d: %s", exit, said)
}

// fileName makes a name that no program takes for an option.
func fileName(name string) string {
	name = path.Clean(name)
	if !path.IsAbs(name) {
		return "./" + name
	}
	return name
}

// reader ends a long copy when ctx does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	n, err := r.r.Read(p)
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return n, err
}

type writer struct {
	ctx context.Context
	w   io.Writer
}

func (w writer) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	return w.w.Write(p)
}
