package resource

import (
	"slices"
	"strconv"
)

// Platform says which commands are a machine's. The zero value is any Linux.
type Platform struct {
	Family  string // "debian", "ubuntu", "redhat", "fedora", "amazon", "suse", "sles", "opensuse", "alpine", "arch", …
	Release string // "12", "9.3", "testing"; "" when there is none
	Arch    string // as uname -m says: "x86_64"
}

// major returns the number that the release begins with; 0 for none.
func (p Platform) major() int {
	end := 0
	for end < len(p.Release) && p.Release[end] >= '0' && p.Release[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(p.Release[:end])
	return n
}

func (p Platform) is(families ...string) bool { return slices.Contains(families, p.Family) }

// The platforms that rows tell apart.

func ubuntu(p Platform) bool { return p.is("ubuntu", "linuxmint", "elementary", "neon") }

// dpkg: the packages are dpkg's.
func dpkg(p Platform) bool {
	return ubuntu(p) || p.is("debian", "devuan", "raspbian", "kali", "cumulus")
}

func redhat(p Platform) bool { return p.is("redhat", "fedora", "amazon") }
func suse(p Platform) bool   { return p.is("suse", "sles", "opensuse") }
func alpine(p Platform) bool { return p.is("alpine") }
func arch(p Platform) bool   { return p.is("arch") }

// modernDebian has systemd, and ss in the place of netstat.
func modernDebian(p Platform) bool {
	return dpkg(p) && !ubuntu(p) && (p.major() >= 8 || slices.Contains([]string{"testing", "unstable"}, p.Release) || p.is("kali"))
}

func oldDebian(p Platform) bool { return dpkg(p) && !ubuntu(p) && !modernDebian(p) }

// modernRedhat has systemd and ss. Amazon's releases are 2, and years: those up to
// 2018 are like release 6.
func modernRedhat(p Platform) bool {
	switch {
	case p.is("fedora"):
		return p.major() >= 15
	case p.is("amazon"):
		return p.major() == 2 || p.major() >= 2022
	}
	return p.is("redhat") && p.major() >= 7
}

// systemd tells where services are asked of systemctl alone.
func systemd(p Platform) bool {
	return ubuntu(p) && p.major() >= 15 || modernRedhat(p) || p.is("sles") && p.major() >= 12 || arch(p) || p.is("coreos", "nixos")
}

// ss tells where sockets are asked of ss. Of Ubuntu's releases all are, whatever the
// table of ServerSpec says: it finds Debian's row before Ubuntu's own.
func ss(p Platform) bool {
	return modernDebian(p) || ubuntu(p) && p.major() >= 8 || modernRedhat(p)
}

// dnf tells where it has taken the place of yum. Releases of Amazon's are years.
func dnf(p Platform) bool {
	return p.is("redhat", "fedora") && p.major() >= 8 || p.is("amazon") && p.major() >= 8
}
