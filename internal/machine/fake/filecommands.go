package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// fileCommand returns a command that works on files; nil when there is none.
func fileCommand(name string) Command {
	switch name {
	case "chmod":
		return runChmod
	case "chown", "chgrp":
		return runChown
	case "rm":
		return runRm
	case "rmdir":
		return each("", func(p *Process, set map[byte]string, name string) error { return p.Files.Remove(name) })
	case "mkdir":
		return each("m", runMkdir)
	case "touch":
		return each("dtr", runTouch)
	case "mv", "cp", "ln", "install":
		return runMove
	case "ls":
		return runLs
	case "stat":
		return each("cf", runStat)
	case "readlink":
		return each("", func(p *Process, set map[byte]string, name string) error {
			to, err := p.Files.Readlink(name)
			if err == nil {
				_, err = fmt.Fprintln(p.Stdout, to)
			}
			return err
		})
	case "mktemp":
		return runMktemp
	case "tar":
		return runTar
	}
	return nil
}

// each makes a command that does the same to every argument, and goes on after a
// failure.
func each(with string, f func(p *Process, set map[byte]string, name string) error) Command {
	return func(_ context.Context, p *Process) int {
		set, names := p.flags(with)
		exit := 0
		for _, name := range names {
			exit = max(exit, p.fail(f(p, set, p.Path(name))))
		}
		return exit
	}
}

func has(set map[byte]string, letter byte) bool { _, ok := set[letter]; return ok }

// unixMode is the mode of an octal number with setuid and the like.
func unixMode(text string) (fs.FileMode, error) {
	n, err := strconv.ParseUint(text, 8, 12)
	mode := fs.FileMode(n & 0o777)
	for bit, m := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if n&bit != 0 {
			mode |= m
		}
	}
	return mode, err
}

// octal is the inverse of unixMode.
func octal(mode fs.FileMode) string {
	n := uint64(mode.Perm())
	for bit, m := range map[uint64]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if mode&m != 0 {
			n |= bit
		}
	}
	return strconv.FormatUint(n, 8)
}

func runChmod(_ context.Context, p *Process) int {
	args := p.Args[1:]
	recursive := len(args) > 0 && args[0] == "-R"
	if recursive {
		args = args[1:]
	}
	if len(args) < 2 {
		fmt.Fprintln(p.Stderr, "chmod: needs a mode and files")
		return 1
	}
	exit := 0
	for _, name := range args[1:] {
		exit = max(exit, p.fail(chmod(p, args[0], p.Path(name), recursive)))
	}
	return exit
}

func chmod(p *Process, mode, name string, recursive bool) error {
	fi, err := p.Files.Stat(name)
	if err != nil {
		return err
	}
	m, err := unixMode(mode)
	if err != nil {
		if m, err = symbolic(mode, fi); err != nil {
			return err
		}
	}
	if err := p.Files.Chmod(name, m); err != nil || !recursive || !fi.IsDir() {
		return err
	}
	entries, err := p.Files.ReadDir(name)
	for _, e := range entries {
		if e.Type()&fs.ModeSymlink == 0 {
			err = errors.Join(err, chmod(p, mode, path.Join(name, e.Name()), true))
		}
	}
	return err
}

// symbolic reads modes like "u+x,go-w", "a=r" and "+X".
func symbolic(text string, fi fs.FileInfo) (fs.FileMode, error) {
	mode := fi.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	for part := range strings.SplitSeq(text, ",") {
		i := strings.IndexAny(part, "+-=")
		if i < 0 || strings.Trim(part[:i], "ugoa") != "" || strings.Trim(part[i+1:], "rwxXst") != "" {
			return 0, fmt.Errorf("invalid mode: %q", text)
		}
		who, what := part[:i], part[i+1:]
		if who == "" || strings.Contains(who, "a") {
			who = "ugo"
		}
		var bits, all fs.FileMode
		for shift, letter := range []string{"o", "g", "u"} {
			if !strings.Contains(who, letter) {
				continue
			}
			all |= 0o7 << (3 * shift)
			for bit, letter := range []string{"x", "w", "r"} {
				x := letter == "x" && strings.Contains(what, "X") && (fi.IsDir() || mode&0o111 != 0)
				if strings.Contains(what, letter) || x {
					bits |= 1 << bit << (3 * shift)
				}
			}
		}
		if strings.Contains(what, "s") && strings.Contains(who, "u") {
			bits |= fs.ModeSetuid
		}
		if strings.Contains(what, "t") {
			bits |= fs.ModeSticky
		}
		switch part[i] {
		case '+':
			mode |= bits
		case '-':
			mode &^= bits
		default:
			mode = mode&^all | bits
		}
	}
	return mode, nil
}

