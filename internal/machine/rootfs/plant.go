package rootfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// What a running machine is given by files. Those below /run are seen by the
// machine alone; the others are removed from the tree when it is off.
const (
	resolverPath = "/etc/resolv.conf"
	policyPath   = "/usr/sbin/policy-rc.d"
	tmpfilesPath = "/run/tmpfiles.d/tmp.conf"

	aptConfPath    = "/run/proofmark-apt.conf"
	aptSourcesPath = "/run/proofmark-sources.list"
)

// policy keeps package installation from starting daemons in a machine without an
// init system.
const policy = "#!/bin/sh\n# " + machine.Marker + "\nexit 101\n"

// planted remembers what was added to the tree.
type planted struct {
	policy   bool
	resolver bool // an empty file to mount over
}

// prepare plants what the machine needs and returns how to start it, also again
// after a reboot.
func (m *rootMachine) prepare(host Host) (func(ctx context.Context) (*guest, error), error) {
	tree, err := openInside(m.seat.merged())
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	o := startOptions{
		name: m.seat.dirID, hostname: hostname(tree), tree: m.seat.merged(), console: m.seat.console(),
		network: m.seat.net.Path, boot: m.boot, systemd: tree.exists("/lib/systemd/systemd"),
	}
	files := map[string]string{resolverPath: resolver(host, m.seat.net.Host)}
	maps.Copy(files, aptFiles(host, m.seat.net.Host, tree))
	_, m.aptConf = files[aptConfPath]
	if m.boot && !m.gate {
		// A boot would empty /tmp; between two steps of a build nothing is lost.
		files[tmpfilesPath] = "# " + machine.Marker + "\nd /tmp 1777 root root -\nd /var/tmp 1777 root root -\n"
	}
	for at, text := range files {
		from := filepath.Join(m.seat.dir, filepath.Base(at))
		if err := os.WriteFile(from, []byte(text), 0o644); err != nil {
			return nil, err
		}
		o.binds = append(o.binds, [2]string{from, at})
	}
	if err := m.planted.add(tree, m.boot); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (*guest, error) {
		o := o
		var err error
		if o.group, err = m.seat.nextGroup(ctx); err != nil {
			return nil, err
		}
		return nspawn(ctx, o)
	}, nil
}

// add plants files in the tree.
func (p *planted) add(tree inside, boot bool) error {
	if !boot && !p.policy && !tree.exists(policyPath) && tree.exists(filepath.Dir(policyPath)) {
		if err := tree.put(policyPath, 0o755, strings.NewReader(policy)); err != nil {
			return fmt.Errorf("plant %s: %w", policyPath, err)
		}
		p.policy = true
	}
	if !p.resolver && !tree.lexists(resolverPath) && tree.exists(filepath.Dir(resolverPath)) {
		if err := tree.put(resolverPath, 0o644, strings.NewReader("")); err != nil {
			return fmt.Errorf("plant %s: %w", resolverPath, err)
		}
		p.resolver = true
	}
	return nil
}

// remove takes away what was planted, unless a step has put something else there.
func (p *planted) remove(dir string) error {
	if !p.policy && !p.resolver {
		return nil
	}
	tree, err := openInside(dir)
	if err != nil {
		return err
	}
	defer tree.Close()
	if p.policy {
		if err := removeIf(tree, policyPath, policy); err != nil {
			return err
		}
	}
	if p.resolver {
		if err := removeIf(tree, resolverPath, ""); err != nil {
			return err
		}
	}
	*p = planted{}
	return nil
}

func removeIf(tree inside, path, text string) error {
	var b bytes.Buffer
	err := tree.get(path, &b)
	if errors.Is(err, fs.ErrNotExist) || err == nil && b.String() != text {
		return nil
	}
	return errors.Join(err, tree.remove(path))
}

// hostname is the tree's own, or a harmless one.
func hostname(tree inside) string {
	text, err := tree.read("/etc/hostname")
	if name := strings.TrimSpace(string(text)); err == nil && validHostname(name) {
		return name
	}
	return "localhost"
}

func validHostname(s string) bool {
	if s == "" || len(s) > 64 || strings.Trim(s, "-.") != s {
		return false
	}
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}
