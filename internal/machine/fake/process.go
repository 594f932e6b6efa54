package fake

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Process is one running command of a machine.
type Process struct {
	Args   []string // Args[0] is the command as it was called
	Env    map[string]string
	Dir    string // working directory, a path in the machine
	User   string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Files  *Files

	machine *Machine
	life    *life
}

// Command is a command of a machine, written in Go. It returns the exit status,
// and returns soon when ctx is done: then the process was killed.
type Command func(ctx context.Context, p *Process) int

// Root is the machine's directory on the host.
func (p *Process) Root() string { return p.machine.dir }

// Path makes an absolute path of one that may be relative to the working directory.
func (p *Process) Path(name string) string { return at(p.Dir, name) }

func at(dir, name string) string {
	if path.IsAbs(name) {
		return name
	}
	return path.Join(dir, name)
}

// fail prints an error in the manner of commands.
func (p *Process) fail(err error) int {
	if err == nil {
		return 0
	}
	fmt.Fprintf(p.Stderr, "%s: %v\n", path.Base(p.Args[0]), err)
	return 1
}

// command returns a command that is not a file of the machine.
func (p *Process) command(name string) Command {
	if c := p.machine.builder.config.Commands[name]; c != nil {
		return c
	}
	return builtin(name)
}

// exec runs Args as a command of the machine: a file, or one of the commands that
// need none.
func (p *Process) exec(ctx context.Context) int {
	name := p.Args[0]
	file := p.find(name)
	if file != "" {
		return p.script(ctx, file)
	}
	if c := p.command(path.Base(name)); c != nil && (!strings.Contains(name, "/") || virtual(path.Dir(p.Path(name)))) {
		return c(ctx, p)
	}
	if fi, err := p.Files.Stat(p.Path(name)); strings.Contains(name, "/") && err == nil {
		why := "Permission denied"
		if fi.IsDir() {
			why = "Is a directory"
		}
		fmt.Fprintf(p.Stderr, "sh: %s: %s\n", name, why)
		return 126
	}
	fmt.Fprintf(p.Stderr, "sh: %s: not found\n", name)
	return 127
}

// virtual tells whether the commands that need no file seem to lie in dir.
func virtual(dir string) bool {
	return slices.Contains([]string{"/bin", "/sbin", "/usr/bin", "/usr/sbin"}, dir)
}

// find returns the executable file that a name calls, or "".
func (p *Process) find(name string) string {
	candidates := []string{p.Path(name)}
	if !strings.Contains(name, "/") {
		candidates = nil
		for dir := range strings.SplitSeq(cmp.Or(p.Env["PATH"], searchPath), ":") {
			candidates = append(candidates, path.Join(dir, name))
		}
	}
	for _, c := range candidates {
		if fi, err := p.Files.Stat(c); err == nil && fi.Mode().IsRegular() && fi.Mode()&0o111 != 0 {
			return c
		}
	}
	return ""
}

// script runs a file by its first line.
func (p *Process) script(ctx context.Context, file string) int {
	text, err := p.Files.ReadFile(file)
	if err != nil {
		return p.fail(err)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		fmt.Fprintf(p.Stderr, "sh: %s: Exec format error\n", file)
		return 126
	}
	interpreter := []string{"/bin/sh"}
	if first, _, _ := bytes.Cut(text, []byte("\n")); bytes.HasPrefix(first, []byte("#!")) {
		if f := strings.SplitN(strings.TrimSpace(string(first[2:])), " ", 2); f[0] != "" {
			interpreter = f
		}
	}
	if c := p.command(path.Base(interpreter[0])); c == nil || file == interpreter[0] {
		fmt.Fprintf(p.Stderr, "sh: %s: %s: bad interpreter\n", file, interpreter[0])
		return 126
	}
	child := *p
	called := p.Args[0]
	if !strings.Contains(called, "/") {
		called = file
	}
	child.Args = slices.Concat(interpreter, []string{called}, p.Args[1:])
	return child.command(path.Base(interpreter[0]))(ctx, &child)
}

// runShell is the command sh.
func runShell(ctx context.Context, p *Process) int {
	lang := syntax.LangPOSIX
	if path.Base(p.Args[0]) == "bash" {
		lang = syntax.LangBash
	}
	var params []string
	args, isLine := p.Args[1:], false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		option := args[0]
		args = args[1:]
		if option == "--" {
			break
		}
		if strings.HasPrefix(option, "--") {
			continue // --login and the like
		}
		letters := option[1:]
		isLine = isLine || strings.Contains(letters, "c")
		if known := strings.Map(knownOption, letters); known != "" {
			params = append(params, option[:1]+known)
		}
		if strings.HasSuffix(letters, "o") && len(args) > 0 {
			params, args = append(params, option[:1]+"o", args[0]), args[1:]
		}
	}
	name, text := "sh", ""
	switch {
	case isLine && len(args) == 0:
		fmt.Fprintln(p.Stderr, "sh: -c needs a command")
		return 2
	case isLine:
		text, args = args[0], args[1:]
		if len(args) > 0 {
			name, args = args[0], args[1:]
		}
	case len(args) == 0:
		all, err := io.ReadAll(p.Stdin)
		if err != nil {
			return p.fail(err)
		}
		text = string(all)
	default:
		all, err := p.Files.ReadFile(p.Path(args[0]))
		if err != nil {
			fmt.Fprintf(p.Stderr, "sh: %v\n", err)
			return 127
		}
		name, text, args = args[0], string(all), args[1:]
	}
	return p.shell(ctx, name, text, lang, append(append(params, "--"), args...))
}

// knownOption keeps the letters of options that change what a script does.
func knownOption(r rune) rune {
	if strings.ContainsRune("aefnux", r) {
		return r
	}
	return -1
}
