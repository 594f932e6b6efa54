// Package qemu builds machines of QEMU and KVM on this host: installed from a medium, or
// started from a disk, to disk files in the formats qcow2 and raw.
//
// A machine is a directory with disks until somebody connects: then QEMU runs, what the
// template says is typed on its keyboard, and it is awaited by SSH. The directory and
// the process are in the ledger before they exist. Whatever listens on this host for the
// machine's sake listens on the loopback, unless the template says otherwise.
package qemu

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install/download"
	"github.com/proofmark-build/proofmark/internal/template"
)

// KindName is the builder's name in templates, ledgers and images.
const KindName = "qemu"

// Deps is what the builder needs from the rest of the program.
type Deps struct {
	// State is a directory for running machines and downloads. It is made when first
	// needed.
	State string
	// Logs is a directory in which the consoles of machines stay; "": they go with the
	// machines.
	Logs string
	// Getenv reads the environment: the user's SSH agent and screen, the speed of typing.
	Getenv func(string) string
	// Parent finds the image that a reference ("name" or "name:version") names.
	Parent func(ctx context.Context, ref string) (image.Image, error)
	// Probe opens the program that answers in machines which boot their disks, for an
	// architecture by its GOARCH name; nil: SSH leads into them.
	Probe func(arch string) (io.ReadCloser, error)
}

// Builder is one configured source.
type Builder struct {
	c      Config
	deps   Deps
	places places
	port   bool  // machines that boot a disk are looked into by a port, as root
	maxLog int64 // of a console

	visited bool // somebody looks into machines that boot a disk, and proves nothing
	// worthSaving is the rule of that name; tests have others.
	worthSaving func(start, save time.Duration) bool
	consoles    atomic.Int32 // that its machines have had
}

var (
	_ machine.Builder   = (*Builder)(nil)
	_ machine.Outputter = (*Builder)(nil)
	_ machine.Publisher = (*Builder)(nil)
	_ machine.Placer    = (*Builder)(nil)
	_ machine.Verifier  = (*Builder)(nil)
	_ template.Partial  = (*Builder)(nil)
)

// Kind is the builder's entry in the list of kinds.
func Kind(d Deps) template.Kind[machine.Builder] {
	return template.Define(KindName, "machines of QEMU and KVM, installed from a medium or a disk",
		func(c Config) (machine.Builder, error) {
			b, err := New(c, d)
			return b, errors.Join(c.Check(), err) // both: some mistakes are none while options are not known yet
		})
}

// New opens a builder. The configuration has been checked.
func New(c Config, d Deps) (*Builder, error) {
	if d.State == "" {
		return nil, errors.New("open qemu builder: no state directory")
	}
	if d.Getenv == nil {
		d.Getenv = func(string) string { return "" }
	}
	return &Builder{c: c.complete(), deps: d, places: places{d.State}, maxLog: maxLog, worthSaving: worthSaving}, nil
}

// complete fills in what depends on other options.
func (c Config) complete() Config {
	c = c.withParent()
	c.HostPort = c.HostPort.Modern()
	if c.ISOSkipCache {
		c.Checksum = "none"
	}
	if c.Hardware.Memory < leastMemory {
		c.Hardware.Memory = usualMemory
	}
	if c.Format != "qcow2" {
		c.SkipCompaction, c.Compression = true, false
	}
	if c.Backing {
		c.SkipCompaction = true
	}
	if c.EFICode != "" || c.EFIVars != "" {
		c.EFI = true
	}
	if c.EFI {
		c.Firmware = c.withUEFI(ovmfDirectory)
	}
	if c.Screen.BindAddress == "" {
		c.Screen.BindAddress = loopback
	}
	return c
}

const (
	leastMemory = 10 // MiB; Packer takes less for a mistake
	usualMemory = 512
	loopback    = "127.0.0.1"
)

// Runs: this version does not speak WinRM.
func (b *Builder) Runs() bool { return b.c.Choice(connect.Rules{}) != connect.UseWinRM }

// Machineless: a machine without communicator is one that nobody looks into. It installs
// itself and powers off.
func (b *Builder) Machineless() bool { return b.c.Choice(connect.Rules{}) == connect.UseNone }

func (b *Builder) Resources(where ledger.Where) []ledger.Class { return Classes(b.deps, where) }

// ImageName is the source's.
func (b *Builder) ImageName() string { return "" }

// name is what Packer calls a build: without the builder's kind.
func name(build string) string { return strings.TrimPrefix(build, KindName+".") }

// vmName is the name of a build's machine, and of its disk's file.
func (b *Builder) vmName(build string) string {
	return filepath.Base(cmp.Or(b.c.VMName, "packer-"+name(build)))
}

// outputDirectory is where a build's disks go.
func (b *Builder) outputDirectory(build string) string {
	return cmp.Or(b.c.Output.Directory, "output-"+name(build))
}

// Places implements machine.Placer.
func (b *Builder) Places(build string) []string { return []string{b.outputDirectory(build)} }

func (b *Builder) downloader() download.Downloader {
	return download.Downloader{Dir: filepath.Join(b.deps.State, "downloads")}
}

// require wants all to be on this host that machines of the source need, before anything
// is fetched or made for one.
func (b *Builder) require() error {
	c := b.c
	if err := findPrograms(c.Binary, imgProgram); err != nil {
		return err
	}
	if c.EFI {
		if err := c.requireUEFI(); err != nil {
			return err
		}
	}
	return errors.Join(c.CD.Require(), c.Floppy.Require())
}

// Start fetches the medium and makes the disks; QEMU does not run yet.
func (b *Builder) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	if b.c.TPM {
		return nil, errors.New("start machine: vtpm: this version starts no TPM: take the option away")
	}
	if err := b.require(); err != nil {
		return nil, fmt.Errorf("start machine: %w", err)
	}
	m := &vm{b: b, out: env.Out, res: env.Res, run: env.Run, build: env.Build, name: b.vmName(env.Build)}
	if err := m.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start machine: %w", err), m.drop(ctx))
	}
	return m, nil
}
