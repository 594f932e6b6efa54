package qemu

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// launch starts the machine.
func (m *vm) launch(ctx context.Context, how start) (err error) {
	c := m.b.c
	defer func() {
		if err != nil {
			err = errors.Join(err, m.halt(ctx))
		}
	}()
	if c.HTTP.Given() && m.server == nil {
		if m.server, err = c.HTTP.Serve(ctx, m.b.listenFor()); err != nil {
			return err
		}
	}
	h, err := m.hardware(ctx)
	if err != nil {
		return err
	}
	if how == fromMemory {
		m.out.Say("Waking the machine from the memory in its layer (%s)", accelerated(h.accelerator))
	} else {
		m.out.Say("Starting the machine (%s)", accelerated(h.accelerator))
	}
	for port := range m.b.ports(ctx) {
		m.port = port
		if m.forwards() {
			h.port, h.guestPort = port, c.SSH.Port
			if m.network != nil {
				h.network, h.mac = m.network(port)
			}
		}
		err = m.startQEMU(ctx, h, how)
		if err == nil || !errors.Is(err, errPort) || !strings.Contains(err.Error(), fmt.Sprintf(":%d-", port)) {
			break // one that was asked for by its number stays taken
		}
		m.out.Message("port %d was taken meanwhile: trying another one", port)
	}
	if err != nil {
		return err
	}
	if m.process == nil {
		return fmt.Errorf("every port from %d to %d is in use: give a wider range by host_port_min and host_port_max", c.HostPort.Min, c.HostPort.Max)
	}
	m.consoleLog.begun()
	return m.showScreen(ctx)
}

// start is what a machine starts from.
type start bool

const (
	fromDisk   start = false
	fromMemory start = true // which QEMU waits for
)

// forwards tells whether a port of this host leads to the machine's.
func (m *vm) forwards() bool {
	c := m.b.c
	return c.NetBridge == "" && !c.SkipNAT && !m.b.Machineless()
}

func accelerated(by string) string {
	if by == tcg || by == "none" {
		return "emulated, without acceleration"
	}
	return "accelerated by " + by
}

// ports are those of this host to try for the machine: one alone where none leads there.
func (b *Builder) ports(ctx context.Context) func(func(int) bool) {
	if b.c.NetBridge != "" || b.c.SkipNAT || b.Machineless() {
		return func(yield func(int) bool) { yield(0) }
	}
	return install.FreePorts(ctx, loopback, b.c.HostPort.Min, b.c.HostPort.Max)
}

// processor is how the machine's processor is run, and which one it sees.
func (m *vm) processor(ctx context.Context) (accelerator, cpu string, err error) {
	c := m.b.c
	if accelerator, err = m.b.chooseAccelerator(ctx); err != nil {
		return "", "", err
	}
	if accelerator == tcg && c.CPUModel == "host" && c.Accelerator == "" {
		m.out.Message("cpu_model = host needs acceleration, which does not work here: taking max")
		return accelerator, "max", nil
	}
	return accelerator, c.CPUModel, nil
}

// hardware is the machine's, but for the port.
func (m *vm) hardware(ctx context.Context) (hardware, error) {
	c := m.b.c
	var err error
	if m.accelerator == "" {
		if m.accelerator, m.cpu, err = m.processor(ctx); err != nil {
			return hardware{}, err
		}
	}
	if err := m.openConsole(); err != nil {
		return hardware{}, fmt.Errorf("make a log of the console: %w", err)
	}
	h := hardware{
		name: m.name, accelerator: m.accelerator, cpu: m.cpu, disks: m.disks, cds: m.cds, format: m.format, installed: m.below != "",
		floppy: m.floppy, vars: m.vars, console: m.consoleLog.pipe, display: m.display(),
	}
	if c.QMP {
		if h.qmp = c.QMPSocket; h.qmp == "" {
			h.qmp = filepath.Join(m.dir, m.name+".monitor")
		}
	}
	return h, nil
}

// display is where QEMU shows the screen by itself. Without a place to show it the
// machine runs all the same, and can be seen by VNC.
func (m *vm) display() string {
	c := m.b.c
	switch {
	case c.Headless:
		return map[bool]string{true: "none"}[c.VNC.Disable]
	case c.Display == "none" || c.UseDefault:
		return ""
	case m.b.deps.Getenv("DISPLAY") == "" && m.b.deps.Getenv("WAYLAND_DISPLAY") == "":
		m.out.Message("there is no screen here to open a window on: running as with headless = true")
		return map[bool]string{true: "none"}[c.VNC.Disable]
	case c.Display != "":
		return c.Display
	}
	return "gtk"
}

