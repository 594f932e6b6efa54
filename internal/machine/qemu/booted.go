package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// lookMemory is what a machine gets that nobody knows the needs of, in MiB.
const lookMemory = 1024

// Boot is an image's disk to boot for somebody who wants to look into it.
type Boot struct {
	Image    image.Image
	Firmware string // "bios" or "uefi"; "": as the image is known to boot, a BIOS where it boots on both
	CPUs     int    // 0: one
	Memory   int    // MiB; 0: as it was installed with, or 1024
	// User and Key, a file, are a way in that the image has. Without them it is looked into
	// as with BootDisk.
	User, Key string
	Forward   []Forward
	Args      []string // arguments of QEMU beside all others
}

// Forward has a port of this host's loopback lead to one of the machine's.
type Forward struct{ Host, Guest int }

// Booted is a machine that boots an image's disk for somebody who looks into it. What it
// writes goes with it, unless it is saved.
type Booted struct {
	*trial
	forward []Forward
	console net.Conn // its serial line, where Console started the machine
}

// Booted makes the machine, on the record; QEMU does not run yet. The caller's ledger knows
// TrialClasses.
func (o Boot) Booted(ctx context.Context, d Deps, env machine.Env) (*Booted, error) {
	m, err := o.booted(ctx, d, env)
	if err != nil {
		return nil, fmt.Errorf("boot image: %w", err)
	}
	return m, nil
}

func (o Boot) booted(ctx context.Context, d Deps, env machine.Env) (*Booted, error) {
	if slices.ContainsFunc(o.Args, detaches) {
		return nil, errDetaches
	}
	found, err := disksOf(o.Image)
	if err != nil {
		return nil, err
	}
	c, err := o.config(found)
	if err != nil {
		return nil, err
	}
	b, err := New(c, d)
	if err != nil {
		return nil, err
	}
	b.visited = true
	if o.Key == "" {
		b.looksByItself()
	}
	if err := b.require(); err != nil {
		return nil, err
	}
	m, err := boot(ctx, b, found.disks, env)
	if err != nil {
		return nil, err
	}
	t := m.(*trial)
	forward := ""
	for _, f := range o.Forward {
		forward += fmt.Sprintf(",hostfwd=tcp:%s:%d-:%d", loopback, f.Host, f.Guest)
	}
	// Alone in its network, it may have the addresses that systems are often set up for.
	t.vm.network = func(int) (string, string) { return forward, "" }
	t.vm.extra = append(t.vm.extra, o.Args...)
	return &Booted{trial: t, forward: o.Forward}, nil
}

// config is the machine's.
func (o Boot) config(found imageDisks) (Config, error) {
	c := hardwareOf(o.Image)
	if o.CPUs > 0 {
		c.CPUs = o.CPUs
	}
	if o.Memory > 0 {
		c.Memory = o.Memory
	}
	switch known := found.boot; {
	case o.Firmware != "" && len(known) > 0 && !slices.Contains(known, o.Firmware):
		return c, fmt.Errorf("its disk is made for %s alone, not for %s", known[0], o.Firmware)
	case o.Firmware != "":
		c.EFI = o.Firmware == uefi
	case len(known) > 0:
		c.EFI = !slices.Contains(known, bios)
	case found.vars != "":
		c.EFI = true
	}
	if c.EFI && found.vars != "" {
		c.EFICode, c.EFIVars = o.Image.Facts[factUEFI], found.vars
	}
	c.HostPort.Min, c.HostPort.Max = 2222, 4444
	c.SSH.Port, c.SSH.KeepAlive = 22, 5*time.Second
	if o.Key != "" {
		c.SSH.Username, c.SSH.PrivateKeyFile, c.SSH.FileTransferMethod = o.User, o.Key, "scp"
	}
	c.VMName = o.Image.Name
	return c.forTrial(), nil
}

// Firmware is what the machine starts with: "bios" or "uefi".
func (m *Booted) Firmware() string {
	if m.vm.b.c.EFI {
		return uefi
	}
	return bios
}

// Connect boots the machine, unless it runs, and waits until it is up.
func (m *Booted) Connect(ctx context.Context) (machine.Communicator, error) {
	if err := m.portsAreFree(ctx); err != nil {
		return nil, err
	}
	return m.trial.Connect(ctx)
}

// BootForGate implements machine.Gater.
func (m *Booted) BootForGate(ctx context.Context) (bool, error) {
	_, err := m.Connect(ctx)
	return err == nil, err
}

