package qemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/proc"
)

// process is a running QEMU.
type process struct {
	id      string // in the ledger
	monitor *monitor
	words   string        // file with what QEMU says
	console string        // file with what the machine says; "" for none
	ended   chan struct{} // closed when it has ended

	began   time.Time
	last    atomic.Pointer[time.Time] // restart by the machine itself; nil for none
	resets  atomic.Int32
	looping chan struct{} // closed when the machine only restarts
	once    sync.Once
	stuck   stuck

	ports sync.Map // of serial ports that are listened to: name → *portState
}

// maxResets is how often a machine that nobody has reached yet may restart: installers
// need one or two.
const maxResets = 8

// monitorLimit is how long QEMU may take until it answers; large machines take their time.
const monitorLimit = time.Minute

// errPort is QEMU's word that somebody else has the port.
var errPort = errors.New("the port is in use")

// firstFile is the number that the first of the files has that QEMU is given.
const firstFile = 4

// startProcess starts QEMU on the record. words is the file that it writes its messages
// to; files are handed on to it.
func startProcess(ctx context.Context, res *ledger.Scope, class ledger.Class, binary string, line []string, words string, files ...*os.File) (*process, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, fmt.Errorf("make a socket for QEMU's monitor: %w", err)
	}
	p := &process{words: words, began: time.Now(), ended: make(chan struct{}), looping: make(chan struct{}), stuck: stuck{is: make(chan struct{})}}
	p.id, err = res.Create(ctx, class, func(_ context.Context, tag string) (string, error) {
		return p.spawn(binary, line, tag, append([]*os.File{theirs}, files...))
	})
	theirs.Close() // held here too, its end would not be seen
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start QEMU: %w", err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, monitorLimit, fmt.Errorf("QEMU does not answer for %s", monitorLimit))
	defer cancel()
	if p.monitor, err = openMonitor(limited, ours, p.event); err != nil {
		return nil, errors.Join(p.failure(err), res.Destroy(ctx, p.id))
	}
	return p, nil
}

// socketPair makes a connection with both ends here. A path for a socket would be too
// long in some homes, and in the way of who comes after.
func socketPair() (net.Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "monitor"), os.NewFile(uintptr(fds[1]), "monitor")
	defer mine.Close()
	conn, err := net.FileConn(mine)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// spawn starts the program. It belongs to no terminal, whose keys would end it before
// its machine can be shut down.
func (p *process) spawn(binary string, line []string, tag string, files []*os.File) (id string, err error) {
	out, err := createLog(p.words, maxLog)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(binary, append(line, "-chardev", "socket,id=proofmark,fd=3", "-mon", "chardev=proofmark,mode=control")...)
	cmd.Env = append(os.Environ(), tagEnv+"="+tag)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second // for what it has started and left, if anything
	cmd.ExtraFiles = files      // the monitor first, as 3
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		_ = out.Close()
		return "", err
	}
	if id, err = proc.ID(cmd.Process.Pid); err != nil {
		_ = cmd.Wait() // it is over already: what it said tells
		_ = out.Close()
		close(p.ended)
		return "", p.failure(err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // how it ends does not matter: its machine is off
		_ = out.Close()
	}()
	return id, nil
}

// event takes what QEMU tells of its machine.
func (p *process) event(name string, data json.RawMessage) {
	switch name {
	case "VSERPORT_CHANGE":
		p.portChanged(data)
	case "DEVICE_DELETED":
		p.portGone(data)
	case "BLOCK_IO_ERROR":
		p.stuck.event(data)
	}
	if name != "RESET" {
		return
	}
	var reset struct {
		Guest bool `json:"guest"`
	}
	if json.Unmarshal(data, &reset) != nil || !reset.Guest {
		return
	}
	now := time.Now()
	p.last.Store(&now)
	if p.resets.Add(1) > maxResets {
		p.once.Do(func() { close(p.looping) })
	}
}

// since is how long ago the machine began to start for the last time.
func (p *process) since() time.Duration {
	if last := p.last.Load(); last != nil {
		return time.Since(*last)
	}
	return time.Since(p.began)
}

// failure is why QEMU did not start.
func (p *process) failure(err error) error {
	select {
	case <-p.ended:
	case <-time.After(time.Second): // it closes its monitor before it ends
	}
	text, _ := os.ReadFile(p.words)
	said := strings.TrimSpace(string(text))
	if said == "" {
		return fmt.Errorf("start QEMU: %w", err)
	}
	if strings.Contains(said, "Could not set up host forwarding rule") {
		return fmt.Errorf("start QEMU: %w: %s", errPort, said) // which names it
	}
	return fmt.Errorf("start QEMU: it ends with: %s", said)
}

// running tells whether QEMU has not ended yet.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait waits until QEMU has ended.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
