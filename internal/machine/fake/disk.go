package fake

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// disk is a machine that boots from an image as from a disk: by itself, and with an
// identity of its own.
type disk struct {
	*Machine
	n int // of its builder's, in the order in which they were made
}

var (
	_ machine.Sealer  = (*disk)(nil)
	_ machine.Gater   = (*disk)(nil)
	_ machine.Witness = (*disk)(nil)
)

// ProvesBoot returns Config.ProveBoot.
func (b *Builder) ProvesBoot() bool { return b.config.ProveBoot }

// BootDisk makes a machine that boots at the first Connect: it gets a boot id, an
// address, and a machine id where /etc/machine-id is empty, and runs /sbin/init.
func (b *Builder) BootDisk(ctx context.Context, img image.Image, env machine.Env) (machine.Machine, error) {
	if err := b.fault(ctx, Call{Op: OpBootDisk, Path: img.ID}); err != nil {
		return nil, fmt.Errorf("boot fake disk: %w", err)
	}
	m, err := b.make(ctx, env, true, func(dir string) error { return unpack(ctx, img, dir) })
	if err != nil {
		return nil, fmt.Errorf("boot fake disk %s: %w", img.ID, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.disks++
	return &disk{Machine: m, n: b.disks}, nil
}

// Connect powers the machine on.
func (d *disk) Connect(ctx context.Context) (machine.Communicator, error) {
	if err := d.firstBoot(); err != nil {
		return nil, d.failed(err)
	}
	c, err := d.Machine.Connect(ctx)
	if err != nil {
		return nil, d.failed(err)
	}
	return c, nil
}

// BootForGate implements machine.Gater: it boots as it always does.
func (d *disk) BootForGate(ctx context.Context) (bool, error) {
	_, err := d.Connect(ctx)
	return d.hasInit(), err
}

// firstBoot writes what a kernel and a first boot write.
func (d *disk) firstBoot() error {
	files := map[string]string{
		"/proc/sys/kernel/random/boot_id": rand.Text() + "\n",
		"/proc/net/fib_trie":              fmt.Sprintf("     |-- 192.0.2.%d\n        /32 host LOCAL\n", d.n),
	}
	for name := range files { // a file that the image brings is what the machine has
		if _, err := d.root.Stat(strings.TrimPrefix(name, "/")); err == nil {
			delete(files, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if id, err := d.root.ReadFile("etc/machine-id"); err == nil && len(id) == 0 {
		files["/etc/machine-id"] = rand.Text() + "\n"
	}
	return d.builder.write(d.dir, files)
}

func (d *disk) failed(err error) error {
	return &machine.BootError{Err: err, Evidence: d.evidence()}
}

// Evidence implements machine.Witness.
func (d *disk) Evidence(context.Context) machine.Evidence { return d.evidence() }

func (d *disk) evidence() machine.Evidence {
	return machine.Evidence{Firmware: "bios", Took: time.Duration(d.n) * time.Second,
		Console: fmt.Appendf(nil, "fake disk %d\nboots\n", d.n), Screen: []byte("\x89PNG\r\n\x1a\n")}
}
