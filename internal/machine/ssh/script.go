package ssh

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// bootstrap runs in the machine before every command. Its own text is all that other
// users of the machine can see among the arguments of processes: the command and its
// environment come over standard input, line by line until one that says MARK-run, so
// that half a command never runs. Its output stands between marks (see stream).
//
// A line break is the last of the three that a shell begins with in IFS, where that is a
// shell's; making one takes a process.
//
// $1 is MARK, $2 the file that tells which boot this is. It may not hold a single
// quote, a line break or an exclamation mark: any login shell has to pass it on.
const bootstrap = `_pm_m=$1; _pm_b=; { IFS= read -r _pm_b <"$2"; } 2>/dev/null; shift 2; ` +
	`printf %s "$_pm_m-ready."; printf %s "$_pm_m-ready-$_pm_b." >&2; ` +
	`_pm_n="${IFS#??}"; case "$_pm_n" in ?) ;; *) _pm_n="$(echo; echo x)"; _pm_n="${_pm_n%x}";; esac; _pm_p=; _pm_g=; ` +
	`while IFS= read -r _pm_l; do case "$_pm_l" in "$_pm_m-run") _pm_g=1; break;; esac; _pm_p="$_pm_p$_pm_l$_pm_n"; done; ` +
	`[ "$_pm_g" ] || exit 125; trap : INT QUIT; (eval "$_pm_p"); _pm_s=$?; ` +
	`printf %s "$_pm_m-end."; printf %s "$_pm_m-end." >&2; exit "$_pm_s"`

// become runs the bootstrap ($5) with MARK ($1) and boot file ($2) as another user
// ($4), with $3 in the environment. $6 says how sudo is called. Who is root already
// needs no sudo.
const become = `PROOFMARK_COMMAND=$3; export PROOFMARK_COMMAND; if command -v sudo >/dev/null 2>&1; then ` +
	`exec sudo $6 -H -u "$4" -- env PROOFMARK_COMMAND="$3" /bin/sh -c "$5" sh "$1" "$2"; ` +
	`elif [ "$(id -u)" = 0 ]; then exec su -s /bin/sh "$4" -c "$5" sh "$1" "$2"; ` +
	`else echo "sudo is not installed" >&2; exit 127; fi`

// commandEnv is in the environment of a command and of all that it starts, so that
// what goes on after a cancel can be found.
const commandEnv = "PROOFMARK_COMMAND"

// execLine is the command line that the login shell gets. It holds nothing of the
// command. For another user than the one logged in, password says that sudo may ask:
// it then prints MARK-password.
func execLine(mark, tag, bootFile, user string, password bool) string {
	q := func(s string) string { return "'" + s + "'" }
	if user == "" {
		return "exec env " + commandEnv + "=" + tag + " /bin/sh -c " + q(bootstrap) + " sh " + mark + " " + q(bootFile)
	}
	sudo := "-n"
	if password {
		sudo = "-S -p " + mark + "-password."
	}
	return "exec /bin/sh -c " + q(become) + " sh " + strings.Join([]string{mark, q(bootFile), tag, q(user), q(bootstrap), q(sudo)}, " ")
}

var (
	identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	userName   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$`)
)

// checkNames reports what no shell or sudo takes, before anything is sent.
func checkNames(cmd machine.Command) error {
	if cmd.User != "" && !userName.MatchString(cmd.User) {
		return fmt.Errorf("%q is no name of a user", cmd.User)
	}
	if strings.Contains(cmd.Line, "\x00") {
		return fmt.Errorf("the command holds a zero byte")
	}
	for name, value := range cmd.Env {
		if !identifier.MatchString(name) {
			return fmt.Errorf("set environment variable %q: a shell takes letters, digits and _ alone", name)
		}
		if strings.Contains(value, "\x00") {
			return fmt.Errorf("set environment variable %s: its value holds a zero byte", name)
		}
	}
	return nil
}

// leaving makes a command end at once, saying so, when the init system is about to go
// down: a reboot that was asked for a moment ago shows nowhere else.
const leaving = `if [ -d /run/systemd/system ] && [ "$(systemctl is-system-running 2>/dev/null </dev/null)" = stopping ]; then printf %%s %s-leaving. >&2; exit 0; fi
`

// stateLine prints what the init system says of itself: stopping when it is about to
// go down, unknown where none can be asked, and anything else when it stays.
const stateLine = `if [ -d /run/systemd/system ]; then systemctl is-system-running 2>/dev/null </dev/null
elif [ -r /run/openrc/softlevel ]; then case "$(cat /run/openrc/softlevel)" in shutdown|reboot) echo stopping;; *) echo running;; esac
else case "$(runlevel 2>/dev/null </dev/null)" in *" "[06]) echo stopping;; *" "[1-5S]) echo running;; *) echo unknown;; esac
fi; exit 0`

// program is what the bootstrap reads: up to the mark a script, which ends as the
// command does.
func program(mark string, s spawn) string {
	var b strings.Builder
	b.WriteString("unset _pm_m _pm_b _pm_n _pm_p _pm_l _pm_g\n")
	if s.pty {
		// Until here the terminal passed on what it got as it was.
		b.WriteString("stty sane 2>/dev/null\nprintf %s " + mark + "-terminal.\n")
	}
	if s.ask {
		fmt.Fprintf(&b, leaving, mark)
	}
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		b.WriteString("export " + name + "=" + machine.Quote(s.env[name]) + "\n")
	}
	b.WriteString(`cd "$HOME" 2>/dev/null || cd /` + "\n")
	if s.merged {
		b.WriteString("exec 2>&1\n")
	}
	b.WriteString("eval " + machine.Quote(s.line) + "\n" + mark + "-run\n")
	return b.String()
}