// startQEMU starts QEMU with what the template says in place of what is usual.
func (m *vm) startQEMU(ctx context.Context, h hardware, how start) error {
	c := m.b.c
	v := m.values()
	values := argumentValues{
		HTTPIP: v[install.HTTPIP], HTTPPort: v[install.HTTPPort], HTTPDir: c.HTTP.Directory, HTTPContent: c.HTTP.Content,
		OutputDir: m.disksDirectory(), Name: m.name, SSHHostPort: m.port,
	}
	move := moveInto(m.b.outputDirectory(m.build), m.disksDirectory())
	if m.below != "" {
		into := move
		move = func(value string) string { return asOverlay(into(value), m.disksDirectory()) }
	}
	args, err := c.override(c.arguments(h), values, move)
	if err != nil {
		return err
	}
	if m.below != "" {
		args = c.afterInstallation(args, how)
	}
	extra := m.extra
	if !m.trial {
		extra = append(slices.Clone(extra), generation(args)...)
	}
	if how == fromMemory {
		extra = append(extra, "-incoming", "defer")
	}
	line := args.line()
	m.out.Message("%s %s", c.Binary, strings.Join(line, " "))
	m.process, err = startProcess(ctx, m.res, processClass(classesOf(m.trial).process), c.Binary, append(append(line, extra...), m.invitation()...), filepath.Join(m.dir, "qemu.log"), m.files...)
	if err == nil {
		m.process.console = m.console
	}
	return err
}

// values are those of placeholders in what is typed.
func (m *vm) values() map[string]string {
	port := "0"
	if m.server != nil {
		port = strconv.Itoa(m.server.Port)
	}
	public := ""
	if m.key != nil {
		public = m.key.public
	}
	return map[string]string{install.HTTPIP: m.b.guestsView(), install.HTTPPort: port, install.Name: m.name, install.SSHPublicKey: public}
}

// behindQEMU tells whether the machine is in the network that QEMU makes, from which it
// reaches the loopback of this host.
func (b *Builder) behindQEMU() bool {
	for _, a := range b.c.Args {
		if len(a) > 1 && slices.Contains([]string{"-netdev", "-net", "-nic"}, a[0].Text()) && !strings.HasPrefix(a[1].Text(), "user") && !strings.HasPrefix(a[1].Text(), "nic") {
			return false
		}
	}
	return b.c.NetBridge == ""
}

// listenFor is the address for the HTTP server where the template names none.
func (b *Builder) listenFor() string {
	if b.behindQEMU() && b.c.HTTP.Interface == "" {
		return loopback
	}
	return "0.0.0.0"
}

// guestsView is the address of this host as the machine sees it.
func (b *Builder) guestsView() string {
	const ofQEMU = "10.0.2.2"
	link := b.c.HTTP.Interface
	if link == "" {
		link = b.c.NetBridge
	}
	if link == "" {
		return ofQEMU
	}
	if i, err := net.InterfaceByName(link); err == nil {
		addrs, _ := i.Addrs()
		for _, a := range addrs {
			if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil {
				return ip.IP.String()
			}
		}
	}
	return ofQEMU
}

// showScreen tells how the screen can be seen, and sets the password that guards it.
func (m *vm) showScreen(ctx context.Context) error {
	c := m.b.c
	if c.VNC.Disable {
		return nil
	}
	addr, err := m.screen(ctx)
	if err != nil || addr == "" {
		return err
	}
	if !c.UsePassword {
		m.out.Message("its screen is at vnc://%s", addr)
		return nil
	}
	if err := m.process.monitor.do(ctx, "set_password", map[string]string{"protocol": "vnc", "password": m.password()}, nil); err != nil {
		return fmt.Errorf("guard the screen: %w", err)
	}
	m.out.Message("its screen is at vnc://%s, with the password %s", addr, m.password())
	return nil
}

// password of VNC, of which 8 characters count.
func (m *vm) password() string {
	if m.b.c.Screen.Password != "" {
		return m.b.c.Screen.Password
	}
	if m.secret == "" {
		m.secret = strings.ToLower(rand.Text()[:8])
	}
	return m.secret
}

// screen is the address of VNC; "" when there is none, as qemuargs may say.
func (m *vm) screen(ctx context.Context) (string, error) {
	var vnc struct {
		Enabled       bool
		Host, Service string
	}
	if err := m.process.monitor.do(ctx, "query-vnc", nil, &vnc); err != nil {
		return "", err
	}
	if !vnc.Enabled {
		return "", nil
	}
	return net.JoinHostPort(vnc.Host, vnc.Service), nil
}