// runChown checks the files alone: machines do not keep owners.
func runChown(_ context.Context, p *Process) int {
	_, rest := p.flags("")
	exit := 0
	for i, name := range rest {
		if i > 0 {
			_, err := p.Files.Lstat(p.Path(name))
			exit = max(exit, p.fail(err))
		}
	}
	return exit
}

func runRm(_ context.Context, p *Process) int {
	set, names := p.flags("")
	exit := 0
	for _, name := range names {
		remove := p.Files.Remove
		fi, err := p.Files.Lstat(p.Path(name))
		if err == nil && fi.IsDir() {
			remove = func(string) error { return fmt.Errorf("%s: is a directory", name) }
		}
		if has(set, 'r') || has(set, 'R') {
			remove = p.Files.RemoveAll
		}
		if err == nil {
			err = remove(p.Path(name))
		} else if has(set, 'f') {
			err = ignoreMissing(err)
		}
		exit = max(exit, p.fail(err))
	}
	return exit
}

func runMkdir(p *Process, set map[byte]string, name string) error {
	mode := fs.FileMode(0o755)
	if text, ok := set['m']; ok {
		var err error
		if mode, err = unixMode(text); err != nil {
			return err
		}
	}
	if has(set, 'p') {
		return p.Files.MkdirAll(name, mode)
	}
	return p.Files.Mkdir(name, mode)
}

func runTouch(p *Process, _ map[byte]string, name string) error {
	f, err := p.Files.Open(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		if fi, serr := p.Files.Stat(name); serr == nil && fi.IsDir() {
			return nil
		}
		return err
	}
	return f.Close()
}

// runMove is mv, cp, ln and install.
func runMove(_ context.Context, p *Process) int {
	with := "tS"
	if path.Base(p.Args[0]) == "install" {
		with = "mogt"
	}
	set, names := p.flags(with)
	if has(set, 'd') && with == "mogt" {
		exit := 0
		for _, name := range names {
			exit = max(exit, p.fail(runMkdir(p, map[byte]string{'p': ""}, p.Path(name))))
		}
		return exit
	}
	if len(names) < 2 {
		fmt.Fprintf(p.Stderr, "%s: needs a source and a destination\n", path.Base(p.Args[0]))
		return 1
	}
	target := p.Path(names[len(names)-1])
	exit := 0
	for _, name := range names[:len(names)-1] {
		to := target
		if fi, err := p.Files.Stat(target); err == nil && fi.IsDir() && !has(set, 'T') && !has(set, 'n') {
			to = path.Join(target, path.Base(name))
		}
		exit = max(exit, p.fail(move(p, set, name, to)))
	}
	return exit
}

func move(p *Process, set map[byte]string, name, to string) error {
	switch path.Base(p.Args[0]) {
	case "mv":
		return p.Files.Rename(p.Path(name), to)
	case "ln":
		if has(set, 'f') {
			if err := ignoreMissing(p.Files.Remove(to)); err != nil {
				return err
			}
		}
		if has(set, 's') {
			return p.Files.Symlink(name, to)
		}
		return copyFile(p.Files, p.Path(name), to, false, false)
	case "install":
		if err := copyFile(p.Files, p.Path(name), to, false, false); err != nil {
			return err
		}
		mode, err := unixMode(set['m'])
		if set['m'] == "" {
			mode, err = 0o755, nil
		}
		return errors.Join(err, p.Files.Chmod(to, mode))
	}
	keep := has(set, 'a') || has(set, 'd') || has(set, 'P')
	return copyFile(p.Files, p.Path(name), to, keep || has(set, 'r') || has(set, 'R'), keep)
}

