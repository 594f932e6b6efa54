package fake

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Files are a machine's files as one of its processes sees them. Paths are
// absolute in the machine; links lead to where they would lead there. Nothing
// outside the machine's directory can be reached. After the process was killed
// every call fails.
type Files struct {
	root  *os.Root
	alive *group
}

// maxLinks is how many links a path may lead through.
const maxLinks = 40

// resolve returns the path, relative to the root, that name stands for, with all
// links followed; the last one only when follow is set.
func (f *Files) resolve(name string, follow bool) (string, error) {
	todo := strings.Split(path.Clean("/" + name)[1:], "/")
	done := "."
	for links := 0; len(todo) > 0; {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		fi, err := f.root.Lstat(next)
		if err == nil && fi.Mode()&fs.ModeSymlink != 0 && (follow || len(todo) > 0) {
			if links++; links > maxLinks {
				return "", &fs.PathError{Op: "open", Path: name, Err: syscall.ELOOP}
			}
			to, err := f.root.Readlink(next)
			if err != nil {
				return "", err
			}
			if path.IsAbs(to) {
				done = "."
			}
			todo = slices.Concat(strings.Split(to, "/"), todo)
			continue
		}
		if err != nil && len(todo) > 0 {
			return "", &fs.PathError{Op: "open", Path: name, Err: cause(err)}
		}
		done = next
	}
	return done, nil
}

// cause is an error without the path in it.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// on runs f with the resolved path. Errors name the path as the machine knows it.
func (f *Files) on(op, name string, follow bool, do func(p string) error) error {
	err := f.alive.do(func() error {
		p, err := f.resolve(name, follow)
		if err != nil {
			return err
		}
		return do(p)
	})
	if err != nil && !errors.Is(err, errKilled) {
		return &fs.PathError{Op: op, Path: name, Err: cause(err)}
	}
	return err
}

// Stat describes a file.
func (f *Files) Stat(name string) (fi fs.FileInfo, err error) {
	err = f.on("stat", name, true, func(p string) (err error) { fi, err = f.root.Lstat(p); return })
	return
}

// Lstat describes a file or link.
func (f *Files) Lstat(name string) (fi fs.FileInfo, err error) {
	err = f.on("lstat", name, false, func(p string) (err error) { fi, err = f.root.Lstat(p); return })
	return
}

// Readlink tells where a link leads.
func (f *Files) Readlink(name string) (to string, err error) {
	err = f.on("readlink", name, false, func(p string) (err error) { to, err = f.root.Readlink(p); return })
	return
}

// ReadDir lists a directory, sorted by name.
func (f *Files) ReadDir(name string) (list []fs.DirEntry, err error) {
	err = f.on("open", name, true, func(p string) (err error) { list, err = fs.ReadDir(f.root.FS(), p); return })
	return
}

// Mkdir makes a directory.
func (f *Files) Mkdir(name string, mode fs.FileMode) error {
	return f.on("mkdir", name, false, func(p string) error {
		if err := f.root.Mkdir(p, 0o700); err != nil {
			return err
		}
		return f.root.Chmod(p, mode)
	})
}

// MkdirAll makes a directory and its parents.
func (f *Files) MkdirAll(name string, mode fs.FileMode) error {
	name = path.Clean("/" + name)
	if fi, err := f.Stat(name); err == nil && fi.IsDir() {
		return nil
	}
	if name != "/" {
		if err := f.MkdirAll(path.Dir(name), mode); err != nil {
			return err
		}
	}
	return f.Mkdir(name, mode)
}

// Remove removes a file, link or empty directory.
func (f *Files) Remove(name string) error {
	return f.on("remove", name, false, f.root.Remove)
}

// RemoveAll removes a tree. What is not there is removed already.
func (f *Files) RemoveAll(name string) error {
	err := f.on("remove", name, false, func(p string) error {
		if p == "." {
			return syscall.EBUSY
		}
		return f.root.RemoveAll(p)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Rename moves a file or tree, replacing a file.
func (f *Files) Rename(from, to string) error {
	return f.on("rename", from, false, func(p string) error {
		q, err := f.resolve(to, false)
		if err != nil {
			return err
		}
		err = f.root.Rename(p, q)
		var le *os.LinkError
		if errors.As(err, &le) {
			err = le.Err
		}
		return err
	})
}

// Symlink makes a link.
func (f *Files) Symlink(to, name string) error {
	return f.on("symlink", name, false, func(p string) error {
		err := f.root.Symlink(to, p)
		var le *os.LinkError
		if errors.As(err, &le) {
			err = le.Err
		}
		return err
	})
}

// Chmod sets permission bits.
func (f *Files) Chmod(name string, mode fs.FileMode) error {
	return f.on("chmod", name, true, func(p string) error { return f.root.Chmod(p, mode) })
}

// Open opens a file. The mode of a new one does not depend on this process's umask.
func (f *Files) Open(name string, flag int, mode fs.FileMode) (io.ReadWriteCloser, error) {
	if path.Clean(name) == "/dev/null" {
		return devNull{}, nil
	}
	var file *os.File
	err := f.on("open", name, true, func(p string) (err error) {
		_, missing := f.root.Lstat(p)
		if file, err = f.root.OpenFile(p, flag, 0o600); err != nil {
			return err
		}
		if missing != nil {
			return file.Chmod(mode)
		}
		return nil
	})
	if err != nil {
		if file != nil {
			file.Close()
		}
		return nil, err
	}
	return &openFile{file, f.alive}, nil
}

// ReadFile returns a file's content.
func (f *Files) ReadFile(name string) ([]byte, error) {
	r, err := f.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// WriteFile writes a file and sets its mode.
func (f *Files) WriteFile(name string, text []byte, mode fs.FileMode) error {
	w, err := f.Open(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return errors.Join(err, w.Close(), f.Chmod(name, mode))
}

// openFile is a file that a killed process cannot use any more.
type openFile struct {
	file  *os.File
	alive *group
}

func (o *openFile) Read(p []byte) (n int, err error) {
	err = o.alive.do(func() (err error) { n, err = o.file.Read(p); return })
	return
}

func (o *openFile) Write(p []byte) (n int, err error) {
	err = o.alive.do(func() (err error) { n, err = o.file.Write(p); return })
	return
}

func (o *openFile) Close() error { return o.file.Close() }

type devNull struct{}

func (devNull) Read([]byte) (int, error)    { return 0, io.EOF }
func (devNull) Write(p []byte) (int, error) { return len(p), nil }
func (devNull) Close() error                { return nil }
