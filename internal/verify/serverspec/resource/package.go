package resource

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var packageRows = []row{
	{of: one("package"), method: "installed?", params: "by with_version", ask: installed, fact: installedFact},
	{of: one("package"), when: dpkg, method: "version", ask: version(dpkgVersion), fact: dpkgVersionFact},
	{of: one("package"), when: redhat, method: "version", ask: version("rpm -q --qf '%%{VERSION}-%%{RELEASE}' %s"), fact: rpmVersionFact},
	{of: one("package"), when: suse, method: "version", ask: version("rpm -qi %s | grep Version | awk '{print $3}'")},
	{of: one("package"), when: alpine, method: "version", ask: version("apk version %s | tail -n1 | awk '{ print $3; }'")},
	{of: one("package"), when: arch, method: "version", ask: version("pacman -Qi %s | grep Version | awk '{print $3}'")},
	{of: one("package"), method: "version", ask: notHere},
}

const dpkgVersion = "dpkg-query -f '${Status} ${Version}' -W %s | sed -n 's/^install ok installed //p'"

// version makes a version of what a command prints; nil of nothing.
func version(format string) func(*asking) Value {
	return func(a *asking) Value {
		return a.version(a.stdout(fmt.Sprintf(format, a.plain())))
	}
}

func (a *asking) version(text string) Value {
	text = strip(text)
	if text == "" {
		return nil
	}
	v, err := NewVersion(text)
	if err != nil {
		return a.raise("ArgumentError", "Malformed version number string %s", text)
	}
	return v
}

// manager is a family's own, and how it is called in be_installed.by.
type manager struct {
	when      func(Platform) bool
	by        string
	installed func(a *asking) string // the command, with a version or without
	fact      func(a *asking, p probe.Package) (yes, ok bool)
}

var managers = []manager{
	{dpkg, "apt", func(a *asking) string {
		format, end := "${Status}", ""
		if a.has("with_version") {
			format, end = "${Status} ${Version}", " "+quoteRegexp(a.arg("with_version"))
		}
		if a.host.Strict {
			format += `\n`
		}
		return "dpkg-query -f '" + format + "' -W " + a.name() + " | grep -E '^(install|hold) ok installed" + end + "$'"
	}, dpkgInstalled},
	{redhat, "rpm", func(a *asking) string {
		if !a.has("with_version") {
			return "rpm -q " + a.name()
		}
		return "rpm -q " + a.name() + " | grep -w -- " + quoteRegexp(a.plain()+"-"+a.arg("with_version"))
	}, rpmInstalled},
	{suse, "rpm", func(a *asking) string {
		if !a.has("with_version") {
			return "rpm -q " + a.name()
		}
		return "rpm -q " + a.name() + " | grep -w -- " + a.argq("with_version")
	}, rpmInstalled},
	{alpine, "apk", func(a *asking) string {
		if !a.has("with_version") {
			return "apk info -qe " + a.name()
		}
		return "apk info -v | grep -w -- '^" + quoteRegexp(a.plain()+"-"+a.arg("with_version")) + "'"
	}, apkInstalled},
	{arch, "pacman", func(a *asking) string {
		v := a.argq("with_version")
		switch {
		case !a.has("with_version"):
			return "pacman -Q " + a.name() + " || pacman -Qg " + a.name()
		case strings.Contains(a.arg("with_version"), "-"):
			return "pacman -Q " + a.name() + " | awk '{print $2}' | grep '^" + v + "$'"
		}
		return "pacman -Q " + a.name() + " | awk '{print $2}' | grep '^" + v + "-'"
	}, nil},
}

// ownManager is the one that a call asks; nil when it asks another, or there is none.
func (a *asking) ownManager() *manager {
	for _, m := range managers {
		if m.when(a.host.Platform) && (!a.has("by") || a.arg("by") == m.by && m.by != "pacman") {
			return &m
		}
	}
	return nil
}

func installed(a *asking) Value {
	if m := a.ownManager(); m != nil {
		return a.check(m.installed(a))
	}
	line, ok := providers[a.arg("by")]
	if !ok {
		return notHere(a)
	}
	return a.check(line(a))
}

func installedFact(a *asking) (Value, bool) {
	m := a.ownManager()
	if m == nil || m.fact == nil || !ordinary.MatchString(a.plain()) || strings.ContainsAny(a.plain(), ":/@,_") ||
		a.has("with_version") && !versionText(a.arg("with_version")) {
		return nil, false
	}
	p, ok := know[probe.Package](a, probe.KindPackage, a.plain(), nil)
	if !ok {
		return nil, false
	}
	yes, certain := m.fact(a, p)
	return Bool(yes), certain
}

