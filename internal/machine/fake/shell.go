package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// searchPath is the PATH of commands. The built-in ones are found in each of its
// directories but the local ones.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// grace is how long a killed command may take to notice, which it does unless the
// caller's own writer or reader blocks.
const grace = 2 * time.Second

// run runs one command line in a life. When ctx ends, or the life does, nothing
// of it goes on.
func (m *Machine) run(ctx context.Context, l *life, cmd machine.Command) (int, error) {
	g := l.group()
	if g == nil {
		return -1, machine.ErrDisconnected
	}
	home, err := m.homeOf(g, cmd.User)
	if err != nil {
		return -1, err
	}
	env := map[string]string{"PATH": searchPath, "HOME": home, "USER": user(cmd.User), "LOGNAME": user(cmd.User), "SHELL": "/bin/sh"}
	maps.Copy(env, cmd.Env)
	stdout, stderr := newDetachable(cmd.Stdout), newDetachable(cmd.Stderr)
	defer stdout.detach()
	defer stderr.detach()
	if cmd.PTY {
		stderr = stdout
	}
	stdin, done, err := stdinPipe(g.ctx, cmd.Stdin)
	if err != nil {
		return -1, err
	}
	defer done()

	p := &Process{
		Args: []string{"sh"}, Env: env, Dir: "/", User: user(cmd.User), Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Files: &Files{root: m.root, alive: g}, machine: m, life: l,
	}
	ended := make(chan int, 1)
	go func() { ended <- p.shell(g.ctx, "sh", cmd.Line, syntax.LangPOSIX, nil) }()
	select {
	case exit := <-ended:
		if g.ctx.Err() != nil {
			return -1, lost(ctx)
		}
		return exit, nil
	case <-ctx.Done():
		g.kill()
	case <-g.ctx.Done():
	}
	select {
	case <-ended:
	case <-time.After(grace):
	}
	return -1, lost(ctx)
}

// lost is why a command was killed.
func lost(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return machine.ErrDisconnected
}

func user(name string) string {
	if name == "" {
		return "root"
	}
	return name
}

// homeOf looks a user up in the machine.
func (m *Machine) homeOf(g *group, name string) (string, error) {
	if user(name) == "root" {
		return "/root", nil
	}
	files := &Files{root: m.root, alive: g}
	passwd, err := files.ReadFile("/etc/passwd")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for line := range strings.Lines(string(passwd)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) > 5 && f[0] == name {
			return f[5], nil
		}
	}
	return "", fmt.Errorf("user %q does not exist in the machine", name)
}

// stdinPipe makes standard input of any reader; nil is an empty one. A killed
// command does not go on waiting for it.
func stdinPipe(ctx context.Context, r io.Reader) (*os.File, func(), error) {
	pr, pw, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	if r == nil {
		pw.Close()
	} else {
		go func() {
			_, _ = io.Copy(pw, r) // the command has gone, or sees the end of its input
			pw.Close()
		}()
	}
	stop := context.AfterFunc(ctx, func() { pr.SetReadDeadline(time.Now()) })
	return pr, func() { stop(); pr.Close() }, nil
}

// shell interprets a script with the process's surroundings and returns its
// exit status. params are options and arguments as the command sh has them.
func (p *Process) shell(ctx context.Context, name, script string, lang syntax.LangVariant, params []string) int {
	file, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(script), name)
	if err != nil {
		fmt.Fprintf(p.Stderr, "%s: %v\n", name, err)
		return 2
	}
	vars := []string{"HOME="} // else the interpreter takes the host's
	for _, k := range slices.Sorted(maps.Keys(p.Env)) {
		vars = append(vars, k+"="+p.Env[k])
	}
	r, err := interp.New(
		interp.Env(expand.ListEnviron(vars...)),
		interp.Dir("/"),
		interp.StdIO(p.Stdin, p.Stdout, p.Stderr),
		interp.Params(params...),
		interp.OpenHandler(func(ctx context.Context, path string, flag int, perm os.FileMode) (io.ReadWriteCloser, error) {
			return p.Files.Open(at(interp.HandlerCtx(ctx).Dir, path), flag, perm)
		}),
		interp.StatHandler(func(_ context.Context, path string, follow bool) (fs.FileInfo, error) {
			if follow {
				return p.Files.Stat(path)
			}
			return p.Files.Lstat(path)
		}),
		interp.ReadDirHandler2(func(_ context.Context, path string) ([]fs.DirEntry, error) { return p.Files.ReadDir(path) }),
		interp.AccessHandler(func(_ context.Context, path string, mode interp.AccessMode) error {
			fi, err := p.Files.Stat(path)
			if err == nil && mode == interp.AccessExec && fi.Mode()&0o111 == 0 {
				err = fs.ErrPermission
			}
			return err
		}),
		interp.CallHandler(func(_ context.Context, args []string) ([]string, error) {
			switch {
			case len(args) > 2 && args[0] == "command" && (args[1] == "-v" || args[1] == "-V"):
				return append([]string{"which"}, args[2:]...), nil // the interpreter looks on the host
			case args[0] == "umask" || args[0] == "ulimit":
				return append([]string{"no-" + args[0]}, args[1:]...), nil // the interpreter refuses
			}
			return args, nil
		}),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc {
			return func(ctx context.Context, args []string) error {
				hc := interp.HandlerCtx(ctx)
				child := *p
				child.Args, child.Dir = args, hc.Dir
				child.Stdin, child.Stdout, child.Stderr = hc.Stdin, hc.Stdout, hc.Stderr
				child.Env = map[string]string{}
				for name, v := range hc.Env.Each {
					if v.Exported && v.Kind == expand.String {
						child.Env[name] = v.Str
					}
				}
				if exit := child.exec(ctx); exit != 0 {
					return interp.ExitStatus(exit)
				}
				return ctx.Err()
			}
		}),
	)
	if err != nil {
		fmt.Fprintf(p.Stderr, "%s: %v\n", name, err)
		return 2
	}
	if p.Dir != "/" {
		err = changeDir(ctx, r, p.Dir)
	}
	if err == nil {
		err = r.Run(ctx, file)
	}
	var status interp.ExitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return int(status)
	case ctx.Err() != nil:
		return 137
	}
	fmt.Fprintf(p.Stderr, "%s: %v\n", name, err)
	return 2
}

// changeDir does what interp.Dir would, which looks on the host.
func changeDir(ctx context.Context, r *interp.Runner, dir string) error {
	quoted, err := syntax.Quote(dir, syntax.LangPOSIX)
	if err != nil {
		return err
	}
	cd, err := syntax.NewParser().Parse(strings.NewReader("cd "+quoted), "cd")
	if err != nil {
		return err
	}
	return r.Run(ctx, cd.Stmts[0])
}
