package machine

import (
	"fmt"
	"strings"
)

// SealScript returns a POSIX shell script that applies the rules to the running
// machine it runs in, as root, for machines that are no Sealer. It needs sh, rm,
// rmdir, find, grep, cat, mkdir, chmod and ln. It exits with 0 when everything was applied, and else tells
// on standard error what was not.
//
// What lies on a file system in memory (usually /run and often /tmp) is left
// alone: it is not captured, and the machine is still using it.
func SealScript(rules []SealRule) string {
	var b strings.Builder
	b.WriteString(sealPrelude)
	for _, r := range rules {
		b.WriteString("removed=\n")
		meant, do := r.together()
		for _, p := range r.Paths {
			glob, below := strings.CutSuffix(p, "/**")
			glob = shellGlob(glob)
			switch {
			case below && r.Do == RemoveFiles:
				fmt.Fprintf(&b, "for d in %s; do clear_files \"$d\"; done\n", glob)
				continue
			case below:
				// All that a name can begin with, but for . and .. themselves.
				glob = fmt.Sprintf("%[1]s/* %[1]s/.[!.]* %[1]s/..?*", glob)
			}
			ifStraight := ""
			if top, ok := straight(p); ok {
				ifStraight = "straight " + Quote(top) + " \"$f\" && "
			}
			if do == "" {
				fmt.Fprintf(&b, "for f in %s; do %sempty \"$f\"; done\n", glob, ifStraight)
				continue
			}
			fmt.Fprintf(&b, "for f in %s; do %s%s \"$f\" || continue; set -- \"$@\" \"$f\"; [ $# -lt %d ] || { %s; set --; }; done\n",
				glob, ifStraight, meant, sealTogether, do)
		}
		if do != "" {
			fmt.Fprintf(&b, "%s; set --\n", do)
		}
		b.WriteString(r.Again.script())
	}
	b.WriteString("exit $failed\n")
	return b.String()
}

// sealTogether is how many files go to one program: each that is started takes its time.
const sealTogether = 64

// together gives the words of a rule whose files are collected: what tells that one of them is
// meant, and what is done with all.
func (r SealRule) together() (meant, do string) {
	switch r.Do {
	case Remove:
		return "there", `remove "$@"`
	case DropLines:
		return "file", "drop_lines " + Quote(r.Marker) + ` "$@"`
	case RemoveMarked:
		return "file", "remove_marked " + Quote(r.Marker) + ` "$@"`
	}
	return "", ""
}

const sealPrelude = `set -u
export LC_ALL=C PATH="${PATH:-/bin}:/usr/sbin:/usr/bin:/sbin:/bin"
unset HISTFILE
failed=0
fail() { echo "seal: cannot $1 $2" >&2; failed=1; }
mounts=
if [ -r /proc/mounts ]; then
	while read -r _ m t _; do mounts="$mounts $t $m"; done </proc/mounts
fi
in_memory() {
	path=$1/ kind='' at=''
	set -f
	set -- $mounts
	set +f
	while [ $# -ge 2 ]; do
		case "$path" in
		"${2%/}"/*) if [ "${#2}" -ge "${#at}" ]; then at=$2 kind=$1; fi ;;
		esac
		shift 2
	done
	case "$kind" in
	tmpfs | ramfs | devtmpfs | proc | sysfs | cgroup | cgroup2 | mqueue) return 0 ;;
	esac
	return 1
}
there() { { [ -e "$1" ] || [ -L "$1" ]; } && ! in_memory "$1"; }
file() { [ -f "$1" ] && [ ! -L "$1" ] && ! in_memory "$1"; }
remove() { [ $# -eq 0 ] || { removed=1; rm -rf -- "$@" || fail remove "$*"; }; }
clear_files() { there "$1" || return 0; find "$1/." -xdev ! -type d -exec rm -f -- {} + || fail clear "$1"; }
empty() { file "$1" && [ -s "$1" ] || return 0; : >"$1" || fail empty "$1"; }
marked() { [ $# -gt 1 ] && grep -qF -- "$@"; }
remove_marked() {
	marked "$@" || return 0
	m=$1
	shift
	for f do ! marked "$m" "$f" || rm -f -- "$f" || fail remove "$f"; done
}
straight() {
	d=${2%/*}
	while [ "${#d}" -gt "${#1}" ]; do
		[ ! -L "$d" ] || return 1
		d=${d%/*}
	done
}
add() { at=$1; [ -d "${at%/*}" ] || mkdir -p -- "${at%/*}"; }
drop_lines() {
	marked "$@" || return 0
	m=$1
	shift
	for f do
		marked "$m" "$f" || continue
		# In place, so that owner and mode stay; nothing left to keep is no failure.
		rest=$(grep -vF -- "$m" "$f")
		if [ -n "$rest" ]; then printf '%s\n' "$rest" >"$f"; else : >"$f"; fi || fail "drop lines of" "$f"
	done
}
`

// straight returns the directory above the first wildcard of a path below which no
// links may be followed, if there is such a one.
func straight(p string) (top string, ok bool) {
	i := strings.IndexAny(p, "*?[")
	if i < 0 || strings.HasSuffix(p, "/**") && i == len(p)-2 {
		return "", false
	}
	top = p[:strings.LastIndexByte(p[:i], '/')]
	below := p[len(top)+1:]
	last := below[strings.LastIndexByte(below, '/')+1:]
	return top, strings.Contains(below, "/") && strings.ContainsAny(last, "*?[")
}

// script does in a shell, where removed is set, what the builders that seal offline do.
func (a Again) script() string {
	if len(a.Files)+len(a.Links) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("again() {\n\t[ -n \"$removed\" ] || return 0\n")
	for _, p := range a.Needs {
		fmt.Fprintf(&b, "\t[ -e %s ] || return 0\n", Quote(p))
	}
	var own []string
	for _, f := range a.Files {
		own = append(own, Quote(f.Path))
	}
	for _, l := range a.Links {
		own = append(own, Quote(l.Path))
	}
	fmt.Fprintf(&b, "\tfor f in %s; do if [ -e \"$f\" ] || [ -L \"$f\" ]; then return 0; fi; done\n", strings.Join(own, " "))
	for _, p := range a.Unless {
		fmt.Fprintf(&b, "\tfor f in %s; do if [ -f \"$f\" ] && grep -qF -- %s \"$f\"; then return 0; fi; done\n", shellGlob(p), Quote(a.Mark))
	}
	for _, f := range a.Files {
		fmt.Fprintf(&b, "\tadd %s && printf %%s %s >\"$at\" && chmod 644 \"$at\" || fail write \"$at\"\n", Quote(f.Path), Quote(f.Text))
	}
	for _, l := range a.Links {
		fmt.Fprintf(&b, "\tadd %s && ln -s -- %s \"$at\" || fail link \"$at\"\n", Quote(l.Path), Quote(l.Target))
	}
	b.WriteString("}\nagain\n")
	return b.String()
}

// shellGlob quotes all of a pattern but its wildcards.
func shellGlob(p string) string {
	var b strings.Builder
	for p != "" {
		i := strings.IndexAny(p, "*?[")
		if i < 0 {
			i = len(p)
		}
		if i > 0 {
			b.WriteString(Quote(p[:i]))
		}
		if p = p[i:]; p == "" {
			break
		}
		n := 1
		if j := strings.IndexByte(p, ']'); p[0] == '[' && j > 0 {
			n = j + 1
		}
		b.WriteString(p[:n])
		p = p[n:]
	}
	return b.String()
}
