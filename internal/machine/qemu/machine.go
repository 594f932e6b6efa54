package qemu

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/machine/install/download"
)

// vm is one machine: a directory, and QEMU while it runs.
type vm struct {
	b          *Builder
	out        machine.Log
	res        *ledger.Scope
	run, build string
	name       string
	trial      bool     // it boots a disk that is there already, and is thrown away
	extra      []string // arguments of QEMU beside those that the template can replace
	files      []*os.File
	network    func(port int) (network, mac string) // of the hardware; nil: QEMU's usual ones

	mu     sync.Mutex // held while the machine is started, captured or closed
	id     string     // of the directory in the ledger; "" when there is none
	dir    string
	below  string      // layer that the disks stand on; "" for none
	medium string      // path
	parent *imageDisks // nil: none
	disks  []string
	format string   // of the disks as they are now
	nodes  []string // of the disks in QEMU, once that was asked for them
	cds    []string
	floppy string
	vars   string // of UEFI
	key    *temporaryKey
	server *install.Server

	process     *process    // nil before the start
	accelerator string      // that it runs with
	cpu         string      // that it sees; "" for QEMU's usual one
	port        int         // of this host, that leads to the machine's; 0 for none
	host        string      // that the machine is reached at
	secret      string      // of VNC, made for this machine
	console     string      // file
	consoleLog  *consoleLog // that is written to it; nil before the start
	typed       bool        // the boot command, or part of it
	text        string      // of that, for people
	conn        *connection

	started time.Duration // from its last start until it was reached
	behind  time.Duration // what its clock has lost
	onTime  bool          // its clock can be set
	told    bool          // why it has no layers
	over    error         // why nothing can be done with it any more
}

var (
	_ machine.Describer = (*vm)(nil)
	_ machine.Entering  = (*vm)(nil)
)

var (
	errClosed   = errors.New("the machine is closed")
	errCaptured = errors.New("the machine has been captured and is off")
	errOff      = errors.New("the machine is off")
	errConsumed = errors.New("the machine was consumed by a snapshot")
)

// prepare makes all that QEMU starts from.
func (m *vm) prepare(ctx context.Context) error {
	var err error
	if m.medium, err = m.fetch(ctx); err != nil {
		return err
	}
	if err := m.makeDirectory(ctx); err != nil {
		return err
	}
	if !m.b.c.Image {
		m.cds = append(m.cds, m.medium)
	}
	if err := m.makeDisks(ctx, m.medium); err != nil {
		return err
	}
	if err := m.makeMedia(ctx); err != nil {
		return err
	}
	m.key, err = m.b.makeKey()
	return err
}

// makeDirectory makes the machine's directory, on the record.
func (m *vm) makeDirectory(ctx context.Context) (err error) {
	m.id, err = m.res.Create(ctx, m.b.places.directoryClass(classesOf(m.trial).directory), func(_ context.Context, tag string) (string, error) {
		m.dir = m.b.places.machine(tag)
		return tag, os.MkdirAll(m.disksDirectory(), 0o700)
	})
	if err != nil {
		return fmt.Errorf("make the machine's directory: %w", err)
	}
	return nil
}

// disksDirectory is for the disks alone: their names are the template's to choose.
func (m *vm) disksDirectory() string { return filepath.Join(m.dir, "disks") }

// fetch gives the path of what the template installs or starts from.
func (m *vm) fetch(ctx context.Context) (_ string, err error) {
	c := m.b.c
	if c.ParentImage != "" {
		if m.parent, err = m.openParent(ctx); err != nil {
			return "", err
		}
		return m.parent.disks[0].name, nil
	}
	if c.ISOSkipCache {
		place := c.ISO.URL
		if place == "" && len(c.URLs) > 0 {
			place = c.URLs[0]
		}
		switch local, ok, _ := download.Local(place); {
		case ok:
			return filepath.Abs(local) // disks are looked for from where those on top of them lie
		case !c.Image: // a disk from elsewhere is looked at before QEMU reads it
			return place, nil // QEMU reads it from there
		}
	}
	return m.b.downloader().Fetch(ctx, c.ISO.Medium(), download.Options{Target: c.TargetPath, Extension: c.TargetExtension}, m.out)
}

