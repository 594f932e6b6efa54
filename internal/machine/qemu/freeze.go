package qemu

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// overlayFormat is that of disks which stand on a layer.
const overlayFormat = "qcow2"

// freeze makes a layer of the machine, which is stopped or off, and puts overlays in the place
// of its disks. memory asks for the memory of a running machine, which saved says is there.
// began is when the layer's cost began to count.
func (m *vm) freeze(ctx context.Context, ref string, memory bool, began time.Time) (saved bool, err error) {
	l := m.b.places.layers()
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return false, err
	}
	for _, dir := range []string{l.path(ref), filepath.Dir(l.disk(ref, 0))} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return false, err
		}
	}
	n := note{Below: m.below, Medium: m.medium, Start: m.started}
	if m.key != nil {
		n.Key = m.key.public
	}
	if err := m.freezeMedia(ref, &n); err != nil {
		return false, err
	}
	frozen, err := m.freezeDisks(ctx, ref)
	if err != nil {
		return false, err
	}
	n.Disks = frozen
	if memory {
		var e error
		if n.Memory, e = m.save(ctx, ref); e != nil {
			if ctx.Err() != nil {
				return false, context.Cause(ctx)
			}
			m.out.Message("the layer has no memory: %v", e)
		}
	}
	n.Took = time.Since(began)
	return n.Memory != nil, l.write(ref, n)
}

// freezeMedia puts what is not fetched into the layer.
func (m *vm) freezeMedia(ref string, n *note) error {
	l := m.b.places.layers()
	for _, cd := range m.cds {
		if cd == m.medium {
			continue
		}
		if err := share(cd, l.cd(ref, n.CDs)); err != nil {
			return err
		}
		n.CDs++
	}
	for from, to := range map[string]string{m.floppy: floppyFile, m.vars: efivars} {
		if from == "" {
			continue
		}
		if err := duplicate(from, filepath.Join(l.path(ref), to)); err != nil {
			return err
		}
	}
	n.Floppy, n.Vars = m.floppy != "", m.vars != ""
	return nil
}

// freezeDisks moves the disks into the layer, and has the machine write on overlays. A link
// stays where a disk was: QEMU opens it once more, to read only.
func (m *vm) freezeDisks(ctx context.Context, ref string) ([]frozen, error) {
	l := m.b.places.layers()
	type action struct {
		Type string            `json:"type"`
		Data map[string]string `json:"data"`
	}
	var actions []action
	overlays, nodes := slices.Clone(m.disks), slices.Clone(m.disks)
	var all []frozen
	for i, disk := range m.disks {
		place, err := filepath.Abs(l.disk(ref, i))
		if err != nil {
			return nil, err
		}
		if err := os.Rename(disk, place); err != nil {
			return nil, err
		}
		all = append(all, frozen{Format: m.format})
		if m.process == nil {
			continue
		}
		if err := os.Symlink(place, disk); err != nil {
			return nil, err
		}
		overlays[i], nodes[i] = filepath.Join(m.disksDirectory(), fmt.Sprintf("%s-%d", ref, i)), fmt.Sprintf("%s-%d", ref, i)
		if err := m.makeOverlay(ctx, ref, i, m.format, overlays[i]); err != nil {
			return nil, err
		}
		actions = append(actions, action{"blockdev-snapshot-sync", map[string]string{
			"node-name": m.nodes[i], "snapshot-file": overlays[i], "snapshot-node-name": nodes[i], "format": overlayFormat, "mode": "existing",
		}})
	}
	if m.process != nil {
		if err := m.process.monitor.do(ctx, "transaction", map[string]any{"actions": actions}, nil); err != nil {
			return nil, err
		}
		m.disks, m.nodes = overlays, nodes
	}
	for i := range all {
		fi, err := os.Stat(l.disk(ref, i))
		if err != nil {
			return nil, err
		}
		all[i].Size = fi.Size()
	}
	return all, nil
}

// makeOverlay makes a disk that stands on one of a layer.
func (m *vm) makeOverlay(ctx context.Context, ref string, i int, format, file string) error {
	err := qemuImg(ctx, "create", "-q", "-f", overlayFormat, "-b", belowDisk(ref, i), "-F", format, file)
	if err != nil {
		return fmt.Errorf("make an overlay over the disk: %w", err)
	}
	return nil
}

// locate finds out how QEMU calls the machine's disks. why tells what else it writes on.
func (m *vm) locate(ctx context.Context) (why string, err error) {
	var drives []struct {
		Device   string `json:"device"`
		Inserted *struct {
			File string `json:"file"`
			Node string `json:"node-name"`
			RO   bool   `json:"ro"`
		} `json:"inserted"`
	}
	if err := m.process.monitor.do(ctx, "query-block", nil, &drives); err != nil {
		return "", err
	}
	nodes := make([]string, len(m.disks))
	for _, d := range drives {
		if d.Inserted == nil {
			continue
		}
		i := slices.Index(m.nodes, d.Inserted.Node)
		if m.nodes == nil {
			i = slices.IndexFunc(m.disks, func(disk string) bool { return sameFile(disk, d.Inserted.File) })
		}
		switch {
		case i >= 0:
			nodes[i] = d.Inserted.Node
		case d.Inserted.RO || sameFile(m.floppy, d.Inserted.File) || sameFile(m.vars, d.Inserted.File):
		default:
			return fmt.Sprintf("it writes on %s, which is not Proofmark's (%s)", d.Inserted.File, d.Device), nil
		}
	}
	if i := slices.Index(nodes, ""); i >= 0 {
		return m.diskName(i) + " is no drive of it", nil
	}
	m.nodes = nodes
	return "", nil
}

// sameFile tells whether two paths, of which one may be relative, are one file's.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil || a == "" {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
