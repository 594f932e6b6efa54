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
			f := map[SealAction]string{
				Remove: "remove", Truncate: "empty", DropLines: "drop_lines", RemoveMarked: "remove_marked", RemoveFiles: "clear_files",
			}[r.Do]
			if r.Marker != "" {
				f += " " + Quote(r.Marker)
			}
			if top, ok := straight(p); ok {
				f = "straight " + Quote(top) + " \"$f\" && " + f
			}
			fmt.Fprintf(&b, "for f in %s; do %s \"$f\"; done\n", glob, f)
		}
		b.WriteString(r.Again.script())
	}
	b.WriteString("exit $failed\n")
	return b.String()
}

const sealPrelude = `set -u
export LC_ALL=C PATH="${PATH:-/bin}:/usr/sbin:/usr/bin:/sbin:/bin"
unset HISTFILE
failed=0
fail() { echo "seal: cannot $1 $2" >&2; failed=1; }
in_memory() {
	[ -r /proc/mounts ] || return 1
	kind='' at=''
	while read -r _ m t _; do
		case "$1/" in
		"${m%/}"/*) if [ "${#m}" -ge "${#at}" ]; then at=$m kind=$t; fi ;;
		esac
	done </proc/mounts
	case "$kind" in
	tmpfs | ramfs | devtmpfs | proc | sysfs | cgroup | cgroup2 | mqueue) return 0 ;;
	esac
	return 1
}
there() { { [ -e "$1" ] || [ -L "$1" ]; } && ! in_memory "$1"; }
file() { [ -f "$1" ] && [ ! -L "$1" ] && ! in_memory "$1"; }
remove() { there "$1" || return 0; removed=1; rm -rf -- "$1" || fail remove "$1"; }
clear_files() { there "$1" || return 0; find "$1/." -xdev ! -type d -exec rm -f -- {} + || fail clear "$1"; }
empty() { file "$1" && [ -s "$1" ] || return 0; : >"$1" || fail empty "$1"; }
remove_marked() { file "$2" && grep -qF -- "$1" "$2" || return 0; rm -f -- "$2" || fail remove "$2"; }
straight() {
	d=${2%/*}
	while [ "${#d}" -gt "${#1}" ]; do
		[ ! -L "$d" ] || return 1
		d=${d%/*}
	done
}
add() { at=$1; [ -d "${at%/*}" ] || mkdir -p -- "${at%/*}"; }
drop_lines() {
	file "$2" && grep -qF -- "$1" "$2" || return 0
	# In place, so that owner and mode stay; nothing left to keep is no failure.
	rest=$(grep -vF -- "$1" "$2")
	if [ -n "$rest" ]; then printf '%s\n' "$rest" >"$2"; else : >"$2"; fi || fail "drop lines of" "$2"
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
