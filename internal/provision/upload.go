package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

type reader = io.ReadCloser

// opener gives the same content each time.
func opener(b []byte) func() (reader, error) {
	return func() (reader, error) { return io.NopCloser(bytes.NewReader(b)), nil }
}

// random fills a number into a file name, so that steps do not meet in /tmp.
func random(format string) string { return fmt.Sprintf(format, rand.Uint64N(1e12)) }

// retryPause lies between two attempts to reach a machine.
const retryPause = 2 * time.Second

// upload puts temporary files into a machine, waiting for one that restarts, and
// removes them at the end.
type upload struct {
	c     machine.Communicator
	out   machine.Log
	limit time.Duration // how long to wait for the machine, in all
	since time.Time     // when it could first not be reached
	files []string
}

// put uploads a file. It may be called again for the same path.
func (u *upload) put(ctx context.Context, file string, mode fs.FileMode, open func() (reader, error)) error {
	for {
		r, err := open()
		if err != nil {
			return err
		}
		err = u.c.Put(ctx, file, mode, r)
		r.Close()
		if !errors.Is(err, machine.ErrUnreachable) && !slices.Contains(u.files, file) {
			u.files = append(u.files, file)
		}
		if err == nil {
			return nil
		}
		err = fmt.Errorf("upload to %s: %w", file, err)
		if !away(err) {
			return explainPut(ctx, u.c, file, err)
		}
		if err := u.wait(ctx, err); err != nil {
			return err
		}
	}
}

// wait returns nil when it is time for another attempt, and otherwise an error
// that holds err.
func (u *upload) wait(ctx context.Context, err error) error {
	now := time.Now()
	if u.since.IsZero() {
		u.since = now
		if u.limit > 0 {
			u.out.Message("The machine cannot be reached, trying again for %s ...", u.limit)
		}
	}
	if now.Sub(u.since)+retryPause > u.limit {
		return fmt.Errorf("gave up after %s: %w", now.Sub(u.since).Round(time.Second), err)
	}
	if serr := sleep(ctx, retryPause); serr != nil {
		return fmt.Errorf("%w (%w)", serr, err)
	}
	return nil
}

// away tells whether the error means that the machine is not there just now.
func away(err error) bool {
	return errors.Is(err, machine.ErrUnreachable) || errors.Is(err, machine.ErrDisconnected)
}

// remove removes what was uploaded, also when ctx is done. It tries a few times,
// because the machine may just restart.
func (u *upload) remove(ctx context.Context) (err error) {
	if len(u.files) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	for range 5 {
		if err = removeFiles(ctx, u.c, u.files); err == nil {
			return nil
		}
		err = fmt.Errorf("remove the uploaded script: %w", err)
		if !away(err) || sleep(ctx, retryPause) != nil {
			return err
		}
	}
	return err
}

// andRemove is a line that does what another one does, and removes what was uploaded where that
// succeeds: one command takes less time than two. It is the same line where the machine removes
// files in another way.
func (u *upload) andRemove(line string) string {
	if _, ok := u.c.(machine.Remover); ok {
		return line
	}
	return "(" + line + "\n) && " + rm(u.files)
}

func rm(files []string) string {
	line := "rm -f"
	for _, f := range files {
		line += " " + machine.Quote(f)
	}
	return line
}

func removeFiles(ctx context.Context, c machine.Communicator, files []string) error {
	if r, ok := c.(machine.Remover); ok {
		return r.Remove(ctx, files...)
	}
	line := rm(files)
	exit, err := c.Run(ctx, machine.Command{Line: line, Passive: true})
	if err == nil && exit != 0 {
		err = fmt.Errorf("%s: exit status %d", line, exit)
	}
	return err
}

// expandHome replaces a leading "~/" by the home directory in the machine.
func expandHome(ctx context.Context, c machine.Communicator, file string) (string, error) {
	rest, ok := strings.CutPrefix(file, "~/")
	if !ok {
		return file, nil
	}
	var home bytes.Buffer
	exit, err := c.Run(ctx, machine.Command{Line: `printf %s "$HOME"`, Stdout: &home, Passive: true})
	if err == nil && (exit != 0 || !path.IsAbs(home.String())) {
		err = errors.New("the machine does not tell its home directory")
	}
	if err != nil {
		return "", fmt.Errorf("expand %s: %w", file, err)
	}
	return strings.TrimSuffix(home.String(), "/") + "/" + rest, nil
}

// isDirectory tells whether a path is a directory in the machine, as far as the machine
// can be asked.
func isDirectory(ctx context.Context, c machine.Communicator, path string) bool {
	exit, err := c.Run(ctx, machine.Command{Line: "[ -d " + machine.Quote(path) + " ]", Passive: true})
	return err == nil && exit == 0
}

// explainPut says why err came from putting a file into place, where the machine
// tells.
func explainPut(ctx context.Context, c machine.Communicator, file string, err error) error {
	if ctx.Err() != nil {
		return err
	}
	const isDir, noParent = 71, 72
	dir := path.Dir(path.Clean(file))
	exit, rerr := c.Run(ctx, machine.Command{Line: fmt.Sprintf("[ -d %s ] && exit %d; [ -d %s ] || exit %d",
		machine.Quote(file), isDir, machine.Quote(dir), noParent), Passive: true})
	switch {
	case rerr != nil:
		return err
	case exit == isDir:
		return fmt.Errorf("%w: this is a directory in the machine; end the path with / to put the file into it", err)
	case exit == noParent:
		return fmt.Errorf("%w: directory %s is not there in the machine; make it in an earlier step", err, dir)
	}
	return err
}