// Connect starts the machine unless it runs, types the boot command, and waits for SSH.
// What was typed is not typed again when that failed, and Connect is called once more.
func (m *vm) Connect(ctx context.Context) (machine.Communicator, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over != nil {
		return nil, m.over
	}
	if m.conn != nil {
		return shared{m.conn}, nil
	}
	switch {
	case m.process == nil:
	case m.typed && m.b.Machineless():
		return machine.None{}, nil // it may be off by now, as it should
	case !m.process.running():
		return nil, errOff
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if m.process == nil {
		if err := m.start(ctx); err != nil {
			return nil, err
		}
	}
	if err := m.reach(ctx); err != nil {
		return nil, m.lost(err) // it goes on: somebody may want to look at it
	}
	if m.conn == nil {
		return machine.None{}, nil
	}
	return shared{m.conn}, nil
}

// start starts QEMU: where the machine stands on a layer, from the memory of that, if it is
// of any use.
func (m *vm) start(ctx context.Context) error {
	if m.below == "" {
		return m.launch(ctx, fromDisk)
	}
	resumed, err := m.resume(ctx)
	if err != nil || resumed {
		return err
	}
	return m.launch(ctx, fromDisk)
}

// reach types the boot command and connects, as long as the machine runs.
func (m *vm) reach(ctx context.Context) error {
	if m.conn != nil {
		return nil
	}
	watched, cancel := m.watched(ctx)
	defer cancel(nil)
	if !m.typed {
		m.typed = true
		if err := m.typeBootCommand(watched); err != nil {
			return err
		}
	}
	if m.b.Machineless() {
		return nil
	}
	if err := m.dial(watched); err != nil {
		if watched.Err() != nil && ctx.Err() == nil {
			err = context.Cause(watched)
		}
		return err
	}
	m.started = m.process.since()
	return nil
}

// watched gives a context that ends, with the reason, when nobody need wait for the machine
// any more.
func (m *vm) watched(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	watched, cancel := context.WithCancelCause(ctx)
	p := m.process
	go func() {
		select {
		case <-p.ended:
			cancel(errors.New("the machine has powered off by itself"))
		case <-p.looping:
			cancel(fmt.Errorf("the machine restarts again and again (%d times by now)", maxResets+1))
		case <-p.stuck.is:
			cancel(p.stuck.why)
		case <-watched.Done():
		}
	}()
	return watched, cancel
}

// dial connects by SSH.
func (m *vm) dial(ctx context.Context) error {
	place, err := m.place(ctx)
	if err != nil {
		return err
	}
	if addr := m.forwarded(); addr != "" {
		limit, _ := m.b.c.SSH.Limits()
		m.out.Say("Waiting for SSH on %s", addr)
		if err := awaitSSH(ctx, addr, limit, m.process.networkUp); err != nil {
			return err
		}
	}
	c, err := m.means().Dial(ctx, place, m.out, m.b.deps.Getenv)
	if err != nil {
		return err
	}
	m.conn = newConnection(c, m.process)
	return nil
}

// means are the options of the connection. Where a port of this host leads to the machine,
// ssh_port is the machine's own.
func (m *vm) means() connect.Config {
	c := m.b.c.Config
	if m.port != 0 {
		c.SSH.Port = 0
	}
	return c
}

// forwarded is the address of this host that leads to the machine's SSH, if the template
// says no other way.
func (m *vm) forwarded() string {
	c := m.b.c.SSH
	if m.port == 0 || c.Host != "" || c.BastionHost != "" || c.ProxyHost != "" {
		return ""
	}
	return net.JoinHostPort(loopback, strconv.Itoa(m.port))
}

// lost adds to an error what tells why a machine could not be reached.
func (m *vm) lost(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	text := "its console (" + m.console + ")"
	if last := m.tail(); last != "" {
		text += " ends with:\n" + last
	} else {
		text += " is empty: a system writes there when its kernel has console=ttyS0"
	}
	if said := m.process.said(); said != "" {
		text = "QEMU says:\n" + said + "\n" + text
	}
	if m.text != "" {
		text = "typed was: " + m.text + "\n" + text
	}
	return fmt.Errorf("the machine cannot be reached: %w\n%s", err, text)
}

// place is where the machine is.
func (m *vm) place(ctx context.Context) (connect.Place, error) {
	p := connect.Place{Host: loopback, Port: m.port}
	if m.key != nil {
		p.Key = m.key.signer
	}
	if m.b.c.NetBridge != "" && m.b.c.SSH.Host == "" {
		host, err := m.bridgeAddress(ctx)
		if err != nil {
			return p, err
		}
		m.host, p.Host = host, host
	}
	return p, nil
}

// halt ends QEMU as a cut of the power does. The disks stay.
func (m *vm) halt(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	var errs []error
	if m.conn != nil {
		m.conn.end()
		m.conn = nil
	}
	if m.process != nil {
		err := m.res.Destroy(ctx, m.process.id)
		if err == nil {
			err = m.process.wait(ctx)
			m.process.monitor.close()
			m.process = nil
		}
		errs = append(errs, err)
	}
	if m.consoleLog != nil && m.process == nil {
		m.consoleLog.end()
		m.consoleLog = nil
	}
	if m.server != nil {
		errs = append(errs, m.server.Close())
		m.server = nil
	}
	return errors.Join(errs...)
}

const closeLimit = time.Minute

// Close cuts the power and removes everything.
func (m *vm) Close(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over == nil || errors.Is(m.over, errCaptured) {
		m.over = errClosed
	}
	if err := m.drop(ctx); err != nil {
		return fmt.Errorf("close machine: %w", err)
	}
	return nil
}

// drop gives everything back, whether ctx is done or not.
func (m *vm) drop(ctx context.Context) error {
	if err := m.halt(ctx); err != nil {
		return err // it writes in the directory
	}
	if m.id == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeLimit)
	defer cancel()
	if err := m.res.Destroy(ctx, m.id); err != nil {
		return err
	}
	m.id = ""
	return nil
}

// Vars tell how the machine is reached, and where its files are offered.
func (m *vm) Vars() map[string]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	host := m.host
	if host == "" {
		host = loopback
	}
	vars := m.b.c.Config.Vars(connect.Place{Host: host, Port: m.port})
	vars["ID"] = m.name
	if m.key != nil {
		vars["SSHPublicKey"] = m.key.public
	}
	if m.server != nil {
		port := fmt.Sprint(m.server.Port)
		vars["PackerHTTPIP"], vars["PackerHTTPPort"], vars["PackerHTTPAddr"] = m.b.guestsView(), port, m.b.guestsView()+":"+port
	}
	return vars
}

// EnterCommand works while the machine runs, from the same host.
func (m *vm) EnterCommand() string {
	vars := m.Vars()
	key := ""
	if m.key != nil && m.key.file != "" {
		key = "-i " + machine.Quote(m.key.file) + " "
	}
	return "ssh " + key + "-p " + machine.Quote(vars["Port"]) + " " + machine.Quote(vars["User"]+"@"+vars["Host"])
}

// temporaryKey is the key that a build makes for itself.
type temporaryKey struct {
	signer gossh.Signer // nil for a key of the template's, which is read where it is used
	public string       // as a line of authorized_keys
	file   string       // with the private half; "" for none
}
