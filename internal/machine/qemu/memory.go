package qemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/s2"
	"golang.org/x/sys/unix"
)

// memory is what the note of a layer says of a machine's saved memory: its size, and for
// which QEMU and which hardware it is.
type memory struct {
	Size   int64         `json:"size"` // of the file
	Took   time.Duration `json:"took"` // to save it
	QEMU   string        `json:"qemu"` // what it says of itself
	Binary string        `json:"binary"`
	Shape  string        `json:"shape"` // of the machine
}

// worthSaving is the rule for saving memory: where starting a machine took longer than it
// takes to save its memory and read it back. One is about as long as the other.
func worthSaving(start, save time.Duration) bool { return start > 2*save }

// Until it has been done once, this is how long a layer and its memory may take.
const (
	savingMiB = time.Second / 512
	freezing  = 200 * time.Millisecond
)

// estimate is how long saving the memory will take, and making the layer at all: as long as
// they took for the one below.
func (m *vm) estimate() (saving, all time.Duration) {
	saving = time.Duration(m.b.c.Memory) * savingMiB
	all = freezing
	if m.below != "" {
		if n, err := m.b.places.layers().read(m.below); err == nil {
			all = n.Took
			if n.Memory != nil {
				return n.Memory.Took, all
			}
		}
	}
	if m.b.worthSaving(m.started, saving) {
		all += saving
	}
	return saving, all
}

// wantsMemory tells whether the memory is to be saved.
func (m *vm) wantsMemory() bool {
	saving, _ := m.estimate()
	return m.b.worthSaving(m.started, saving)
}

// save writes the memory of a machine that is stopped into the layer.
func (m *vm) save(ctx context.Context, ref string) (*memory, error) {
	binary, err := binaryID(m.b.c.Binary)
	if err != nil {
		return nil, err
	}
	shape, err := m.shape()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	to := filepath.Join(m.b.places.layers().path(ref), memoryFile)
	size, err := m.writeMemory(ctx, to)
	if err != nil {
		if e := os.Remove(to); !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
		return nil, err
	}
	return &memory{Size: size, Took: time.Since(began), QEMU: m.process.monitor.version, Binary: binary, Shape: shape}, nil
}

// fullSpeed is more than any bus has: nobody else is waiting meanwhile.
const fullSpeed = 1 << 40

func (m *vm) writeMemory(ctx context.Context, to string) (size int64, err error) {
	monitor := m.process.monitor
	if err := monitor.do(ctx, "migrate-set-parameters", map[string]int64{"max-bandwidth": fullSpeed}, nil); err != nil {
		return 0, err
	}
	r, w, err := memoryPipe()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	defer w.Close()
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	err = monitor.give(ctx, "memory", w)
	w.Close()
	if err == nil {
		err = monitor.do(ctx, "migrate", map[string]string{"uri": "fd:memory"}, nil)
	}
	if err != nil {
		return 0, err
	}
	z := s2.NewWriter(f, s2.WriterBlockSize(memoryBlock)) // the machine stands still: speed is worth more than room
	stop := context.AfterFunc(ctx, func() { r.Close() })
	_, err = io.CopyBuffer(z, fromQEMU{r}, make([]byte, memoryBlock))
	stop()
	if e := z.Close(); err == nil {
		err = e
	}
	if err != nil {
		r.Close() // QEMU, too, is to give up before the machine goes on
		return 0, errors.Join(fmt.Errorf("write memory: %w", err), m.givenUp(ctx))
	}
	if err := m.migrated(ctx); err != nil {
		return 0, err
	}
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return fi.Size(), f.Close()
}

// memoryBlock bounds what is held of a memory while it is written and read.
const memoryBlock = 1 << 20

// memoryPipe is a pipe that holds as much at once as an ordinary user may ask for.
func memoryPipe() (r, w *os.File, err error) {
	if r, w, err = os.Pipe(); err != nil {
		return nil, nil, err
	}
	if raw, err := w.SyscallConn(); err == nil { // Fd would have it block, whoever closes it
		_ = raw.Control(func(fd uintptr) {
			_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, memoryBlock) // a small one works as well
		})
	}
	return r, w, nil
}