// copyFile copies a file, or a tree when deep; links as links when keep or below
// the top.
func copyFile(f *Files, from, to string, deep, keep bool) error {
	stat := f.Stat
	if keep {
		stat = f.Lstat
	}
	fi, err := stat(from)
	switch {
	case err != nil:
		return err
	case fi.Mode()&fs.ModeSymlink != 0:
		link, err := f.Readlink(from)
		if err != nil {
			return err
		}
		return errors.Join(ignoreMissing(f.Remove(to)), f.Symlink(link, to))
	case fi.IsDir() && !deep:
		return fmt.Errorf("%s: is a directory", from)
	case fi.IsDir():
		if err := f.MkdirAll(to, 0o755); err != nil {
			return err
		}
		entries, err := f.ReadDir(from)
		for _, e := range entries {
			err = errors.Join(err, copyFile(f, path.Join(from, e.Name()), path.Join(to, e.Name()), true, true))
		}
		return errors.Join(err, f.Chmod(to, fi.Mode()))
	}
	r, err := f.Open(from, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := f.Open(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fi.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}

func runLs(_ context.Context, p *Process) int {
	set, names := p.flags("")
	if len(names) == 0 {
		names = []string{"."}
	}
	exit := 0
	var plain, dirs []string
	for _, name := range names {
		fi, err := p.Files.Stat(p.Path(name))
		if err != nil {
			fi, err = p.Files.Lstat(p.Path(name))
		}
		switch {
		case err != nil:
			exit = p.fail(err) + 1
		case fi.IsDir() && !has(set, 'd'):
			dirs = append(dirs, name)
		default:
			plain = append(plain, name)
		}
	}
	line := func(dir, name string) {
		fi, err := p.Files.Lstat(at(p.Path(dir), name))
		if err == nil && has(set, 'l') {
			fmt.Fprintf(p.Stdout, "%s 1 root root %d %s ", strings.ToLower(fi.Mode().String()), fi.Size(), fi.ModTime().UTC().Format("Jan _2 15:04"))
		}
		fmt.Fprintln(p.Stdout, name)
	}
	slices.Sort(plain)
	for _, name := range plain {
		line(".", name)
	}
	for i, dir := range dirs {
		if len(names) > 1 {
			if i > 0 || len(plain) > 0 {
				fmt.Fprintln(p.Stdout)
			}
			fmt.Fprintf(p.Stdout, "%s:\n", dir)
		}
		entries, err := p.Files.ReadDir(p.Path(dir))
		exit = max(exit, p.fail(err))
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") || has(set, 'a') || has(set, 'A') {
				line(dir, e.Name())
			}
		}
	}
	return exit
}

func runStat(p *Process, set map[byte]string, name string) error {
	fi, err := p.Files.Lstat(name)
	if has(set, 'L') {
		fi, err = p.Files.Stat(name)
	}
	if err != nil {
		return err
	}
	kind := "regular file"
	switch {
	case fi.IsDir():
		kind = "directory"
	case fi.Mode()&fs.ModeSymlink != 0:
		kind = "symbolic link"
	case fi.Size() == 0:
		kind = "regular empty file"
	}
	format := set['c']
	if format == "" {
		format = "%n %a %F %s"
	}
	shown := name
	if rel, ok := strings.CutPrefix(name, strings.TrimSuffix(p.Dir, "/")+"/"); ok {
		shown = rel
	}
	_, err = fmt.Fprintln(p.Stdout, strings.NewReplacer(
		"%n", shown, "%a", octal(fi.Mode()), "%F", kind, "%s", strconv.FormatInt(fi.Size(), 10),
		"%U", "root", "%G", "root", "%u", "0", "%g", "0", "%Y", strconv.FormatInt(fi.ModTime().Unix(), 10),
	).Replace(format))
	return err
}

func runMktemp(_ context.Context, p *Process) int {
	set, names := p.flags("p")
	dir := set['p']
	if dir == "" {
		dir = "/tmp"
	}
	template := "tmp.XXXXXXXXXX"
	if len(names) > 0 {
		template = names[0]
		if !has(set, 't') && !has(set, 'p') {
			dir = p.Dir
		}
	}
	stem := strings.TrimRight(template, "X")
	for n := 0; ; n++ {
		name := at(dir, fmt.Sprintf("%s%0*d", stem, len(template)-len(stem), n))
		err := p.Files.Mkdir(name, 0o700)
		if err == nil && !has(set, 'd') {
			err = errors.Join(p.Files.Remove(name), p.Files.WriteFile(name, nil, 0o600))
		}
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return p.fail(err)
		}
		return say(name)(nil, p)
	}
}
