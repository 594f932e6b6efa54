package disk

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// What GRUB can do before it has read anything, on both kinds of firmware.
var grubModules = []string{"part_gpt", "fat", "ext2", "normal", "linux", "configfile", "search", "search_fs_uuid",
	"echo", "test", "serial", "terminal", "reboot", "halt", "sleep", "ls", "cat"}

// Places in GRUB's boot.img, which the BIOS starts, and in the first sector of core.img.
const (
	bootCode    = 440   // bytes of the first sector that are not the partition table's
	bootCoreLBA = 0x5C  // where boot.img says in which sector core.img begins
	bootCheck   = 0x66  // a jump around a check of the drive's number that old firmware needs not
	coreRestLBA = 0x1F4 // where core.img says in which sector it goes on
	loaderMenu  = "/boot.cfg"
	loaderUEFI  = "BOOTX64.EFI"
)

// loader makes the disk boot.
func (w *writer) loader(ctx context.Context) error {
	tmp, err := os.MkdirTemp(filepath.Dir(w.file.Name()), ".disk-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	early := filepath.Join(tmp, "early.cfg")
	text := fmt.Sprintf("search.fs_uuid %s root\nconfigfile ($root)%s\n", w.ids.fatName(), loaderMenu)
	menu := filepath.Join(tmp, "boot.cfg")
	if err := errors.Join(os.WriteFile(early, []byte(text), 0o644), os.WriteFile(menu, []byte(w.menu()), 0o644)); err != nil {
		return err
	}
	if w.BIOS {
		if err := w.coreBIOS(ctx, early, filepath.Join(tmp, "core.img")); err != nil {
			return err
		}
	}
	files := map[string]string{}
	if w.UEFI {
		efi := filepath.Join(tmp, loaderUEFI)
		if err := mkimage(ctx, grubUEFI, "x86_64-efi", early, efi, "all_video"); err != nil {
			return err
		}
		files["::/EFI/BOOT/"+loaderUEFI] = efi
	}
	files["::"+loaderMenu] = menu
	return w.fillESP(ctx, files)
}

func mkimage(ctx context.Context, dir, target, config, out string, more ...string) error {
	args := append([]string{"-d", dir, "-O", target, "-p", "/grub", "-c", config, "-o", out}, grubModules...)
	_, err := run(ctx, "", nil, "grub-mkimage", append(args, more...)...)
	return err
}

// coreBIOS puts GRUB where a BIOS starts it: its first stage into the first sector, the
// rest into a partition of its own, and the address of each next part into the one before.
func (w *writer) coreBIOS(ctx context.Context, config, out string) error {
	if err := mkimage(ctx, grubBIOS, "i386-pc", config, out, "biosdisk"); err != nil {
		return err
	}
	core, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	first, err := os.ReadFile(filepath.Join(grubBIOS, "boot.img"))
	if err != nil {
		return err
	}
	if len(first) != sector || len(core) <= sector || int64(len(core)) > w.bios.size {
		return fmt.Errorf("GRUB's parts have %d and %d bytes", len(first), len(core))
	}
	lba := uint64(w.bios.start / sector)
	binary.LittleEndian.PutUint64(first[bootCoreLBA:], lba)
	first[bootCheck], first[bootCheck+1] = 0x90, 0x90 // two times: do nothing
	binary.LittleEndian.PutUint64(core[coreRestLBA:], lba+1)
	_, err = w.file.WriteAt(first[:bootCode], 0)
	if err == nil {
		_, err = w.file.WriteAt(core, w.bios.start)
	}
	return err
}

// menu is what GRUB reads on every boot. It lies where both firmwares find it, and names
// the kernel by a link where there is one: an upgrade in the machine needs no new menu.
func (w *writer) menu() string {
	var b strings.Builder
	b.WriteString("set timeout=1\n")
	for _, c := range w.Consoles {
		unit, speed, ok := serialPort(c)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "if serial --unit=%d --speed=%d; then\n\tterminal_input console serial\n\tterminal_output console serial\nfi\n", unit, speed)
		break
	}
	fmt.Fprintf(&b, "search.fs_uuid %s root\n", w.ids.rootFS)
	fmt.Fprintf(&b, "menuentry %s {\n\tlinux %s %s\n\tinitrd %s\n}\n", quote(w.Name), quote(w.boot.kernel), w.cmdline(), quote(w.boot.initrd))
	return b.String()
}

func (w *writer) cmdline() string {
	args := []string{"root=PARTUUID=" + w.ids.root, "rw"}
	for _, c := range w.Consoles {
		args = append(args, "console="+c)
	}
	var b strings.Builder
	for i, a := range append(args, w.Cmdline...) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(a))
	}
	return b.String()
}

// serialPort reads a console such as ttyS0,115200n8.
func serialPort(console string) (unit, speed int, ok bool) {
	name, mode, _ := strings.Cut(console, ",")
	number, ok := strings.CutPrefix(name, "ttyS")
	unit, err := strconv.Atoi(number)
	if !ok || err != nil {
		return 0, 0, false
	}
	speed, err = strconv.Atoi(mode[:digits(mode)])
	if err != nil {
		speed = 9600 // the kernel's own choice
	}
	return unit, speed, true
}

// quote makes one word of GRUB's language.
func quote(s string) string {
	plain := strings.IndexFunc(s, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-=,:+@%", c))
	}) < 0
	if plain && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
