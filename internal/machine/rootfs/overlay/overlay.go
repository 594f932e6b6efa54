// Package overlay stacks directories with overlayfs: the layers of a machine
// below, a directory that takes the changes on top.
package overlay

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine/rootfs/thread"
)

// MaxLowers is how many lower directories one mount takes. The kernel would take
// 500; deep stacks make every look-up of a missing name slow.
const MaxLowers = 128

// Options of a mount. All directories lie on one file system.
type Options struct {
	Lowers []string // lowest first; at least one
	Upper  string
	Work   string // empty directory beside Upper
	// Links is an empty or missing directory for short names of the others: the
	// kernel takes one page of options, and long paths fill it.
	Links string
	// User is set inside a user namespace, where overlayfs keeps its notes in
	// attributes that an ordinary user may write.
	User bool
}

// Mount mounts the stack at target. What is written is not synced to disk until
// the file system does so by itself: a machine is thrown away when the host
// crashes, and a layer made of it is not trusted after that.
func Mount(target string, o Options) error {
	if len(o.Lowers) == 0 {
		return errors.New("mount overlay: no lower directory")
	}
	if len(o.Lowers) > MaxLowers {
		return fmt.Errorf("mount overlay: %d lower directories, at most %d", len(o.Lowers), MaxLowers)
	}
	options, err := link(o)
	if err != nil {
		return fmt.Errorf("mount overlay: %w", err)
	}
	if target, err = filepath.Abs(target); err != nil {
		return fmt.Errorf("mount overlay: %w", err)
	}
	return inDir(o.Links, func() error {
		var errs []error
		for _, extra := range variants(o.User) {
			err := unix.Mount("overlay", target, "overlay", 0, options+extra)
			if err == nil {
				return nil
			}
			errs = append(errs, fmt.Errorf("mount overlay at %s: %w", target, err))
			if !errors.Is(err, unix.EINVAL) {
				break
			}
		}
		return errs[len(errs)-1]
	})
}

// variants are the options to try, one after the other: older kernels know
// neither volatile (5.10) nor userxattr (5.11).
func variants(user bool) []string {
	if user {
		return []string{",userxattr,volatile", ",userxattr"}
	}
	// Each layer holds whole files and directories, and can be read without those
	// below it: nothing in it says "the rest is in the file of that name there".
	const always = ",redirect_dir=off,index=off,metacopy=off"
	return []string{always + ",volatile", always}
}

// link makes the short names and returns the mount options that use them.
func link(o Options) (string, error) {
	if err := os.MkdirAll(o.Links, 0o700); err != nil {
		return "", err
	}
	symlink := func(dir, name string) error {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		at := filepath.Join(o.Links, name)
		if err := os.Remove(at); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return os.Symlink(abs, at)
	}
	var lowers []string
	for i := len(o.Lowers) - 1; i >= 0; i-- {
		name := strconv.Itoa(i)
		if err := symlink(o.Lowers[i], name); err != nil {
			return "", err
		}
		lowers = append(lowers, name)
	}
	if err := errors.Join(symlink(o.Upper, "u"), symlink(o.Work, "w")); err != nil {
		return "", err
	}
	return "lowerdir=" + strings.Join(lowers, ":") + ",upperdir=u,workdir=w", nil
}

// inDir runs f in the working directory dir, on a thread of its own: the rest of
// the process keeps its working directory.
func inDir(dir string, f func() error) error {
	return thread.Do(func() error {
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			return fmt.Errorf("unshare working directory: %w", err)
		}
		if err := unix.Chdir(dir); err != nil {
			return &os.PathError{Op: "chdir", Path: dir, Err: err}
		}
		return f()
	})
}
