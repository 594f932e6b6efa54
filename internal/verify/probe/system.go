package probe

import (
	"context"
	"debug/elf"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
)

func (v *view) system(ctx context.Context) (*System, error) {
	s := &System{Init: v.init(), OS: v.osName(), Arch: v.arch(),
		FailedUnits: []string{}, InactiveUnits: []string{}, Jobs: []string{}, BadDpkg: []string{}}
	db, err := v.packages()
	if err != nil && !errors.Is(err, errNoPackages) {
		return nil, err
	}
	if err == nil {
		for _, e := range db.entries {
			if e.bad != "" {
				s.BadDpkg = append(s.BadDpkg, e.name+" ("+e.bad+")")
			}
		}
	}
	slices.Sort(s.BadDpkg)
	if s.Init != "systemd" {
		return s, nil
	}
	units, err := v.services(ctx)
	if err != nil {
		return nil, err
	}
	s.FailedUnits, s.InactiveUnits = health(units)
	// The state comes last, so that "running" is true of all that was read before.
	if s.Jobs, s.State, err = state(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// state tells what systemd has still to do, and what it says of the system.
func state(ctx context.Context) (jobs []string, state string, err error) {
	out, err := tool(ctx, "systemctl", "show", "--property=NJobs,SystemState")
	if blocks := parseShow(out); err == nil && len(blocks) == 1 && blocks[0]["SystemState"] != "" && blocks[0]["NJobs"] == "0" {
		return []string{}, blocks[0]["SystemState"], nil
	}
	if jobs, err = listJobs(ctx); err != nil {
		return nil, "", err
	}
	out, err = tool(ctx, "systemctl", "is-system-running")
	if _, ended := statusOf(err); !ended {
		return nil, "", err
	}
	return jobs, strings.TrimSpace(string(out)), nil
}

func listJobs(ctx context.Context) ([]string, error) {
	out, err := tool(ctx, "systemctl", "list-jobs", "--no-legend", "--plain", "--full")
	if err != nil {
		return nil, err
	}
	list := []string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 4 { // number, unit, type, state
			list = append(list, strings.Join(f[1:4], " "))
		}
	}
	slices.Sort(list)
	return list, nil
}

// init returns the init system that runs as process 1 and starts services.
func (v *view) init() string {
	if !v.live() {
		return ""
	}
	comm, err := os.ReadFile("/proc/1/comm")
	if err != nil {
		return ""
	}
	switch name := strings.TrimSpace(string(comm)); name {
	case "systemd":
		return "systemd"
	case "init":
		if exists("/run/systemd/system") {
			return "systemd"
		}
		if exists("/run/openrc") {
			return "openrc"
		}
		if exists("/etc/inittab") {
			return "sysvinit"
		}
		return ""
	case "openrc-init":
		return "openrc"
	case "runit", "runit-init", "s6-svscan":
		return strings.TrimSuffix(name, "-init")
	}
	return ""
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// osName returns PRETTY_NAME of os-release.
func (v *view) osName() string {
	for _, name := range []string{"/etc/os-release", "/usr/lib/os-release"} {
		f, err := v.open(name)
		if err != nil {
			continue
		}
		defer f.Close()
		pretty := ""
		_ = eachLine(f, func(line []byte) error {
			if value, ok := strings.CutPrefix(string(line), "PRETTY_NAME="); ok {
				pretty = strings.Trim(value, `"'`)
			}
			return nil
		})
		return pretty
	}
	return ""
}

// arch returns the GOARCH name of the programs in the system, which need not be
// that of the kernel.
func (v *view) arch() string {
	for _, name := range []string{"/bin/sh", "/usr/bin/env", "/bin/busybox", "/sbin/init"} {
		f, err := v.openRegular(name)
		if err != nil {
			continue
		}
		e, err := elf.NewFile(f)
		f.Close()
		if err != nil {
			continue
		}
		switch e.Machine {
		case elf.EM_X86_64:
			return "amd64"
		case elf.EM_AARCH64:
			return "arm64"
		case elf.EM_386:
			return "386"
		case elf.EM_ARM:
			return "arm"
		case elf.EM_RISCV:
			return "riscv64"
		case elf.EM_S390:
			return "s390x"
		case elf.EM_PPC64:
			return "ppc64le"
		}
	}
	if v.live() {
		return runtime.GOARCH
	}
	return ""
}