// portsAreFree tells of ports that somebody has, before the machine is started.
func (m *Booted) portsAreFree(ctx context.Context) error {
	m.vm.mu.Lock()
	started := m.vm.process != nil
	m.vm.mu.Unlock()
	if started {
		return nil
	}
	for _, f := range m.forward {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(f.Host)))
		if err != nil {
			return fmt.Errorf("forward port %d of this host: %w", f.Host, err)
		}
		l.Close()
	}
	return nil
}

// endLimit is how long a machine may take from its last word until it is off.
const endLimit = 5 * time.Second

// Off tells whether the machine, which has just ended a connection, did so because it powers
// off.
func (m *Booted) Off(ctx context.Context) bool {
	m.vm.mu.Lock()
	p := m.vm.process
	m.vm.mu.Unlock()
	if p == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	return p.wait(ctx) == nil
}

// Console boots the machine, and gives the other end of its first serial line. It is for one
// reader and one writer; it ends when the machine is off. Without it, or in its stead,
// Connect waits for the machine; it is one of the two that starts it.
func (m *Booted) Console(ctx context.Context) (io.ReadWriteCloser, error) {
	if err := m.portsAreFree(ctx); err != nil {
		return nil, err
	}
	vm := m.vm
	vm.mu.Lock()
	defer vm.mu.Unlock()
	switch {
	case vm.over != nil:
		return nil, vm.over
	case vm.process != nil:
		return nil, errors.New("open console: the machine was started without one")
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("make a socket for the console: %w", err)
	}
	defer theirs.Close() // held here too, its end would not be seen
	serial := [2]template.Late{}
	for i, text := range []string{"-serial", "chardev:serial"} {
		if serial[i], err = template.LateText(text); err != nil {
			return nil, err
		}
	}
	args, extra, files := vm.b.c.Args, vm.extra, vm.files
	vm.b.c.Args = append(slices.Clone(args), serial[:])
	vm.extra = append(slices.Clone(extra), "-chardev", fmt.Sprintf("socket,id=serial,fd=%d", firstFile+len(files)))
	vm.files = append(slices.Clone(files), theirs)
	m.began = time.Now()
	if err := vm.launch(ctx, fromDisk); err != nil {
		vm.b.c.Args, vm.extra, vm.files = args, extra, files // for another try
		ours.Close()
		return nil, err
	}
	m.console = ours
	return ours, nil
}

// Save writes what the disk has become to a file of its own, a qcow2 that stands on nothing.
// A machine that runs is shut down first. Nothing but Close is of use afterwards.
func (m *Booted) Save(ctx context.Context, env machine.Env, to string) error {
	if err := m.save(ctx, env, to); err != nil {
		return fmt.Errorf("save the disk: %w", err)
	}
	return nil
}

func (m *Booted) save(ctx context.Context, env machine.Env, to string) error {
	vm := m.vm
	vm.mu.Lock()
	defer vm.mu.Unlock()
	if vm.over != nil {
		return vm.over
	}
	if len(vm.disks) != 1 {
		return fmt.Errorf("the image has %d disks, and one file cannot hold them", len(vm.disks))
	}
	if vm.process != nil && vm.process.running() {
		vm.out.Say("Pressing the power button of the machine, so that all that it wrote is on its disk")
		if heeded, err := vm.pressButton(ctx); err != nil {
			return err
		} else if !heeded {
			vm.out.Warn("the machine does not heed its power button: cutting its power; what it had not written yet is lost")
			if err := vm.process.monitor.do(ctx, "quit", nil, nil); err == nil { // killed, it may lose what it has in hand of the file
				_ = vm.process.wait(ctx)
			}
		}
	}
	if err := vm.halt(ctx); err != nil {
		return err
	}
	vm.over = errOff
	part := filepath.Join(vm.dir, "saved.qcow2")
	if err := qemuImg(ctx, "convert", "-f", "qcow2", "-O", "qcow2", vm.disks[0], part); err != nil {
		return err
	}
	if err := os.Chmod(part, 0o600); err != nil { // what a machine knows may be secret
		return err
	}
	return env.Files.Move(ctx, part, to, false, func(from, to string) error { return output.Copy(ctx, from, to) })
}

// Close cuts the power and removes what the machine wrote.
func (m *Booted) Close(ctx context.Context) error {
	if m.console != nil {
		_ = m.console.Close() // its reader may have done so
	}
	return m.trial.Close(ctx)
}
