package fake

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"mvdan.cc/sh/v3/interp"
)

// builtin returns a command that every machine has; nil when there is none.
func builtin(name string) Command {
	switch name {
	case "sh", "dash", "bash":
		return runShell
	case "env":
		return runEnv
	case "sudo":
		return runSudo
	case "sleep":
		return runSleep
	case "reboot":
		return func(_ context.Context, p *Process) int { p.machine.power(p.life, usable); return 0 }
	case "poweroff", "halt", "shutdown":
		return func(_ context.Context, p *Process) int { p.machine.power(p.life, halted); return 0 }
	case "which":
		return runWhich
	case "id", "whoami":
		return runID
	case "uname":
		return say("Linux")
	case "hostname":
		return say("fake")
	case "nproc":
		return say("1")
	case "sync", "no-umask", "no-ulimit":
		return func(context.Context, *Process) int { return 0 }
	case "basename", "dirname":
		return runBasename
	case "seq":
		return runSeq
	case "date":
		return runDate
	case "true", "false", "test", "[", "echo", "printf", "pwd":
		return runInShell
	}
	if c := fileCommand(name); c != nil {
		return c
	}
	return textCommand(name)
}

func say(text string) Command {
	return func(_ context.Context, p *Process) int {
		_, err := fmt.Fprintln(p.Stdout, text)
		return p.fail(err)
	}
}

// flags takes options of single letters from the arguments; with holds the
// letters that have a value. Unknown ones are taken too.
func (p *Process) flags(with string) (set map[byte]string, rest []string) {
	set = map[byte]string{}
	args := p.Args[1:]
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		if strings.HasPrefix(arg, "--") {
			name, value, _ := strings.Cut(arg[2:], "=")
			set[(name + "-")[0]] = value
			continue
		}
		for i := 1; i < len(arg); i++ {
			if !strings.Contains(with, arg[i:i+1]) {
				set[arg[i]] = ""
				continue
			}
			value := arg[i+1:]
			if value == "" && len(args) > 0 {
				value, args = args[0], args[1:]
			}
			set[arg[i]] = value
			break
		}
	}
	return set, args
}

func runEnv(ctx context.Context, p *Process) int {
	child := *p
	child.Env = maps.Clone(p.Env)
	set, rest := p.flags("u")
	if _, ok := set['i']; ok {
		child.Env = map[string]string{}
	}
	if name, ok := set['u']; ok {
		delete(child.Env, name)
	}
	for len(rest) > 0 && strings.Contains(rest[0], "=") {
		name, value, _ := strings.Cut(rest[0], "=")
		child.Env[name] = value
		rest = rest[1:]
	}
	if len(rest) > 0 {
		child.Args = rest
		return child.exec(ctx)
	}
	for _, name := range slices.Sorted(maps.Keys(child.Env)) {
		fmt.Fprintf(p.Stdout, "%s=%s\n", name, child.Env[name])
	}
	return 0
}

func runSudo(ctx context.Context, p *Process) int {
	child := *p
	set, rest := p.flags("u")
	child.User = user(set['u'])
	child.Args = append([]string{"env"}, rest...)
	return runEnv(ctx, &child)
}

func runSleep(ctx context.Context, p *Process) int {
	var total time.Duration
	for _, arg := range p.Args[1:] {
		if last := arg[len(arg)-1:]; !strings.Contains("smhd", last) {
			arg += "s"
		}
		arg = strings.Replace(arg, "infinity", "1000000h", 1)
		d, err := time.ParseDuration(arg)
		if err != nil {
			return p.fail(err)
		}
		total += d
	}
	timer := time.NewTimer(total)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0
	case <-ctx.Done():
		return 137
	}
}

func runWhich(_ context.Context, p *Process) int {
	_, names := p.flags("")
	for _, name := range names {
		switch file := p.find(name); {
		case file != "":
			fmt.Fprintln(p.Stdout, file)
		case interp.IsBuiltin(name):
			fmt.Fprintln(p.Stdout, name)
		case p.command(name) != nil:
			fmt.Fprintln(p.Stdout, path.Join("/usr/bin", name))
		default:
			return 1
		}
	}
	return 0
}

func runID(_ context.Context, p *Process) int {
	set, _ := p.flags("")
	_, name := set['n']
	_, number := set['u']
	uid := 0
	if p.User != "root" {
		uid = 1000
	}
	text := fmt.Sprintf("uid=%d(%s)", uid, p.User)
	switch {
	case name || path.Base(p.Args[0]) == "whoami":
		text = p.User
	case number:
		text = strconv.Itoa(uid)
	}
	return say(text)(nil, p)
}

func runBasename(_ context.Context, p *Process) int {
	if len(p.Args) < 2 {
		return 1
	}
	if path.Base(p.Args[0]) == "dirname" {
		return say(path.Dir(p.Args[1]))(nil, p)
	}
	base := path.Base(p.Args[1])
	if len(p.Args) > 2 {
		base = strings.TrimSuffix(base, p.Args[2])
	}
	return say(base)(nil, p)
}

func runSeq(_ context.Context, p *Process) int {
	first, last := 1, 0
	var err error
	if len(p.Args) > 2 {
		first, err = strconv.Atoi(p.Args[1])
	}
	if err == nil {
		last, err = strconv.Atoi(p.Args[len(p.Args)-1])
	}
	for i := first; err == nil && i <= last; i++ {
		_, err = fmt.Fprintln(p.Stdout, i)
	}
	return p.fail(err)
}

func runDate(_ context.Context, p *Process) int {
	now := time.Now().UTC()
	text := now.Format(time.UnixDate)
	if len(p.Args) > 1 && strings.HasPrefix(p.Args[len(p.Args)-1], "+") {
		text = strings.NewReplacer("%s", strconv.FormatInt(now.Unix(), 10), "%N", fmt.Sprintf("%09d", now.Nanosecond()),
			"%Y", now.Format("2006"), "%m", now.Format("01"), "%d", now.Format("02"),
			"%H", now.Format("15"), "%M", now.Format("04"), "%S", now.Format("05"), "%F", now.Format("2006-01-02"), "%T", now.Format("15:04:05"),
		).Replace(p.Args[len(p.Args)-1][1:])
	}
	return say(text)(nil, p)
}

// runInShell runs what the shell has built in, for who calls it by its path.
func runInShell(ctx context.Context, p *Process) int {
	child := *p
	child.Args = append([]string{"sh", "-c", `"$@"`, "sh", path.Base(p.Args[0])}, p.Args[1:]...)
	return runShell(ctx, &child)
}
