package resource

import (
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// releaseFiles tell what system a machine has.
var releaseFiles = []string{
	"/etc/os-release", "/etc/SuSE-release", "/etc/fedora-release", "/etc/redhat-release", "/etc/system-release",
	"/etc/arch-release", "/etc/alpine-release", "/etc/debian_version", "/etc/lsb-release",
}

const sectionMark = "==proofmark== "

// detectScript prints what ServerSpec finds out by some twenty commands.
var detectScript = `for f in ` + strings.Join(releaseFiles, " ") + `; do
  if [ -e $f ]; then echo; echo "` + sectionMark + `$f"; cat $f; fi
done
echo; echo "` + sectionMark + `uname"; uname -m
if [ -e /etc/debian_version ]; then
  if o=$(lsb_release -ir 2>/dev/null); then echo "` + sectionMark + `lsb_release"; echo "$o"; fi
fi
exit 0`

// Detect tells which platform the session's machine is. It is Known, Open, or Unknown
// with a reason; ask again while it is Open.
func Detect(s *verify.Session) (Platform, State, string) {
	c, known, err := verify.Fact[probe.Command](s, probe.Question{
		Kind: probe.KindCommand, Name: detectScript, Args: map[string]string{"passive": "1", "env": "LANG=C", "here": "1", "timeout": "1m0s"},
	})
	var found map[string]string
	switch {
	case !known:
		return Platform{}, Open, ""
	case err == nil:
		found = sections(string(c.Stdout))
	default: // a tree of files, in which nothing runs
		var open bool
		if found, open = fromFiles(s); open {
			return Platform{}, Open, ""
		}
	}
	p, ok := platformOf(found)
	if ok {
		return p, Known, ""
	}
	why := "none of " + strings.Join(releaseFiles, ", ") + " tells which system this is: say it with set :os, family: …, release: …"
	if err != nil {
		why = err.Error() + ", and " + why
	}
	return p, Unknown, why
}

func sections(text string) map[string]string {
	found := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n"+sectionMark)[1:] {
		name, rest, _ := strings.Cut(part, "\n")
		found[name] = rest
	}
	return found
}

func fromFiles(s *verify.Session) (found map[string]string, open bool) {
	found = map[string]string{}
	for _, name := range releaseFiles {
		f, known, err := verify.Fact[probe.File](s, probe.Question{Kind: probe.KindFile, Name: name, Args: map[string]string{"content": "1"}})
		open = open || !known
		if known && err == nil && f.TargetType != "" {
			found[name] = string(f.Content)
		}
	}
	return found, open
}

var (
	susePattern   = regexp.MustCompile(`ID="?(opensuse|sles)`)
	versionID     = regexp.MustCompile(`VERSION_ID="?(\d+\.\d+|\d+)"?`)
	oldSuse       = regexp.MustCompile(`SUSE Linux Enterprise Server (\d+)`)
	oldOpensuse   = regexp.MustCompile(`openSUSE (\d+\.\d+|\d+)`)
	wholeRelease  = regexp.MustCompile(`release (\d+)`)
	pointRelease  = regexp.MustCompile(`release (\d[\d.]*)`)
	amazonRelease = regexp.MustCompile(`release (\d[\d.]*)|Amazon Linux (\d+)`)
	debianNumber  = regexp.MustCompile(`^\d+\.\d+$`)
	sid           = regexp.MustCompile(`\w+/sid$`)
	notAlnum      = regexp.MustCompile(`[^A-Za-z0-9]`)
)

func first(re *regexp.Regexp, text string) string {
	for i, m := range re.FindStringSubmatch(text) {
		if i > 0 && m != "" {
			return m
		}
	}
	return ""
}

// platformOf looks in the order that ServerSpec does.
func platformOf(found map[string]string) (Platform, bool) {
	p := Platform{Arch: strings.TrimSpace(found["uname"])}
	has := func(name string) bool { _, ok := found[name]; return ok }
	text := found["/etc/os-release"]
	switch {
	case susePattern.MatchString(text):
		p.Family, p.Release = first(susePattern, text), first(versionID, text)
	case oldSuse.MatchString(found["/etc/SuSE-release"]):
		p.Family, p.Release = "suse", first(oldSuse, found["/etc/SuSE-release"])
	case oldOpensuse.MatchString(found["/etc/SuSE-release"]):
		p.Family, p.Release = "opensuse", first(oldOpensuse, found["/etc/SuSE-release"])
	case has("/etc/fedora-release"):
		p.Family, p.Release = "fedora", first(wholeRelease, found["/etc/redhat-release"])
	case has("/etc/redhat-release"):
		p.Family, p.Release = "redhat", first(pointRelease, found["/etc/redhat-release"])
	case has("/etc/system-release"):
		p.Family, p.Release = "amazon", first(amazonRelease, found["/etc/system-release"])
	case has("/etc/arch-release"):
		p.Family = "arch"
	case has("/etc/alpine-release"):
		p.Family, p.Release = "alpine", strings.TrimSpace(found["/etc/alpine-release"])
	case has("/etc/debian_version"):
		p.Family, p.Release = debianFamily(found)
	}
	return p, p.Family != ""
}

// debianFamily asks lsb_release, the file it leaves, and the version of Debian, in
// this order. "n/a" on a system that is to become the next Debian is "testing".
func debianFamily(found map[string]string) (family, release string) {
	version := strings.TrimSpace(found["/etc/debian_version"])
	field := func(file, key, sep string) string {
		for line := range strings.Lines(found[file]) {
			if name, value, ok := strings.Cut(line, sep); ok && name == key {
				return strings.TrimSpace(value)
			}
		}
		return ""
	}
	if lsb := found["lsb_release"]; lsb != "" {
		family, release = field("lsb_release", "Distributor ID", ":"), field("lsb_release", "Release", ":")
	} else if found["/etc/lsb-release"] != "" {
		family, release = field("/etc/lsb-release", "DISTRIB_ID", "="), field("/etc/lsb-release", "DISTRIB_RELEASE", "=")
	} else if debianNumber.MatchString(version) {
		release = version
	}
	if family == "" {
		family = "debian"
	}
	if strings.Contains(strings.ToLower(family), "debian") && release == "n/a" && sid.MatchString(version) {
		release = "testing"
	}
	return strings.ToLower(notAlnum.ReplaceAllString(family, "")), release
}
