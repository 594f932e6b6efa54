package qemu

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Accelerators that are chosen here. Others are the user's to name.
const (
	kvm = "kvm"
	tcg = "tcg" // none: each instruction is emulated
)

// chooseAccelerator is the template's accelerator, or the best one that works. A device
// for KVM that can be opened is no proof: machines may hang at their first instructions.
func (b *Builder) chooseAccelerator(ctx context.Context) (accelerator string, err error) {
	asked := b.c.Accelerator
	switch asked {
	case kvm:
		if err := b.kvmWorks(ctx); err != nil {
			return "", fmt.Errorf("accelerator: kvm does not work on this host: %w: write tcg, or leave the option away", err)
		}
		return kvm, nil
	case "":
		if b.kvmWorks(ctx) == nil {
			return kvm, nil
		}
		return tcg, context.Cause(ctx)
	case "none", tcg:
		return asked, nil
	}
	known, err := exec.CommandContext(ctx, b.c.Binary, "-accel", "help").Output()
	if err == nil && !slices.Contains(strings.Fields(string(known)), asked) {
		err = fmt.Errorf("accelerator: this QEMU does not have %s", asked)
	}
	return asked, err
}

// kvmWorks tells why machines of this source cannot run on KVM.
func (b *Builder) kvmWorks(ctx context.Context) error {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64", "riscv64": "riscv64", "ppc64le": "ppc64", "s390x": "s390x"}[runtime.GOARCH]
	name := filepath.Base(b.c.Binary)
	if host := "qemu-system-" + arch; strings.HasPrefix(name, "qemu-system-") && name != host && !(arch == "x86_64" && name == "qemu-system-i386") {
		return fmt.Errorf("%s emulates another processor than this host's", name)
	}
	return KVM(ctx, b.deps.State, b.c.Binary)
}

// verdict on KVM, as the state directory remembers it.
type verdict struct {
	Boot    string `json:"boot"` // of the host: what comes after may be another machine, or a mended one
	Binary  string `json:"binary"`
	Problem string `json:"problem,omitempty"` // "" when it works
}

// KVM tells why machines cannot run on KVM, tried with a tiny guest; nil when they can.
// The answer is remembered in the state directory until the host boots again.
func KVM(ctx context.Context, state, binary string) error {
	device, err := os.OpenFile("/dev/kvm", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	device.Close()
	note := filepath.Join(state, "accelerator.json")
	want := verdict{Boot: ledger.BootID(), Binary: binary}
	var v verdict
	text, err := os.ReadFile(note)
	if err != nil || json.Unmarshal(text, &v) != nil || v.Boot != want.Boot || v.Binary != want.Binary {
		err := tryGuest(ctx, binary, kvm, probeLimit)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		v = want
		if err != nil {
			v.Problem = err.Error()
		}
		remember(note, v)
	}
	if v.Problem != "" {
		return errors.New(v.Problem)
	}
	return nil
}

// remember writes a verdict down. Where that fails it is found out again next time.
func remember(note string, v verdict) {
	text, err := json.Marshal(v)
	if err != nil {
		return
	}
	part, err := os.CreateTemp(filepath.Dir(note), ".accelerator-")
	if err != nil {
		return
	}
	_, err = part.Write(text)
	if err = errors.Join(err, part.Close()); err == nil {
		err = os.Rename(part.Name(), note)
	}
	if err != nil {
		_ = os.Remove(part.Name())
	}
}

const (
	// probeLimit is many times what a tiny guest needs.
	probeLimit = 10 * time.Second
	// probeWork is ten times the processor time that it takes by emulation, and by a KVM
	// that works.
	probeWork = 2 * time.Second
	// probeExit is what QEMU ends with when the guest has run.
	probeExit = 0x10<<1 | 1
)

// tinyGuest is a boot sector that ends QEMU by writing 0x10 to a port of its own.
func tinyGuest() []byte {
	sector := make([]byte, 1440<<10) // a floppy disk
	copy(sector, []byte{
		0xb0, 0x10, // mov $0x10, %al
		0xba, 0xf4, 0x00, // mov $0xf4, %dx
		0xee,       // out %al, (%dx)
		0xf4,       // hlt
		0xeb, 0xfd, // jmp back to it
	})
	sector[510], sector[511] = 0x55, 0xaa
	return sector
}

// tryGuest runs the tiny guest: the firmware first, then its boot sector. The guest lies
// in memory, and nothing is left of it however this process ends.
func tryGuest(ctx context.Context, binary, accelerator string, limit time.Duration) error {
	if arch, named := strings.CutPrefix(filepath.Base(binary), "qemu-system-"); named && arch != "x86_64" && arch != "i386" || !named && runtime.GOARCH != "amd64" {
		return nil // there is no guest for other processors: the device must do
	}
	if err := findPrograms(binary); err != nil {
		return err
	}
	fd, err := unix.MemfdCreate("proofmark-guest", unix.MFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("make a tiny guest: %w", err)
	}
	guest := os.NewFile(uintptr(fd), "guest")
	defer guest.Close()
	if _, err := guest.Write(tinyGuest()); err != nil {
		return fmt.Errorf("make a tiny guest: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "-machine", "pc,accel="+accelerator, "-m", "16M", "-nodefaults", "-display", "none", "-no-reboot",
		"-drive", "file=/proc/self/fd/3,if=floppy,format=raw,readonly=on", "-boot", "a", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.ExtraFiles = []*os.File{guest}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	runToEnd(cmd)
	switch {
	case cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == probeExit:
		return fast(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	case ctx.Err() != nil:
		return fmt.Errorf("a tiny guest hangs with it (nothing for %s)", limit)
	}
	return fmt.Errorf("a tiny guest does not run with it: %s", strings.TrimSpace(out.String()))
}

// fast tells whether an accelerator deserves the name. A KVM whose every instruction is a
// trap brings the tiny guest to its end, and no kernel.
func fast(work time.Duration) error {
	if work <= probeWork {
		return nil
	}
	return fmt.Errorf("a tiny guest takes %s of processor time with it, more than by emulation", work.Round(100*time.Millisecond))
}

// runToEnd runs a command from a thread that lives as long as the command: that it dies
// with its parent is about the thread.
func runToEnd(cmd *exec.Cmd) {
	var wg sync.WaitGroup
	wg.Go(func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		_ = cmd.Run() // its state tells
	})
	wg.Wait()
}
