package qemu

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const imgProgram = "qemu-img"

// findPrograms wants programs to be installed.
func findPrograms(names ...string) error {
	for _, n := range names {
		if _, err := exec.LookPath(n); err == nil {
			continue
		} else if strings.Contains(n, "/") {
			return fmt.Errorf("qemu_binary: %w", err)
		}
		return fmt.Errorf("%s is not installed: apt-get install --no-install-recommends %s", n, packageOf(n))
	}
	return nil
}

// packageOf is the Debian package of one of QEMU's programs.
func packageOf(program string) string {
	switch arch := strings.TrimPrefix(program, "qemu-system-"); {
	case program == imgProgram:
		return "qemu-utils"
	case arch == "x86_64" || arch == "i386":
		return "qemu-system-x86"
	case strings.HasPrefix(arch, "aarch64") || strings.HasPrefix(arch, "arm"):
		return "qemu-system-arm"
	}
	return "qemu-system"
}

// qemuImg runs qemu-img; its error holds what it says.
func qemuImg(ctx context.Context, args ...string) error {
	said, err := runImg(ctx, args...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if before, full := strings.CutSuffix(said, "No space left on device"); full {
		return fmt.Errorf("%s %s: %s%w", imgProgram, args[0], before, unix.ENOSPC)
	}
	return fmt.Errorf("%s %s: %s", imgProgram, args[0], said)
}

// runImg runs qemu-img, and gives what it says, or why it says nothing. The error is how it
// ends, or that of ctx.
func runImg(ctx context.Context, args ...string) (said string, err error) {
	out, err := exec.CommandContext(ctx, imgProgram, args...).CombinedOutput()
	if err != nil && ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	said = strings.TrimPrefix(strings.TrimSpace(string(out)), imgProgram+": ")
	if said == "" && err != nil {
		said = err.Error() // killed, for example
	}
	return shortened(said, maxSaidLines), err
}

// errDamaged says that a disk makes no sense to QEMU.
var errDamaged = errors.New("it is damaged")

// checkDisk tells whether the tables of a qcow2 make sense, which others may be reading. That
// room in it belongs to nothing is no damage: a machine whose power was cut leaves some.
func checkDisk(ctx context.Context, file string) error {
	said, err := runImg(ctx, "check", "-U", "-f", "qcow2", file)
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		return err
	}
	switch exit.ExitCode() {
	case 1, 2: // it cannot be read, or its tables contradict each other
		return fmt.Errorf("%w: %s", errDamaged, said)
	case 3: // room is lost
		return nil
	}
	return fmt.Errorf("%s check: %s", imgProgram, said)
}

// maxSaidLines is how much of what qemu-img says is told: a damaged disk has a line for each
// of its parts.
const maxSaidLines = 6

// shortened leaves out lines of a text beyond so many.
func shortened(text string, lines int) string {
	all := strings.Split(text, "\n")
	if len(all) <= lines {
		return text
	}
	return fmt.Sprintf("%s\nand %d lines more", strings.Join(all[:lines], "\n"), len(all)-lines)
}

// diskSize is a size as qemu-img takes it: bare numbers are mebibytes.
func diskSize(size string) string {
	if size == "" || size == "0" {
		return "40960M"
	}
	if strings.Trim(size, "0123456789") == "" {
		return size + "M"
	}
	return size
}

