package probe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// packages is what the machine's package manager knows.
type packages struct {
	manager string
	entries []packageEntry
}

type packageEntry struct {
	name, version, arch string
	status              string // as dpkg has it
	installed           bool   // whole, and meant to stay
	present             bool   // some of its files are there
	bad                 string // the state it is stuck in
}

var errNoPackages = errors.New("find no package database of dpkg, apk or rpm")

// packageNamed finds a package by name or, for dpkg, name:architecture.
func (v *view) packageNamed(name string) (*Package, error) {
	db, err := v.packages()
	if err != nil {
		return nil, err
	}
	p := &Package{Manager: db.manager, Versions: []string{}}
	base, arch, qualified := strings.Cut(name, ":")
	if db.manager != "dpkg" {
		base, qualified = name, false
	}
	for _, e := range db.entries {
		if e.name != base || qualified && e.arch != arch {
			continue
		}
		p.Records = append(p.Records, PackageRecord{Version: e.version, Arch: e.arch, Status: e.status})
		if !e.installed {
			continue
		}
		p.Installed = true
		if !slices.Contains(p.Versions, e.version) {
			p.Versions = append(p.Versions, e.version)
		}
	}
	return p, nil
}

// readPackages takes the first manager that has a database: a machine that has
// files of several (rpm as a tool on Debian) belongs to the first.
func (v *view) readPackages() (*packages, error) {
	for _, read := range []func() (*packages, error){v.readDpkg, v.readApk, v.readRPM} {
		if db, err := read(); err != nil || len(db.entries) > 0 {
			return db, err
		}
	}
	return nil, errNoPackages
}

// readRPM asks the rpm program: its database has had four formats.
func (v *view) readRPM() (*packages, error) {
	const format = `%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\n`
	args := []string{"-qa", "--nodigest", "--nosignature", "--qf", format}
	if !v.live() {
		args = append([]string{"--root", v.root}, args...)
	}
	if !v.hasRPM() {
		return &packages{manager: "rpm"}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Second)
	defer cancel()
	out, err := tool(ctx, "rpm", args...)
	if err != nil {
		return nil, fmt.Errorf("read rpm database: %w", err)
	}
	db := &packages{manager: "rpm"}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 || f[0] == "gpg-pubkey" { // keys are kept as packages
			continue
		}
		db.entries = append(db.entries, packageEntry{name: f[0], version: f[1], arch: f[2], installed: true, present: true})
	}
	return db, nil
}

func (v *view) hasRPM() bool {
	for _, dir := range []string{"/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"} {
		if p, err := v.path(dir, true); err == nil {
			if list, err := os.ReadDir(p); err == nil && len(list) > 0 {
				return true
			}
		}
	}
	return false
}
