package serverspec

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// platformScript prints what ServerSpec looks at to find out what a system is, each part
// after a line that names it. The marks cannot be part of what is read.
const platformScript = `part() { printf '\n\001%s\n' "$1"; }
show() { [ -e "$2" ] && { part "$1"; cat "$2" 2>/dev/null; }; }
part machine; uname -m
part kernel; uname -s
zypper -V >/dev/null 2>&1 && part zypper
show os-release /etc/os-release
show suse /etc/SuSE-release
show fedora /etc/fedora-release
show redhat /etc/redhat-release
show system /etc/system-release
show arch /etc/arch-release
show alpine /etc/alpine-release
show coreos /etc/coreos/update.conf
show gentoo /etc/gentoo-release
if [ -r /etc/debian_version ]; then
  show debian /etc/debian_version
  lsb=$(lsb_release -ir 2>/dev/null) && { part lsb; printf '%s\n' "$lsb"; }
  show lsb-release /etc/lsb-release
fi
:`

// parts takes the output of platformScript apart.
func parts(out string) map[string]string {
	all := map[string]string{}
	for i, p := range strings.Split(out, "\n\x01") {
		if i == 0 {
			continue
		}
		name, text, _ := strings.Cut(p, "\n")
		all[name] = text
	}
	return all
}

var (
	release    = regexp.MustCompile(`release (\d[\d.]*)`)
	fedoraLine = regexp.MustCompile(`release (\d+)`)
	amazon     = regexp.MustCompile(`Amazon Linux (\d+)`)
	versionID  = regexp.MustCompile(`VERSION_ID="(\d+\.\d+|\d+)"`)
	sles       = regexp.MustCompile(`SUSE Linux Enterprise Server (\d+)`)
	openSUSE   = regexp.MustCompile(`openSUSE (\d+\.\d+|\d+)`)
	twoNumbers = regexp.MustCompile(`(?m)^[0-9]+\.[0-9]+$`)
)

func first(re *regexp.Regexp, text string) string {
	if m := re.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// detect finds out what a system is in ServerSpec's order, by which the first sign wins.
func detect(found map[string]string) (resource.Platform, bool) {
	p := resource.Platform{Arch: strings.TrimSpace(found["machine"])}
	has := func(name string) bool { _, ok := found[name]; return ok }
	switch {
	case has("zypper") && has("os-release"):
		text := found["os-release"]
		switch {
		case strings.Contains(text, "ID=opensuse"), strings.Contains(text, `ID="opensuse`):
			p.Family = "opensuse"
		case strings.Contains(text, `ID="sles"`), strings.Contains(text, `ID="sles_sap"`):
			p.Family = "sles"
		}
		p.Release = first(versionID, text)
	case has("zypper") && has("suse"):
		if p.Release = first(sles, found["suse"]); p.Release != "" {
			p.Family = "suse"
		} else if p.Release = first(openSUSE, found["suse"]); p.Release != "" {
			p.Family = "opensuse"
		}
	case has("fedora"):
		p.Family, p.Release = "fedora", first(fedoraLine, found["redhat"])
	case has("redhat"):
		p.Family, p.Release = "redhat", first(release, found["redhat"])
	case has("system"):
		p.Family, p.Release = "amazon", first(release, found["redhat"])
		if p.Release == "" {
			p.Release = first(release, found["system"])
		}
		if p.Release == "" {
			p.Release = first(amazon, found["system"])
		}
	case has("arch"):
		p.Family = "arch"
	case has("alpine"):
		p.Family, p.Release = "alpine", strings.TrimRight(found["alpine"], "\n")
	case has("coreos"):
		p.Family = "coreos"
	case has("debian"):
		debian(&p, found)
	case has("gentoo"):
		p.Family = "gentoo"
	default:
		return p, false
	}
	return p, true
}

// debian is for systems of the family, which say themselves which of it they are.
func debian(p *resource.Platform, found map[string]string) {
	distro := "debian"
	read := func(text, separator, id, release string) {
		for line := range strings.Lines(text) {
			_, value, _ := strings.Cut(line, separator)
			if i := strings.LastIndex(line, separator); i >= 0 {
				value = strings.TrimSpace(line[i+1:])
			}
			switch {
			case strings.HasPrefix(line, id):
				distro = value
			case strings.HasPrefix(line, release):
				p.Release = value
			}
		}
	}
	lsb, ok := found["lsb"]
	file, okFile := found["lsb-release"]
	switch {
	case ok:
		read(lsb, ":", "Distributor ID:", "Release:")
	case okFile:
		read(file, "=", "DISTRIB_ID=", "DISTRIB_RELEASE=")
	default:
		p.Release = twoNumbers.FindString(strings.TrimRight(found["debian"], "\n"))
	}
	if strings.Contains(strings.ToLower(distro), "debian") && p.Release == "n/a" && strings.HasSuffix(strings.TrimSpace(found["debian"]), "/sid") {
		p.Release = "testing"
	}
	p.Family = strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, distro))
}

