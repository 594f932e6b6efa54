package resource

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// file returns the fact of the resource's path. A path that depends on where a command
// starts is the command's.
func (a *asking) file(args map[string]string) (probe.File, bool) {
	name := a.plain()
	if !strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00\\\n") {
		return probe.File{}, false
	}
	return know[probe.File](a, probe.KindFile, name, args)
}

func typeIs(typ string) func(*asking) (Value, bool) {
	return func(a *asking) (Value, bool) {
		f, ok := a.file(nil)
		return Bool(f.TargetType == typ), ok
	}
}

func somewhere(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return Bool(f.TargetType != ""), ok
}

func isLink(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return Bool(f.Type == "symlink"), ok
}

// modeOf is the mode as stat prints it; "" of a file that is not there.
func modeOf(f probe.File) string {
	if !f.Exists {
		return ""
	}
	if text := strings.TrimLeft(f.Mode, "0"); text != "" {
		return text
	}
	return "0"
}

func hasMode(a *asking) (Value, bool) {
	want := []string{a.arg("mode")}
	if a.host.Strict {
		want = strictModes(a.args["mode"])
	}
	f, ok := a.file(nil)
	return Bool(f.Exists && slices.Contains(want, modeOf(f))), ok && digits(a.arg("mode"))
}

// named returns a name as stat prints it. It is not ok for one that could be a number:
// that is how facts show a file that nobody's name owns.
func named(name string, id int) (string, bool) {
	if name == strconv.Itoa(id) {
		return "UNKNOWN", false
	}
	return name, true
}

var ownerName = regexp.MustCompile(`\A[a-z_][a-z0-9_-]*\z`)

func ownedBy(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return holds(f.Exists, f.Owner, f.UID, a.arg("owner"), ok)
}

func groupedInto(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return holds(f.Exists, f.Group, f.GID, a.arg("group"), ok)
}

func holds(exists bool, name string, id int, want string, ok bool) (Value, bool) {
	if digits(want) {
		return Bool(exists && want == strconv.Itoa(id)), ok
	}
	_, hasName := named(name, id)
	return Bool(exists && name == want), ok && ownerName.MatchString(want) && (hasName || !exists)
}

func leadsTo(a *asking) (Value, bool) {
	want := a.arg("target")
	f, ok := a.file(nil)
	return Bool(f.LinkTarget == want), ok && want != "" && !strings.HasSuffix(f.LinkTarget, "\n") && (a.host.Strict || escape(want) == want)
}

func accessible(bits int) func(*asking) (Value, bool) {
	return func(a *asking) (Value, bool) {
		if a.has("by_user") {
			return nil, false
		}
		f, ok := a.file(nil)
		return bitsFor(modeOf(f), bits, a.arg("by")), ok
	}
}

// mountedSomehow is for a mount point with an ordinary name, of which nothing more is
// asked. That it is none, mount has the last word on.
func mountedSomehow(a *asking) (Value, bool) {
	name := a.plain()
	if a.has("with") || a.has("only_with") || !ordinary.MatchString(name) || name != path.Clean(name) || !path.IsAbs(name) || strings.Contains(name, ".") {
		return nil, false
	}
	m, ok := know[probe.Mount](a, probe.KindMount, name, nil)
	return Bool(true), ok && m.Exists
}

// contains asks the two searches of contain in one round.
func contains(a *asking) (Value, bool) {
	pattern, name := a.arg("pattern"), a.plain()
	_, isList := a.args["pattern"].(List)
	for _, narrow := range []string{"from", "to", "after", "before"} {
		if a.has(narrow) {
			return nil, false
		}
	}
	if isList || a.host.Strict || !probe.SimplePattern(pattern) || !strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\x00\n") {
		return nil, false
	}
	basic, ok1 := know[probe.Grep](a, probe.KindGrep, name, map[string]string{"pattern": pattern})
	fixed, ok2 := know[probe.Grep](a, probe.KindGrep, name, map[string]string{"pattern": pattern, "fixed": "1"})
	return Bool(basic.Match || fixed.Match), ok1 && ok2
}

// strictContain takes a text for itself, and a regular expression for one of the
// spec's language over the whole file.
func strictContain(a *asking) Value {
	re, isRegexp := a.args["pattern"].(Regexp)
	if !isRegexp {
		_, fixed := grepFor(a.argq("pattern"), a.name())
		return a.check(fixed)
	}
	flags := "(?m)"
	if strings.Contains(re.Options, "i") {
		flags = "(?mi)"
	}
	if strings.Contains(re.Options, "m") {
		flags += "(?s)"
	}
	compiled, err := regexp.Compile(flags + re.Source)
	if err != nil || strings.Contains(re.Options, "x") {
		a.fail("cannot search strictly for /" + re.Source + "/" + re.Options + ": use its(:content) { should match … }")
		return nil
	}
	return Bool(compiled.MatchString(a.stdout("cat " + a.name() + " 2> /dev/null || echo -n")))
}

// contentOf returns the file's content. A file that is not there or cannot be read has
// none; what is no file at all, such as a pipe, is the command's.
func (a *asking) contentOf() (string, bool) {
	name := a.plain()
	if !strings.HasPrefix(name, "/") || strings.Contains(name, "\x00") {
		return "", false
	}
	f, ok, err := ask[probe.File](a, probe.Question{Kind: probe.KindFile, Name: name, Args: map[string]string{"content": "1"}})
	switch {
	case err != nil && !errors.Is(err, verify.ErrNoProbe):
		return "", false
	case ok && f.TooLarge:
		a.fail("the file is larger than " + blobLimit + ", which is the most that is read of one: ask for contain or its digest")
	case ok && f.Exists && f.ReadErr != "" && f.TargetType != "directory" && f.TargetType != "":
		return "", false
	case ok && a.host.Strict && (f.TargetType != "file" || f.ReadErr != ""):
		a.raise("Errno::ENOENT", "No such file - %s", a.plain())
	}
	return a.host.Received(string(f.Content)), ok
}

func contentFact(a *asking) (Value, bool) {
	text, ok := a.contentOf()
	return String(text), ok
}

func jsonContentFact(a *asking) (Value, bool) {
	text, ok := a.contentOf()
	if !ok || a.settled() {
		return nil, ok
	}
	return a.json(text), true
}

func digest(kind string) func(*asking) (Value, bool) {
	return func(a *asking) (Value, bool) {
		f, ok := a.file(map[string]string{kind: "1"})
		sum := f.MD5
		if kind == "sha256" {
			sum = f.SHA256
		}
		return String(sum), ok && (f.ReadErr == "" || f.TargetType == "" || f.TargetType == "directory")
	}
}

func modeText(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return String(modeOf(f)), ok
}

func ownerText(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	name, certain := named(f.Owner, f.UID)
	return String(f.Owner), ok && (!f.Exists || certain && name != "")
}

func groupText(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	name, certain := named(f.Group, f.GID)
	return String(f.Group), ok && (!f.Exists || certain && name != "")
}

func sizeFact(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return Int(f.Size), ok
}

func mtimeFact(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	if ok && !f.Exists {
		return nil, false
	}
	return Time(time.Unix(f.MTime, 0)), ok
}

func targetText(a *asking) (Value, bool) {
	f, ok := a.file(nil)
	return String(strip(f.LinkTarget)), ok
}
