package qemu

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// resume makes what the machine needs to stand on its layer, and starts it from the memory of
// that. false, nil: it has none, or that is of no use, and nothing runs.
func (m *vm) resume(ctx context.Context) (bool, error) {
	n, err := m.standOn(ctx)
	if err != nil || n.Memory == nil {
		return false, err
	}
	if m.accelerator == "" {
		if m.accelerator, m.cpu, err = m.processor(ctx); err != nil {
			return false, err
		}
	}
	from := filepath.Join(m.b.places.layers().path(m.below), memoryFile)
	why := m.unusable(from, *n.Memory)
	if why == "" {
		err := m.wake(ctx, from, n)
		if err == nil {
			return true, nil
		}
		if err := errors.Join(m.halt(ctx), context.Cause(ctx)); err != nil {
			return false, err
		}
		why = err.Error()
		if err := m.prepareAgain(ctx, n); err != nil { // it may have run for a moment
			return false, err
		}
	}
	m.out.Message("the memory in the layer is of no use: %s; booting from its disk", why)
	return false, nil
}

// standOn makes the files of a machine that stands on its layer.
func (m *vm) standOn(ctx context.Context) (note, error) {
	n, err := m.b.places.layers().read(m.below)
	if err == nil {
		err = m.prepareAgain(ctx, n)
	}
	if err != nil {
		return note{}, fmt.Errorf("start from layer %s: %w", m.below, err)
	}
	return n, nil
}

// wake starts the machine from memory, connects, and tells it what time it is.
func (m *vm) wake(ctx context.Context, from string, n note) error {
	if err := m.launch(ctx, fromMemory); err != nil {
		return err
	}
	if v := m.process.monitor.version; v != n.Memory.QEMU {
		return fmt.Errorf("it is of QEMU %s, and this is %s", n.Memory.QEMU, v)
	}
	if err := m.load(ctx, from); err != nil {
		return err
	}
	if err := m.process.monitor.do(ctx, "cont", nil, nil); err != nil {
		return err
	}
	watched, cancel := m.watched(ctx)
	defer cancel(nil)
	limit := max(wakeLimit, 2*n.Start)
	watched, stop := context.WithTimeoutCause(watched, limit, fmt.Errorf("nothing answers by SSH within %s", limit))
	defer stop()
	if err := m.dial(watched); err != nil {
		if watched.Err() != nil && ctx.Err() == nil {
			err = context.Cause(watched)
		}
		return err
	}
	if err := m.setClock(watched, true); err != nil {
		return err
	}
	m.started = n.Start
	return nil
}

// wakeLimit is how long a machine that only goes on may take to answer, if starting it did
// not take half as long. Logging in is slow where nothing accelerates it.
const wakeLimit = time.Minute

// clockLine sets the clock of the machine that runs it.
func clockLine() string {
	now := time.Now()
	return fmt.Sprintf(`do=
[ "$(id -u)" = 0 ] || do="sudo -n"
now=%d.%03d
$do date -u -s "@$now" >/dev/null 2>&1 || $do date -u -s "@${now%%.*}" >/dev/null || exit`, now.Unix(), now.Nanosecond()/1e6)
}

// setClock sets the machine's clock, which stood still with it, and has the kernel of a copy draw
// random numbers that no other machine of the same memory draws. A kernel that knows the generation of
// its memory does so by itself; others take what is written to them into account only after a
// minute, unless they are told to, for which there is no command.
func (m *vm) setClock(ctx context.Context, woken bool) error {
	const draw = `
$do sh -c 'cat >/dev/urandom
perl -e "open F, q(</dev/urandom); exit !ioctl F, 0x5207, 0" ||
python3 -c "import fcntl; fcntl.ioctl(open(\"/dev/urandom\"), 0x5207)"' >/dev/null 2>&1 || :`
	line := clockLine()
	if woken {
		line += draw
	}
	said := new(machine.Tail)
	exit, err := m.conn.Run(ctx, machine.Command{Line: line,
		Stdin: strings.NewReader(rand.Text() + rand.Text()), Stderr: said, Passive: true})
	if err == nil && exit != 0 {
		err = noClock(said)
	}
	m.onTime = err == nil
	return err
}

func noClock(said *machine.Tail) error { return fmt.Errorf("its clock cannot be set: %s", said) }

// prepareAgain makes the directory of a machine that starts from its layer, with fresh
// overlays over the disks of that.
func (m *vm) prepareAgain(ctx context.Context, n note) error {
	if m.id == "" {
		if err := m.makeDirectory(ctx); err != nil {
			return err
		}
	}
	l := m.b.places.layers()
	m.disks, m.nodes, m.cds = nil, nil, nil
	for i, d := range n.Disks {
		file := filepath.Join(m.disksDirectory(), m.diskName(i))
		if err := os.RemoveAll(file); err != nil {
			return err
		}
		if err := m.makeOverlay(ctx, m.below, i, d.Format, file); err != nil {
			return err
		}
		m.disks = append(m.disks, file)
	}
	if !m.b.c.Image {
		if _, err := os.Stat(m.medium); err != nil { // what is there is what it was: its digest is in the layer's key
			if m.medium, err = m.fetch(ctx); err != nil {
				return err
			}
		}
		m.cds = append(m.cds, m.medium)
	}
	for i := range n.CDs {
		m.cds = append(m.cds, l.cd(m.below, i))
	}
	for _, f := range []struct {
		there bool
		name  string
		path  *string
	}{{n.Floppy, floppyFile, &m.floppy}, {n.Vars, efivars, &m.vars}} {
		if !f.there {
			continue
		}
		*f.path = filepath.Join(m.dir, f.name)
		if err := duplicate(filepath.Join(l.path(m.below), f.name), *f.path); err != nil {
			return err
		}
	}
	return nil
}
