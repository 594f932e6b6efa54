package fake

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// runTar is the command tar: c and x with f, C and z.
func runTar(_ context.Context, p *Process) int {
	if len(p.Args) > 1 && !strings.HasPrefix(p.Args[1], "-") {
		p.Args[1] = "-" + p.Args[1]
	}
	// Options come between and after the names too.
	file, dir, names := "-", p.Dir, []string(nil)
	set := map[byte]string{}
	for rest := p.Args[1:]; len(rest) > 0; {
		q := Process{Args: append([]string{"tar"}, rest...)}
		var more map[byte]string
		more, rest = q.flags("fC")
		for letter, value := range more {
			set[letter] = value
		}
		if len(rest) > 0 {
			names, rest = append(names, rest[0]), rest[1:]
		}
	}
	if v, ok := set['f']; ok {
		file = v
	}
	if v, ok := set['C']; ok {
		dir = p.Path(v)
	}
	switch {
	case has(set, 'c'):
		return p.fail(tarCreate(p, file, dir, names, has(set, 'z')))
	case has(set, 'x'):
		return p.fail(tarExtract(p, file, dir, has(set, 'z')))
	}
	fmt.Fprintln(p.Stderr, "tar: only -c and -x are known")
	return 2
}

func tarCreate(p *Process, file, dir string, names []string, zip bool) (err error) {
	w := p.Stdout
	if file != "-" {
		f, err := p.Files.Open(p.Path(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return err
		}
		defer f.Close()
		w = f
	}
	if zip {
		z := gzip.NewWriter(w)
		defer func() { err = errors.Join(err, z.Close()) }()
		w = z
	}
	t := tar.NewWriter(w)
	for _, name := range names {
		if err := tarAdd(p.Files, t, dir, name, true); err != nil {
			return err
		}
	}
	return t.Close()
}

// tarAdd adds a file or tree; without times the archive depends on names, modes
// and contents alone.
func tarAdd(f *Files, t *tar.Writer, dir, name string, times bool) error {
	full := at(dir, name)
	fi, err := f.Lstat(full)
	if err != nil {
		return err
	}
	link := ""
	if fi.Mode()&fs.ModeSymlink != 0 {
		if link, err = f.Readlink(full); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(fi, link)
	if err != nil {
		return err
	}
	h.Name = strings.TrimPrefix(name, "/")
	h.Uid, h.Gid, h.Uname, h.Gname = 0, 0, "root", "root"
	if fi.IsDir() {
		h.Name += "/"
	}
	if !times {
		h.ModTime = time.Time{}
	}
	if err := t.WriteHeader(h); err != nil {
		return err
	}
	if fi.Mode().IsRegular() {
		r, err := f.Open(full, os.O_RDONLY, 0)
		if err != nil {
			return err
		}
		_, err = io.Copy(t, r)
		return errors.Join(err, r.Close())
	}
	if !fi.IsDir() {
		return nil
	}
	entries, err := f.ReadDir(full)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := tarAdd(f, t, dir, strings.TrimSuffix(name, "/")+"/"+e.Name(), times); err != nil {
			return err
		}
	}
	return nil
}

func tarExtract(p *Process, file, dir string, zip bool) error {
	r := p.Stdin
	if file != "-" {
		f, err := p.Files.Open(p.Path(file), os.O_RDONLY, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		r = f
	}
	if zip {
		z, err := gzip.NewReader(r)
		if err != nil {
			return err
		}
		r = z
	}
	return extract(p.Files, dir, r)
}

// extract unpacks an archive below a directory of the machine. An entry that
// leaves it, or is neither file, directory nor link, is an error.
func extract(f *Files, dir string, r io.Reader) error {
	type dirMode struct {
		name string
		mode fs.FileMode
	}
	var dirs []dirMode // set last: a directory may be closed to its own files
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if name := path.Clean(h.Name); path.IsAbs(name) || name == ".." || strings.HasPrefix(name, "../") {
			return fmt.Errorf("archive entry %q leaves the directory", h.Name)
		}
		name, mode := path.Join(dir, h.Name), h.FileInfo().Mode()
		switch h.Typeflag {
		case tar.TypeDir:
			err = f.MkdirAll(name, 0o755)
			dirs = append(dirs, dirMode{name, mode})
		case tar.TypeReg:
			err = extractFile(f, name, mode, t)
		case tar.TypeSymlink:
			err = errors.Join(ignoreMissing(f.Remove(name)), f.Symlink(h.Linkname, name))
		default:
			err = fmt.Errorf("archive entry %q is of type %q", h.Name, h.Typeflag)
		}
		if err != nil {
			return err
		}
	}
	for i := len(dirs) - 1; i >= 0; i-- {
		if err := f.Chmod(dirs[i].name, dirs[i].mode); err != nil {
			return err
		}
	}
	return nil
}

func extractFile(f *Files, name string, mode fs.FileMode, r io.Reader) error {
	if err := ignoreMissing(f.Remove(name)); err != nil {
		return err
	}
	w, err := f.Open(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close(), f.Chmod(name, mode))
}
