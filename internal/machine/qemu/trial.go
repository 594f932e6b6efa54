package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// trial is a machine that boots a disk from its own boot loader. It is thrown away, with all that
// it writes: its disks are overlays.
type trial struct {
	vm     *vm
	limit  time.Duration // until it must be up
	began  time.Time
	took   time.Duration // until it was up, or given up
	unmet  string        // what its condition said last
	screen []byte
	failed error // why it did not come up
}

var (
	_ machine.Gater     = (*trial)(nil)
	_ machine.Witness   = (*trial)(nil)
	_ machine.Describer = (*trial)(nil)
)

const (
	bios = "bios"
	uefi = "uefi"
)

// Within this time a machine is up, or it is not well. What nothing accelerates takes many
// times as long.
const (
	bootLimit         = 5 * time.Minute
	emulatedBootLimit = 15 * time.Minute
)

// newTrial makes the directory of a machine with overlays of disks. QEMU does not run yet.
func newTrial(ctx context.Context, b *Builder, disks []backing, env machine.Env) (_ *trial, err error) {
	if err := b.require(); err != nil {
		return nil, fmt.Errorf("boot disk: %w; or set prove_boot = false", err)
	}
	m := &vm{b: b, out: env.Out, res: env.Res, run: env.Run, build: env.Build, name: b.vmName(env.Build), trial: true, typed: true, network: ownNetwork}
	if b.port {
		m.extra = portArguments()
	} else {
		if m.key, err = trialKey(); err != nil {
			return nil, fmt.Errorf("boot disk: %w", err)
		}
		m.extra = m.key.credentials("root")
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("boot disk: %w", err), m.drop(ctx))
		}
	}()
	if err := m.makeDirectory(ctx); err != nil {
		return nil, err
	}
	for i, d := range disks {
		overlay := filepath.Join(m.dir, fmt.Sprintf("overlay-%d.qcow2", i))
		if err := qemuImg(ctx, "create", "-q", "-f", "qcow2", "-b", d.name, "-F", d.format, overlay); err != nil {
			return nil, fmt.Errorf("make an overlay over the disk: %w", err)
		}
		m.disks = append(m.disks, overlay)
	}
	return &trial{vm: m}, m.makeMedia(ctx)
}

// Connect boots the machine, unless it has been, and waits until it is up.
func (t *trial) Connect(ctx context.Context) (machine.Communicator, error) {
	m := t.vm
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.over != nil:
		return nil, m.over
	case t.failed != nil:
		return nil, t.failed
	case m.conn != nil:
		return shared{m.conn}, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	if m.process == nil { // else nobody waited for its end
		t.began = time.Now()
		if err := m.launch(ctx, fromDisk); err != nil {
			return nil, err
		}
	}
	err := t.comeUp(ctx)
	t.took = time.Since(t.began)
	if err == nil {
		return shared{m.conn}, nil
	}
	if m.conn != nil {
		m.conn.end()
		m.conn = nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	t.failed = &machine.BootError{Err: err, Evidence: t.evidence(ctx)}
	return nil, t.failed
}

// comeUp waits until somebody can log in and the init system has started everything, for a limited time.
func (t *trial) comeUp(ctx context.Context) error {
	m := t.vm
	watched, cancel := m.watched(ctx)
	defer cancel(nil)
	limited, stop := context.WithTimeoutCause(watched, t.limit, errLate)
	defer stop()
	look, found := watchConsole(limited, m.console)
	defer found()
	err := t.enter(look)
	if err == nil {
		err = t.started(look)
	}
	if err != nil && look.Err() != nil && ctx.Err() == nil {
		if err = context.Cause(look); errors.Is(err, errLate) {
			err = t.late(watched)
		}
		return err
	}
	if err != nil && m.conn == nil {
		return fmt.Errorf("%w: %s", err, m.b.wayIn())
	}
	return err
}

// enter waits until the machine lets somebody in.
func (t *trial) enter(ctx context.Context) error {
	if t.vm.b.port {
		t.vm.out.Say("Waiting for an answer at the machine's port")
		return t.vm.look(ctx, t.limit)
	}
	return t.vm.dial(ctx)
}

// BootForGate implements machine.Gater: it boots as it always does.
func (t *trial) BootForGate(ctx context.Context) (bool, error) {
	_, err := t.Connect(ctx)
	return err == nil, err
}

// Capture refuses: it is captured already.
func (t *trial) Capture(context.Context, machine.Env) (image.Image, error) {
	return image.Image{}, errors.New("capture: the machine boots a disk that was captured, and is thrown away")
}

// Close cuts the power and removes what the machine wrote.
func (t *trial) Close(ctx context.Context) error { return t.vm.Close(ctx) }

// Vars implements machine.Describer.
func (t *trial) Vars() map[string]string { return t.vm.Vars() }

// Evidence implements machine.Witness.
func (t *trial) Evidence(ctx context.Context) machine.Evidence {
	t.vm.mu.Lock()
	defer t.vm.mu.Unlock()
	return t.evidence(ctx)
}

// screenLimit is how long QEMU may take for a picture.
const screenLimit = 20 * time.Second

// maxConsole is how much of a console is told.
const maxConsole = 64 << 10

func (t *trial) evidence(ctx context.Context) machine.Evidence {
	m := t.vm
	if m.process != nil && m.process.running() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), screenLimit)
		defer cancel()
		if picture, err := m.picture(ctx); err == nil { // a report without it is one as well
			t.screen = picture
		}
	}
	e := machine.Evidence{Firmware: bios, Took: t.took, Screen: t.screen, Console: []byte(m.consoleEnd(maxConsole))}
	if m.b.c.EFI {
		e.Firmware = uefi
	}
	if e.Took == 0 && !t.began.IsZero() {
		e.Took = time.Since(t.began)
	}
	return e
}

// picture of the screen, PNG. QEMU can make one since 7.1.
func (m *vm) picture(ctx context.Context) ([]byte, error) {
	file := filepath.Join(m.dir, "screen.png")
	defer os.Remove(file)
	if err := m.process.monitor.do(ctx, "screendump", map[string]string{"filename": file, "format": "png"}, nil); err != nil {
		return nil, err
	}
	return readPicture(file, maxPicture)
}

// maxPicture is many times what a picture of a console takes. The machine chooses its size.
const maxPicture = 4 << 20

func readPicture(file string, limit int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		return nil, fmt.Errorf("the picture of the screen has more than %d bytes", limit)
	}
	return text, err
}

// end returns the last bytes of a file, "" when there is none.
func end(path string, n int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if fi, err := f.Stat(); err == nil && fi.Size() > n {
		_, _ = f.Seek(-n, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(f, n))
	return string(text)
}

// ownNetwork is the network of a machine that a port of this host leads to, as options of
// QEMU's, and the address of its card: no other machine that runs at the time has the same.
func ownNetwork(port int) (network, mac string) {
	hi, lo := port>>8&0xff, port&0xff
	return fmt.Sprintf(",net=10.%d.%d.0/24", hi, lo), fmt.Sprintf("52:54:00:50:%02x:%02x", hi, lo)
}
