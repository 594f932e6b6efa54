package disk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Need is something of this host that disks are made with.
type Need struct {
	What    string // a program, or a directory
	Package string // of Debian
	For     string
}

const (
	forDisks   = "disks"
	forBIOS    = "disks that boot on a BIOS"
	forUEFI    = "disks that boot on UEFI"
	forFormats = "disks in other formats than raw and qcow2"

	grubBIOS = "/usr/lib/grub/i386-pc"
	grubUEFI = "/usr/lib/grub/x86_64-efi"
)

// Needs lists what is needed, whether it is there or not.
func Needs() []Need {
	return []Need{
		{"mke2fs", "e2fsprogs", forDisks}, {"sfdisk", "fdisk", forDisks}, {"mkfs.vfat", "dosfstools", forDisks},
		{"mcopy", "mtools", forDisks}, {"grub-mkimage", "grub-common", forDisks},
		{grubBIOS, "grub-pc-bin", forBIOS}, {grubUEFI, "grub-efi-amd64-bin", forUEFI},
		{"qemu-img", "qemu-utils", forFormats},
	}
}

// Missing tells whether it is not there.
func (n Need) Missing() bool {
	if filepath.IsAbs(n.What) {
		_, err := os.Stat(n.What)
		return err != nil
	}
	_, err := lookPath(n.What)
	return err != nil
}

// Require says all at once what is missing on this host for a disk in a form.
func Require(o Options, f Form) error {
	return missing(func(n Need) bool {
		return n.For == forDisks || n.For == forBIOS && o.BIOS || n.For == forUEFI && o.UEFI || n.For == forFormats && f.Format != Raw && f.Format != QCOW2
	})
}

func missing(wanted func(Need) bool) error {
	var things, packages []string
	for _, n := range Needs() {
		if wanted(n) && n.Missing() {
			things, packages = append(things, n.What), append(packages, n.Package)
		}
	}
	if len(things) == 0 {
		return nil
	}
	return fmt.Errorf("needs %s: apt-get install --no-install-recommends %s", strings.Join(things, ", "), strings.Join(packages, " "))
}

// lookPath looks where ordinary users' shells do not look, too.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if err == nil {
			break
		}
		path, err = exec.LookPath(filepath.Join(dir, name))
	}
	return path, err
}

// run runs a program of the host and returns what it prints. Language and time zone are
// fixed.
func run(ctx context.Context, stdin string, env []string, name string, args ...string) (string, error) {
	path, err := lookPath(name)
	if err != nil {
		return "", fmt.Errorf("run %s: %w", name, err)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	cmd.WaitDelay = 5 * time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append([]string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/"}, env...)
	err = cmd.Run()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		if text := strings.TrimSpace(errs.String()); text != "" {
			err = errors.New(text)
		}
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return out.String(), nil
}