// versionText tells whether a version means itself to the commands.
func versionText(v string) bool {
	return v != "" && strings.Trim(v, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+~:-") == ""
}

// dpkgInstalled decides for a name of one record: of several, such as of two
// architectures, dpkg-query prints one after the other on one line, and the line has
// then not the form that is looked for. Strict is content with any of them.
func dpkgInstalled(a *asking, p probe.Package) (yes, ok bool) {
	if p.Manager != "dpkg" || strings.ToLower(a.plain()) != a.plain() {
		return false, false
	}
	if len(p.Records) > 1 && !a.host.Strict {
		return false, false
	}
	for _, r := range p.Records {
		good := r.Status == "install ok installed" || r.Status == "hold ok installed"
		yes = yes || good && (!a.has("with_version") || r.Version == a.arg("with_version"))
	}
	return yes, true
}

func dpkgVersionFact(a *asking) (Value, bool) {
	if !ordinary.MatchString(a.plain()) || strings.ContainsAny(a.plain(), ":/@,_") || strings.ToLower(a.plain()) != a.plain() {
		return nil, false
	}
	p, ok := know[probe.Package](a, probe.KindPackage, a.plain(), nil)
	if !ok || p.Manager != "dpkg" || len(p.Records) > 1 {
		return nil, false
	}
	for _, r := range p.Records {
		if r.Status == "install ok installed" {
			return a.version(r.Version), true
		}
	}
	return nil, true
}

// label is how rpm prints a package: name, version, release and architecture.
func label(name string, r probe.PackageRecord) string {
	return name + "-" + withoutEpoch(r.Version) + "." + r.Arch
}

func withoutEpoch(version string) string {
	if _, rest, ok := strings.Cut(version, ":"); ok {
		return rest
	}
	return version
}

// rpmInstalled decides that a package of the name is there. When none is, rpm may
// still take the name for one with its version.
func rpmInstalled(a *asking, p probe.Package) (yes, ok bool) {
	if p.Manager != "rpm" {
		return false, false
	}
	if len(p.Records) == 0 {
		return false, !strings.ContainsAny(a.plain(), "-.")
	}
	if !a.has("with_version") {
		return true, true
	}
	want := a.arg("with_version")
	if redhat(a.host.Platform) {
		want = a.plain() + "-" + want
	} else if strings.Contains(want, ".") { // any byte, in the expression that zypper's family has
		return false, false
	}
	for _, r := range p.Records {
		yes = yes || word(label(a.plain(), r), want)
	}
	return yes, true
}

// rpmVersionFact is for a package that is there once: of several, rpm prints the
// versions on one line.
func rpmVersionFact(a *asking) (Value, bool) {
	if !ordinary.MatchString(a.plain()) {
		return nil, false
	}
	p, ok := know[probe.Package](a, probe.KindPackage, a.plain(), nil)
	if !ok || p.Manager != "rpm" || len(p.Records) != 1 {
		return nil, false
	}
	return a.version(withoutEpoch(p.Records[0].Version)), true
}

func apkInstalled(a *asking, p probe.Package) (yes, ok bool) {
	if p.Manager != "apk" || a.has("with_version") {
		return false, false
	}
	return p.Installed, p.Installed
}

// providers are the other managers that be_installed.by names.
var providers = map[string]func(a *asking) string{
	"gem":          gems("gem"),
	"td_agent_gem": gems("/usr/sbin/td-agent-gem"),
	"rvm":          listed("rvm list strings", "^"),
	"pecl":         listed("pecl list", "^"),
	"pear":         listed("pear list -a", "^"),
	"pip":          listed("pip list", "^"),
	"pip2":         listed("pip2 list", "^"),
	"pip3":         listed("pip3 list", "^", " "),
	"cpan":         listed("cpan -l", "^"),
	"npm": func(a *asking) string {
		return "npm ls " + a.name() + " -g" + a.listedVersion()
	},
}

func (a *asking) listedVersion() string {
	if !a.has("with_version") {
		return ""
	}
	return " | grep -w -- " + a.argq("with_version")
}

// listed looks for the name at the beginning of a line, with letters of any case.
// Without something after it the name is any word that the line begins with, so that
// "ansible" is found in "ansible-core"; strict wants white space there.
func listed(list, before string, after ...string) func(*asking) string {
	return func(a *asking) string {
		expression := before + a.plain() + strings.Join(after, "")
		if a.host.Strict && len(after) == 0 {
			expression += `\([[:space:]]\|$\)`
		}
		return list + " | grep -iw -- " + escape(expression) + a.listedVersion()
	}
}

func gems(program string) func(*asking) string {
	return func(a *asking) string {
		line := program + " list --local | grep -iw -- " + escape("^"+a.plain()+" ")
		if a.has("with_version") {
			line += ` | grep -w -- "[( ]` + a.argq("with_version") + `[,)]"`
		}
		return line
	}
}
