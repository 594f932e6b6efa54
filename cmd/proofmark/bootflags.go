package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine/qemu"
)

// bootFlags are all flags of boot, and its command.
type bootFlags struct {
	command      string // "" for none
	ssh          bool
	bios, uefi   bool
	memory, cpus int
	user, key    string
	forward      []string
	qemuArgs     []string
	save         string
}

// diskOptions count for machines that boot disks alone.
func diskOptions() []string {
	return []string{"bios", "uefi", "memory", "cpus", "user", "key", "forward", "qemu-arg", "save"}
}

func (f *bootFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.ssh, "ssh", false, "a shell once the machine is up, instead of its serial console")
	fl.BoolVar(&f.bios, "bios", false, "start with a BIOS")
	fl.BoolVar(&f.uefi, "uefi", false, "start with UEFI")
	fl.IntVar(&f.memory, "memory", 0, "memory in `MiB`; what it was installed with, or 1024, without it")
	fl.IntVar(&f.cpus, "cpus", 0, "number of processors; one without it")
	fl.StringVar(&f.user, "user", "root", "who logs in by SSH with --key")
	fl.StringVar(&f.key, "key", "", "`FILE` with a private key that the image lets in")
	fl.StringArrayVar(&f.forward, "forward", nil, "`HOST:GUEST`: a port of this host's loopback that leads to one of the machine's; may be repeated")
	fl.StringArrayVar(&f.qemuArgs, "qemu-arg", nil, "`\"-NAME VALUE\"`: one more argument of QEMU; may be repeated")
	fl.StringVar(&f.save, "save", "", "`FILE.qcow2` to make of the disk as the machine leaves it")
}

// check refuses values that make no sense.
func (f *bootFlags) check() error {
	switch {
	case f.bios && f.uefi:
		return errors.New("-bios -uefi: a machine starts with one of them")
	case f.memory < 0 || f.cpus < 0:
		return fmt.Errorf("-memory=%d -cpus=%d: neither can be negative", f.memory, f.cpus)
	case f.user != "root" && f.key == "":
		return fmt.Errorf("-user=%s: needs -key: without one root alone gets in", f.user)
	}
	if f.save != "" {
		if _, err := os.Lstat(f.save); !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, fmt.Errorf("-save=%s: it exists: remove it, or name another file", f.save))
		}
	}
	_, err := f.forwards()
	return err
}

func (f *bootFlags) forwards() (all []qemu.Forward, err error) {
	for _, text := range f.forward {
		host, guest, _ := strings.Cut(text, ":")
		h, e1 := strconv.ParseUint(host, 10, 16)
		g, e2 := strconv.ParseUint(guest, 10, 16)
		if e1 != nil || e2 != nil || h == 0 || g == 0 {
			return nil, fmt.Errorf("-forward=%s: write two ports, such as 8080:80", text)
		}
		all = append(all, qemu.Forward{Host: int(h), Guest: int(g)})
	}
	return all, nil
}

// boot is what the flags say of a machine.
func (f *bootFlags) boot(v catalog.Version) (qemu.Boot, error) {
	b := qemu.Boot{Image: v.Image, CPUs: f.cpus, Memory: f.memory, User: f.user, Key: f.key}
	switch {
	case f.bios:
		b.Firmware = "bios"
	case f.uefi:
		b.Firmware = "uefi"
	}
	for _, a := range f.qemuArgs {
		name, value, ok := strings.Cut(a, " ")
		b.Args = append(b.Args, name)
		if ok {
			b.Args = append(b.Args, value)
		}
	}
	var err error
	b.Forward, err = f.forwards()
	return b, err
}
