package probe

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func (v *view) inventory(ctx context.Context) (*Inventory, error) {
	inv := &Inventory{OS: v.osName(), Arch: v.arch(), Packages: []InstalledPackage{}, Ports: []string{}, Users: []string{}}
	db, err := v.packages()
	if err != nil && !errors.Is(err, errNoPackages) {
		return nil, err
	}
	if err == nil {
		for _, e := range db.entries {
			if e.present {
				inv.Packages = append(inv.Packages, InstalledPackage{e.name, e.version, e.arch, db.manager})
			}
		}
	}
	slices.SortFunc(inv.Packages, func(a, b InstalledPackage) int {
		return strings.Compare(a.Name+"\x00"+a.Arch+"\x00"+a.Version, b.Name+"\x00"+b.Arch+"\x00"+b.Version)
	})
	if inv.Etc, err = v.etc(ctx); err != nil {
		return nil, err
	}
	if inv.Services, err = v.enabledUnits(ctx); err != nil {
		return nil, err
	}
	if v.live() {
		if inv.Ports, err = v.openPorts(); err != nil {
			return nil, err
		}
	}
	accounts, err := v.passwd()
	if err != nil {
		return nil, err
	}
	for _, a := range accounts {
		inv.Users = append(inv.Users, fmt.Sprintf("%s:%d:%d:%s:%s", a.name, a.uid, a.gid, a.home, a.shell))
	}
	slices.Sort(inv.Users)
	return inv, nil
}

// etc digests the files below /etc. What goes away meanwhile is left out, and so is
// what belongs to this one machine and not to its image.
func (v *view) etc(ctx context.Context) (map[string]string, error) {
	found := map[string]string{}
	top, err := v.path("/etc", true)
	if err != nil {
		return nil, err
	}
	var mounts []mountEntry
	if v.live() {
		if mounts, err = v.mounts(); err != nil {
			return nil, err
		}
	}
	buffer := make([]byte, 32<<10)
	err = filepath.WalkDir(top, func(real string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		name := "/etc" + strings.TrimPrefix(real, top)
		if ofMachine(name, mounts) {
			return nil
		}
		switch d.Type() {
		case fs.ModeSymlink:
			if target, err := os.Readlink(real); err == nil {
				found[name] = "-> " + target
			}
		case 0:
			sum, err := digest(ctx, real, buffer)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err == nil {
				found[name] = sum
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return found, err
}

// ofMachine tells whether a file is made anew for each machine: its id, and what is
// mounted over, such as the resolver's configuration of a container.
func ofMachine(name string, mounts []mountEntry) bool {
	return name == "/etc/machine-id" || slices.ContainsFunc(mounts, func(m mountEntry) bool { return m.point == name })
}

func digest(ctx context.Context, name string, buffer []byte) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyBuffer(h, &ctxReader{ctx, f}, buffer); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// enabledUnits returns the units that the administrator's links enable, with
// their state where systemd runs, and scripts with start links.
func (v *view) enabledUnits(ctx context.Context) (map[string]string, error) {
	found := map[string]string{}
	files := v.unitFiles()
	var names []string
	for name := range files.links(etcUnits) {
		if files.state(name) != "masked" && validUnit(name) {
			names = append(names, name)
			found[name] = ""
		}
	}
	for level, scripts := range v.startLinks() {
		for _, s := range scripts {
			if unit := s + ".service"; level != "1" && validUnit(unit) && files.state(unit) == "" && v.hasScript(s) {
				names = append(names, unit)
				found[unit] = ""
			}
		}
	}
	if v.init() != "systemd" {
		return found, nil
	}
	units, err := v.listLoaded(ctx)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		if _, ok := found[u["Id"]]; ok {
			found[u["Id"]] = u["ActiveState"]
		}
	}
	// The others go by another name, or are not loaded.
	names = slices.DeleteFunc(names, func(name string) bool { return found[name] != "" })
	all, err := showUnits(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		found[name] = all[name]["ActiveState"]
	}
	return found, nil
}

// openPorts lists listening ports. UDP ports of the ephemeral range belong to
// questions on their way, and would differ from one look to the next.
func (v *view) openPorts() ([]string, error) {
	sockets, err := v.sockets()
	if err != nil {
		return nil, err
	}
	low, high := 32768, 60999
	if text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range"); err == nil {
		if f := strings.Fields(string(text)); len(f) == 2 {
			low, _ = strconv.Atoi(f[0])
			high, _ = strconv.Atoi(f[1])
		}
	}
	ports := []string{}
	for _, s := range sockets {
		if strings.HasPrefix(s.proto, "udp") && low <= s.port && s.port <= high {
			continue
		}
		ports = append(ports, s.proto+":"+strconv.Itoa(s.port))
	}
	slices.Sort(ports)
	return slices.Compact(ports), nil
}
