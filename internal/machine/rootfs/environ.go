package rootfs

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const hostPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environ makes a clean environment for a user.
func environ(a account, extra ...map[string]string) map[string]string {
	env := map[string]string{
		"PATH": strings.TrimPrefix(hostPath, "PATH="),
		"LANG": "C.UTF-8", "HOME": a.home, "USER": a.name, "LOGNAME": a.name,
	}
	if a.shell != "" {
		env["SHELL"] = a.shell
	}
	for _, m := range extra {
		maps.Copy(env, m)
	}
	return env
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// shell returns the command that runs the line in the machine, and its
// environment. On the way there, programs of the host run with this environment:
// variables have other names until the machine's shell has begun, so that none
// (PATH, LD_PRELOAD …) means anything to those. The line goes the same way, since
// it may hold secrets: every user of the host can read the arguments of a process,
// and only root its environment.
//
// The shell begins with the command given.
func (s spawn) shell(first string) (env, argv []string) {
	env = []string{hostPath, "PROOFMARK_LINE=" + s.line}
	n := 0
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		value := s.env[name]
		switch {
		case name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00"):
		case identifier.MatchString(name):
			env = append(env, "PROOFMARK_"+strconv.Itoa(n)+"="+name+"="+value)
			n++
		default: // no shell can set it, and no program of the host knows it
			env = append(env, name+"="+value)
		}
	}
	const begin = `; while [ $# -gt 0 ]; do eval "export \"\$PROOFMARK_$1\"; unset PROOFMARK_$1"; shift; done
cd "$HOME" 2>/dev/null || cd /; eval "unset PROOFMARK_LINE; $PROOFMARK_LINE"`
	argv = []string{"/bin/sh", "-c", first + begin, "sh"}
	for i := range n {
		argv = append(argv, strconv.Itoa(i))
	}
	return env, argv
}
