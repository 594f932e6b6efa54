package machine

import (
	"archive/tar"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// receiveTree unpacks a tar archive that a machine sent below the host directory
// dst. It goes to a directory inside dst first, which is called tmp, so that dst changes
// only when everything has arrived.
func receiveTree(r io.Reader, dst, tmp string, moved func(int64), warn func(string, ...any)) (err error) {
	if err := os.MkdirAll(dst, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(dst)
	if err != nil {
		return err
	}
	defer root.Close()
	if tmp == "" {
		tmp = ".proofmark-incoming-" + rand.Text()
	}
	if err := root.Mkdir(tmp, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.RemoveAll(tmp)) }()
	stage, err := root.OpenRoot(tmp)
	if err != nil {
		return err
	}
	defer stage.Close()
	u := unpacker{root: stage, warn: warn, moved: moved, links: map[string]bool{}}
	if err := u.unpack(r); err != nil {
		return err
	}
	return merge(stage, root, tmp)
}

// unpacker writes an archive that nobody vouches for. root is empty at first, so
// what is a link there was made by this archive.
type unpacker struct {
	root  *os.Root
	warn  func(string, ...any)
	moved func(int64)
	links map[string]bool
}

func (u *unpacker) unpack(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			// What follows the end mark is padding; whoever writes it must not be
			// stopped half-way.
			_, err := io.Copy(io.Discard, r)
			return err
		}
		if err != nil {
			return err
		}
		name := path.Clean(h.Name)
		if name == "." {
			continue
		}
		if err := u.refuse(h.Name, name); err != nil {
			return err
		}
		if err := u.entry(tr, h, name); err != nil {
			return fmt.Errorf("unpack %q: %w", h.Name, err)
		}
	}
}

// refuse returns an error for names that lead elsewhere.
func (u *unpacker) refuse(sent, name string) error {
	if strings.HasPrefix(name, "/") || name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, "\x00") {
		return fmt.Errorf("refuse what the machine sent: name %q leads out of the directory", sent)
	}
	for d := path.Dir(name); d != "."; d = path.Dir(d) {
		if u.links[d] {
			return fmt.Errorf("refuse what the machine sent: %q lies below the link %q", sent, d)
		}
	}
	return nil
}

func (u *unpacker) entry(tr *tar.Reader, h *tar.Header, name string) error {
	if err := u.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeDir {
		if u.links[name] {
			return errors.New("is a link and a directory")
		}
		return u.root.MkdirAll(name, 0o777)
	}
	// A later entry of the same name counts.
	if err := u.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	delete(u.links, name)
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse:
		return u.file(tr, h, name)
	case tar.TypeSymlink:
		if !staysInside(name, h.Linkname) {
			u.warn("left out link %s: it leads to %s, outside of what is copied", name, h.Linkname)
			return nil
		}
		u.links[name] = true
		return u.root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		old := path.Clean(h.Linkname)
		if err := u.refuse(h.Linkname, old); err != nil {
			return err
		}
		info, err := u.root.Lstat(old)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("is a hard link to %q, which is no file", h.Linkname)
		}
		return u.root.Link(old, name)
	}
	u.warn("left out %s: neither a file, a directory nor a link", name)
	return nil
}

func (u *unpacker) file(tr *tar.Reader, h *tar.Header, name string) error {
	mode := fs.FileMode(0o666)
	if h.Mode&0o100 != 0 {
		mode = 0o777
	}
	f, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, counting{tr, u.moved})
	return errors.Join(err, f.Close())
}

// staysInside tells whether the link at name leads to something below the top.
// Only leading ".." elements are taken: those go up through real directories
// (nothing lies below a link), while one that follows a name may go up from
// wherever another link led.
func staysInside(name, target string) bool {
	if target == "" || strings.HasPrefix(target, "/") {
		return false
	}
	depth := strings.Count(name, "/")
	down := false
	for e := range strings.SplitSeq(target, "/") {
		switch {
		case e == "" || e == ".":
		case e != "..":
			down = true
		case down || depth == 0:
			return false
		default:
			depth--
		}
	}
	return true
}

// merge moves what stage holds to its place in root; stage is at the path at in root.
func merge(stage, root *os.Root, at string) error {
	return fs.WalkDir(stage.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if !d.IsDir() {
			return root.Rename(path.Join(at, name), name)
		}
		err = root.Mkdir(name, 0o777)
		if errors.Is(err, fs.ErrExist) {
			var info fs.FileInfo
			if info, err = root.Stat(name); err == nil && !info.IsDir() {
				err = fmt.Errorf("put directory %s: a file of that name is there", name)
			}
		}
		return err
	})
}
