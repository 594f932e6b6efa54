package ruby

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
)

// Change changes files where the spec runs. Whoever may run commands there may do so, and
// nobody else: it is a command to the World, argv and what goes to its standard output,
// which is the file to when that is not empty.
func (in *Interp) Change(argv []string, to string) error {
	words := make([]string, len(argv))
	for i, a := range argv {
		words[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	line := "LC_ALL=C " + strings.Join(words, " ") + to
	out, err := in.world.Run(in.ctx, in.Place("Run"), Command{Line: line})
	if err != nil {
		return in.worldError(err, line)
	}
	if out.Exit == 0 {
		return nil
	}
	said := strings.TrimSpace(string(out.Stderr))
	number := syscall.EIO
	for _, known := range []struct {
		text   string
		number syscall.Errno
	}{
		{"No such file", syscall.ENOENT}, {"nonexistent", syscall.ENOENT}, {"Permission denied", syscall.EACCES}, {"File exists", syscall.EEXIST},
		{"Is a directory", syscall.EISDIR}, {"Not a directory", syscall.ENOTDIR}, {"not empty", syscall.ENOTEMPTY}, {"not permitted", syscall.EPERM},
		{"Read-only file system", syscall.EROFS}, {"No space left", syscall.ENOSPC},
	} {
		if strings.Contains(said, known.text) {
			number = known.number
			break
		}
	}
	return in.systemError(number, said)
}

// Absolute is the name of a file without regard to the working directory.
func (in *Interp) Absolute(name string) (string, error) {
	if filepath.IsAbs(name) {
		return name, nil
	}
	dir, err := in.world.Getwd(in.Place("Getwd"))
	return filepath.Join(dir, name), in.worldError(err, "getcwd")
}

// writeFile writes a text into a file, or adds it at the end.
func (in *Interp) writeFile(name, text string, more bool) error {
	path, err := in.Absolute(name)
	if err != nil {
		return err
	}
	if strings.Contains(text, "\x00") {
		return in.unsupported("writing NUL into a file")
	}
	arrow := " > "
	if more {
		arrow = " >> "
	}
	return in.Change([]string{"printf", "%s", text}, arrow+"'"+strings.ReplaceAll(path, "'", `'\''`)+"'")
}

// openToWrite is open with a mode that writes. What is written arrives when the file is
// closed or flushed; without a block, with every call, since nobody may close it.
func (in *Interp) openToWrite(c *Call, mode string) (Value, error) {
	s := &stream{text: Str(""), path: c.pathArg(0), writes: true, more: strings.Contains(mode, "a"), each: c.Block == nil}
	if strings.Contains(mode, "+") {
		return nil, in.unsupported("opening a file for reading and writing")
	}
	o := in.NewObject(in.Object.consts["File"].(*Class), s)
	if c.Block == nil {
		return o, in.flush(s)
	}
	v, err := c.Yield(o)
	if s.closed || errors.Is(err, ErrOpen) {
		return v, err
	}
	s.closed = true
	if failed := in.flush(s); err == nil { // what was written before an exception is written
		err = failed
	}
	return v, err
}

// flush writes what a file that was opened for writing has got since.
func (in *Interp) flush(s *stream) error {
	if !s.writes {
		return nil
	}
	text := s.text.String()
	if s.begun && text == "" {
		return nil
	}
	more := s.more || s.begun
	s.begun, s.text = true, Str("")
	return in.writeFile(s.path, text, more)
}

// bootChanges defines what changes files.
func (in *Interp) bootChanges() {
	io, file, dir := in.Object.consts["IO"].(*Class), in.Object.consts["File"].(*Class), in.Object.consts["Dir"].(*Class)
	for _, name := range []string{"write", "binwrite"} {
		io.DefineSingleton(name, 2, 4, func(c *Call) (Value, error) {
			more := false
			if h := c.passed(); h != nil {
				if mode, ok := h.Get(Symbol("mode")); ok {
					more = strings.Contains(c.str(mode).String(), "a")
				}
			}
			if c.Has(2) {
				return nil, in.unsupported("File." + name + " into a part of a file")
			}
			text, err := in.ToS(c.Args[1])
			if err != nil {
				return nil, err
			}
			return Int(len(text)), in.writeFile(c.pathArg(0), text, more)
		})
	}
	each := func(k *Class, name string, first int, argv func(c *Call) []string) {
		k.DefineSingleton(name, first, -1, func(c *Call) (Value, error) {
			command := argv(c)
			for i := first; i < len(c.Args); i++ {
				path, err := in.Absolute(c.pathArg(i))
				if err == nil {
					err = in.Change(append(command[:len(command):len(command)], path), "")
				}
				if err != nil {
					return nil, err
				}
			}
			if k == dir {
				return Int(0), nil
			}
			return Int(len(c.Args) - first), nil
		})
	}
	plain := func(words ...string) func(*Call) []string { return func(*Call) []string { return words } }
	for _, name := range []string{"delete", "unlink"} {
		each(file, name, 0, plain("rm", "--"))
		each(dir, name, 0, plain("rmdir", "--"))
	}
	each(dir, "rmdir", 0, plain("rmdir", "--"))
	each(file, "chmod", 1, func(c *Call) []string { return []string{"chmod", "--", fmt.Sprintf("%o", c.Int(0))} })
	dir.DefineSingleton("mkdir", 1, 2, func(c *Call) (Value, error) {
		argv := []string{"mkdir"}
		if c.Has(1) {
			argv = append(argv, "-m", fmt.Sprintf("%o", c.Int(1)))
		}
		path, err := in.Absolute(c.pathArg(0))
		if err != nil {
			return nil, err
		}
		return Int(0), in.Change(append(argv, "--", path), "")
	})
	for name, argv := range map[string][]string{"rename": {"mv", "-T", "--"}, "symlink": {"ln", "-s", "-T", "--"}, "link": {"ln", "-T", "--"}} {
		file.DefineSingleton(name, 2, 2, func(c *Call) (Value, error) {
			from, err := c.pathArg(0), error(nil)
			if name != "symlink" {
				from, err = in.Absolute(from)
			}
			if err != nil {
				return nil, err
			}
			to, err := in.Absolute(c.pathArg(1))
			if err != nil {
				return nil, err
			}
			return Int(0), in.Change(append(argv[:len(argv):len(argv)], from, to), "")
		})
	}
}