// makeDisks makes the machine's disks in its directory, the first one from the medium
// where that is a disk.
func (m *vm) makeDisks(ctx context.Context, medium string) error {
	c := m.b.c
	m.format = c.Format
	if c.Image {
		if err := m.checkDownloaded(medium); err != nil {
			return fmt.Errorf("the disk to start from: %w", err)
		}
	}
	for i, size := range append([]string{c.Disks.Size}, c.Additional...) {
		file := m.diskName(i)
		path := filepath.Join(m.disksDirectory(), file)
		m.disks = append(m.disks, path)
		var err error
		switch {
		case i == 0 && c.Image && !c.Backing:
			err = m.copyDisk(ctx, medium, path)
		default:
			args := []string{"create", "-f", c.Format}
			if i == 0 && c.Backing {
				args = append(args, "-b", medium, "-F", "qcow2")
			}
			args = append(append(args, c.ImgArgs.Create...), path)
			if i > 0 || !c.SkipResize { // else as large as the one below it
				args = append(args, diskSize(size))
			}
			err = qemuImg(ctx, args...)
		}
		if err != nil {
			return fmt.Errorf("make disk %s: %w", file, err)
		}
	}
	return nil
}

// diskName is the name of a disk's file, here and in the image.
func (m *vm) diskName(i int) string {
	if i == 0 {
		return m.name
	}
	return fmt.Sprintf("%s-%d", m.name, i)
}

// copyDisk copies the disk to start from, and makes it as large as it is to be.
func (m *vm) copyDisk(ctx context.Context, from, to string) error {
	c := m.b.c
	m.out.Say("Copying the disk")
	format, err := m.formatOf(from)
	if err != nil {
		return err
	}
	if format == "qcow2" {
		if err := checkDisk(ctx, from); err != nil {
			return fmt.Errorf("check the disk to start from: %w", err)
		}
	}
	args := append([]string{"convert", "-f", format}, c.ImgArgs.Convert...)
	if err := qemuImg(ctx, append(args, "-O", c.Format, from, to)...); err != nil {
		return err
	}
	if c.SkipResize {
		return nil
	}
	args = append([]string{"resize", "-q", "-f", c.Format}, c.ImgArgs.Resize...)
	err = qemuImg(ctx, append(args, to, diskSize(c.Disks.Size))...)
	if err != nil && strings.Contains(err.Error(), "--shrink") {
		err = fmt.Errorf("the disk to start from is larger than disk_size, %s: give at least its size, or skip_resize_disk", diskSize(c.Disks.Size))
	}
	return err
}

// formatOf is the form of the disk to start from.
func (m *vm) formatOf(from string) (string, error) {
	if m.parent != nil {
		return m.parent.disks[0].format, nil
	}
	return imageFormat(from)
}

// imageFormat tells the form of a disk by its first bytes. qemu-img would guess as well,
// and also take what is none for a raw disk.
func imageFormat(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head [512]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return "", err
	}
	for magic, format := range map[string]string{"QFI\xfb": "qcow2", "KDMV": "vmdk", "vhdxfile": "vhdx", "conectix": "vpc"} {
		if strings.HasPrefix(string(head[:n]), magic) {
			return format, nil
		}
	}
	if n < len(head) {
		return "", fmt.Errorf("%s is no disk: it has %d bytes", path, n)
	}
	if string(head[64:68]) == "\x7f\x10\xda\xbe" {
		return "vdi", nil
	}
	return "raw", nil
}

// makeMedia makes the CD and the floppy disk that the template asks for.
func (m *vm) makeMedia(ctx context.Context) error {
	c := m.b.c
	if c.CD.Given() {
		file := filepath.Join(m.dir, "cd.iso")
		if err := c.CD.Make(ctx, file); err != nil {
			return err
		}
		m.cds = append(m.cds, file)
	}
	if c.Floppy.Given() {
		m.floppy = filepath.Join(m.dir, floppyFile)
		if err := c.Floppy.Make(ctx, m.floppy); err != nil {
			return err
		}
	}
	if c.EFI {
		m.vars = filepath.Join(m.dir, efivars)
		from := c.EFIVars
		if m.parent != nil && m.parent.vars != "" {
			from = m.parent.vars // what its installer has written there is needed to boot
		}
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(m.vars, text, 0o600)
		}
		if err != nil {
			return fmt.Errorf("copy the variables of UEFI: %w", err)
		}
	}
	return nil
}

// efivars is the name of the file with the variables of UEFI.
const efivars = "efivars.fd"