// platformOf asks what the target is.
func (r *run) platformOf() (resource.Platform, error) {
	if r.platform != nil {
		return *r.platform, nil
	}
	if h, ok := r.setting("os").(*ruby.Hash); ok {
		p := resource.Platform{}
		for name, to := range map[string]*string{"family": &p.Family, "release": &p.Release, "arch": &p.Arch} {
			if v := h.Symbol(name); v != nil && !ruby.IsNil(v) {
				text, err := r.in.ToS(v)
				if err != nil {
					return p, err
				}
				*to = text
			}
		}
		r.platform = &p
		return p, nil
	}
	if err := r.reach(); err != nil {
		return resource.Platform{}, err
	}
	q := probe.Question{Kind: probe.KindCommand, Name: platformScript, Args: map[string]string{"passive": "1", "timeout": time.Minute.String()}}
	c, known, err := verify.Fact[probe.Command](r.session, r.asked(q))
	switch {
	case !known:
		return resource.Platform{}, ruby.ErrOpen
	}
	found := parts(string(c.Stdout))
	if err != nil { // nothing runs there: a tree of files
		if found, err = r.signs(); err != nil {
			return resource.Platform{}, err
		}
	}
	p, ok := detect(found)
	if !ok {
		return p, &unchecked{"find out what the system is: it is none that ServerSpec knows"}
	}
	r.platform = &p
	return p, nil
}

// signs are the files that platformScript prints, where no command can be run.
func (r *run) signs() (map[string]string, error) {
	found := map[string]string{"kernel": "Linux\n", "machine": "x86_64\n"}
	open := false
	for name, path := range map[string]string{
		"os-release": "/etc/os-release", "suse": "/etc/SuSE-release", "fedora": "/etc/fedora-release", "redhat": "/etc/redhat-release",
		"system": "/etc/system-release", "arch": "/etc/arch-release", "alpine": "/etc/alpine-release", "debian": "/etc/debian_version",
		"lsb-release": "/etc/lsb-release", "zypper": "/usr/bin/zypper",
	} {
		f, known, err := verify.Fact[probe.File](r.session, r.asked(probe.Question{Kind: probe.KindFile, Name: path, Args: map[string]string{"content": "1"}}))
		switch {
		case !known:
			open = true
		case err != nil:
			return nil, &unchecked{"find out what the system is: " + err.Error()}
		case f.Exists:
			found[name] = string(f.Content)
		}
	}
	s, known, err := verify.Fact[probe.System](r.session, r.asked(probe.Question{Kind: probe.KindSystem}))
	if open || !known {
		return nil, ruby.ErrOpen
	}
	if machine, ok := map[string]string{"arm64": "aarch64", "386": "i686", "arm": "armv7l"}[s.Arch]; ok && err == nil {
		found["machine"] = machine
	}
	return found, nil
}

// host is what resources are asked of.
func (r *run) host() (*resource.Host, error) {
	if err := r.reach(); err != nil {
		return nil, err
	}
	p, err := r.platformOf()
	if err != nil {
		return nil, err
	}
	h := &resource.Host{
		Session: r.session, Platform: p, Strict: r.spec.options.Strict, Timeout: r.spec.options.Timeout,
		NoProcessFallback: ruby.Truthy(r.setting("no_service_process_fallback")),
		SSH:               r.backend() == "ssh" && !r.terminal(),
		Sudo:              r.sudo(),
		Place:             r.world.order.place,
	}
	if r.wrapped() {
		h.Wrap = r.around
	}
	h.Env = r.inherited()
	if env, ok := r.setting("env").(*ruby.Hash); ok {
		for k, v := range env.All() {
			name, err := r.in.ToS(k)
			if err != nil {
				return nil, err
			}
			value, err := r.in.ToS(v)
			if err != nil {
				return nil, err
			}
			h.Env[name] = value
		}
	}
	return h, nil
}