// memoryStall is how long QEMU may neither send nor take anything of a memory.
const memoryStall = time.Minute

// fromQEMU and toQEMU are pipes whose other end QEMU has, which may stand still. They hide
// all else that a file can do.
type (
	fromQEMU struct{ f *os.File }
	toQEMU   struct{ f *os.File }
)

func (q fromQEMU) Read(p []byte) (int, error) {
	_ = q.f.SetReadDeadline(time.Now().Add(memoryStall)) // one that is closed is not read either
	return q.f.Read(p)
}

func (q toQEMU) Write(p []byte) (int, error) {
	_ = q.f.SetWriteDeadline(time.Now().Add(memoryStall))
	return q.f.Write(p)
}

// onlyReader hides all else that a reader can do.
type onlyReader struct{ io.Reader }

// load gives a machine that QEMU has started for it the memory of a layer. Nothing runs in
// it yet when this fails.
func (m *vm) load(ctx context.Context, from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	z := s2.NewReader(f, s2.ReaderMaxBlockSize(memoryBlock))
	r, w, err := memoryPipe()
	if err != nil {
		return err
	}
	defer w.Close()
	monitor := m.process.monitor
	err = monitor.give(ctx, "memory", r)
	r.Close()
	if err == nil {
		err = monitor.do(ctx, "migrate-incoming", map[string]string{"uri": "fd:memory"}, nil)
	}
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { w.Close() })
	_, err = io.CopyBuffer(toQEMU{w}, onlyReader{z}, make([]byte, memoryBlock))
	stop()
	if err != nil {
		return fmt.Errorf("read memory: %w", err)
	}
	if err := w.Close(); err != nil {
		return err
	}
	return m.migrated(ctx)
}

// betweenLooks is the time between two questions for the end of what takes a moment.
const betweenLooks = 10 * time.Millisecond

var errNotMoved = errors.New("QEMU cannot move the memory")

// migrated waits until QEMU has written or read a memory, all of which went through our hands.
func (m *vm) migrated(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, memoryStall, fmt.Errorf("QEMU has not come to the end of the memory within %s", memoryStall))
	defer cancel()
	tick := time.NewTicker(betweenLooks)
	defer tick.Stop()
	for {
		var state struct {
			Status string `json:"status"`
			Error  string `json:"error-desc"`
		}
		if err := m.process.monitor.do(ctx, "query-migrate", nil, &state); err != nil {
			return err
		}
		switch state.Status {
		case "completed":
			return nil
		case "failed", "cancelled":
			return fmt.Errorf("%w: %s", errNotMoved, state.Error)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// givenUp waits until QEMU moves no memory any more.
func (m *vm) givenUp(ctx context.Context) error {
	if err := m.process.monitor.do(ctx, "migrate_cancel", nil, nil); err != nil {
		return err
	}
	if err := m.migrated(ctx); err != nil && !errors.Is(err, errNotMoved) {
		return err
	}
	return nil
}

// unusable tells why a layer's memory is not for this machine; "" when it may be.
func (m *vm) unusable(from string, saved memory) string {
	fi, err := os.Stat(from)
	if err != nil || fi.Size() != saved.Size {
		return "it is damaged"
	}
	if binary, err := binaryID(m.b.c.Binary); err != nil || binary != saved.Binary {
		return "it is of another QEMU"
	}
	if shape, err := m.shape(); err != nil || shape != saved.Shape {
		return "it is of a machine with other hardware"
	}
	return ""
}

// greeting is what QEMU says of itself, in a form that can be compared.
func greeting(text json.RawMessage) string {
	var said struct {
		Version struct {
			QEMU    map[string]int `json:"qemu"`
			Package string         `json:"package"`
		} `json:"version"`
	}
	if json.Unmarshal(text, &said) != nil {
		return ""
	}
	v := said.Version
	return fmt.Sprintf("%d.%d.%d %s", v.QEMU["major"], v.QEMU["minor"], v.QEMU["micro"], v.Package)
}
