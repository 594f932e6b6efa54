package disk

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// small is a tree with all that a disk asks of one, and nothing that would run.
func small(without ...string) Tree {
	noise := make([]byte, 3<<20)
	r := rand.NewChaCha8([32]byte{2})
	_, _ = r.Read(noise)
	when := time.Unix(1_700_000_000, 0)
	return Tree{Digest: "sha256:" + "ab", Content: 4 << 20, Entries: 20, Tar: func(_ context.Context, w io.Writer) error {
		tw := tar.NewWriter(w)
		for _, f := range []struct {
			name, link string
			data       []byte
		}{
			{name: "./"}, {name: "boot/"}, {name: "boot/initrd.img-6.1.0-9-amd64", data: []byte("initrd")},
			{name: "boot/vmlinuz-6.1.0-9-amd64", data: noise}, {name: "initrd.img", link: "boot/initrd.img-6.1.0-9-amd64"},
			{name: "usr/"}, {name: "usr/sbin/"}, {name: "usr/sbin/init", data: []byte("init")}, {name: "vmlinuz", link: "boot/vmlinuz-6.1.0-9-amd64"},
		} {
			if slices.Contains(without, f.name) {
				continue
			}
			h := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o755, Size: int64(len(f.data)), ModTime: when}
			switch {
			case strings.HasSuffix(f.name, "/"):
				h.Typeflag = tar.TypeDir
			case f.link != "":
				h.Typeflag, h.Linkname = tar.TypeSymlink, f.link
			}
			if err := tw.WriteHeader(h); err != nil {
				return err
			}
			if _, err := tw.Write(f.data); err != nil {
				return err
			}
		}
		return tw.Close()
	}}
}

var both = Options{Name: "web", BIOS: true, UEFI: true, Size: 256 << 20, Consoles: []string{"tty0", "ttyS0,115200n8"}}

// needDisks skips where a disk cannot be made.
func needDisks(t *testing.T) {
	t.Helper()
	if err := missing(func(Need) bool { return true }); err != nil {
		t.Skip(err)
	}
}

func write(t *testing.T, o Options) string {
	t.Helper()
	needDisks(t)
	raw := filepath.Join(t.TempDir(), "disk.raw")
	if err := Write(t.Context(), small(), o, Form{Format: Raw}, raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

// tool runs a program that must be content, or skips where it is not there.
func tool(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := lookPath(name)
	if err != nil {
		t.Skipf("needs %s", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestDisk has other programs look at every part of a disk.
func TestDisk(t *testing.T) {
	t.Parallel()
	raw := write(t, both)
	if out := tool(t, "sgdisk", "-v", raw); !strings.Contains(out, "No problems found") {
		t.Errorf("sgdisk says\n%s", out)
	}
	if out := tool(t, "sfdisk", "--verify", raw); !strings.Contains(out, "No errors detected") {
		t.Errorf("sfdisk says\n%s", out)
	}
	part := func(p partition) string {
		name := filepath.Join(t.TempDir(), "part")
		tool(t, "dd", "if="+raw, "of="+name, "bs=1M", "conv=sparse", fmt.Sprintf("skip=%d", p.start/mib), fmt.Sprintf("count=%d", p.size/mib))
		return name
	}
	w := writer{Options: both}
	w.layout()
	tool(t, "fsck.vfat", "-n", part(w.esp))
	tool(t, "e2fsck", "-fn", part(w.root))
	esp := fmt.Sprintf("%s@@%d", raw, w.esp.start)
	menu := tool(t, "mtype", "-i", esp, "::/boot.cfg")
	for _, want := range []string{"linux /vmlinuz root=PARTUUID=", " rw console=tty0 console=ttyS0,115200n8", "initrd /initrd.img", "serial --unit=0 --speed=115200"} {
		if !strings.Contains(menu, want) {
			t.Errorf("the menu is\n%s\nwant %q in it", menu, want)
		}
	}
	if list := tool(t, "mdir", "-b", "-i", esp, "::/EFI/BOOT"); !strings.Contains(list, "BOOTX64.EFI") {
		t.Errorf("for UEFI there is\n%s", list)
	}
	fi, err := os.Stat(raw)
	if err != nil || fi.Size() != both.Size {
		t.Errorf("the disk has %d bytes, %v", fi.Size(), err)
	}
	if used := fi.Sys().(*syscall.Stat_t).Blocks * 512; used > 32<<20 {
		t.Errorf("it is not sparse: it takes %d bytes", used)
	}
}

func TestSameDisk(t *testing.T) {
	t.Parallel()
	a, b := write(t, both), write(t, both)
	tool(t, "cmp", a, b)
	other := both
	other.Name = "db"
	if exec.Command("cmp", "-s", a, write(t, other)).Run() == nil {
		t.Error("images of different names have the same identifiers")
	}
}

// produce makes the small disk in a form, of the raw one where that is how it is made.
func produce(ctx context.Context, raw, out string, f Form) error {
	if f.Format == QCOW2 {
		return Write(ctx, small(), both, f, out)
	}
	return Convert(ctx, raw, out, f, Identity{"sha256:ab", "web"})
}

// TestFormats makes a disk in every form, twice, and has qemu-img compare.
func TestFormats(t *testing.T) {
	t.Parallel()
	raw := write(t, both)
	for name, tt := range map[string]struct {
		f    Form
		read string // format for qemu-img
		info []string
	}{
		"qcow2":       {Form{Format: QCOW2}, "qcow2", []string{"compression type: zstd"}},
		"plain qcow2": {Form{Format: QCOW2, Plain: true}, "qcow2", nil},
		"vmdk":        {Form{Format: VMDK}, "vmdk", []string{"create type: monolithicSparse"}},
		"stream vmdk": {Form{Format: VMDK, Stream: true}, "vmdk", []string{"create type: streamOptimized"}},
		"vdi":         {Form{Format: VDI}, "vdi", nil},
		"vhd":         {Form{Format: VHD}, "vpc", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := filepath.Join(t.TempDir(), "web"), filepath.Join(t.TempDir(), "web") // a vmdk holds its name
			for _, out := range []string{a, b} {
				if err := produce(t.Context(), raw, out, tt.f); err != nil {
					t.Fatal(err)
				}
			}
			tool(t, "cmp", a, b)
			info := tool(t, "qemu-img", "info", "-f", tt.read, a)
			for _, want := range append(tt.info, "(268435456 bytes)") {
				if !strings.Contains(info, want) {
					t.Errorf("qemu-img info says\n%s\nwant %q in it", info, want)
				}
			}
			tool(t, "qemu-img", "compare", "-f", "raw", "-F", tt.read, raw, a)
			if tt.read == "qcow2" || tt.read == "vdi" {
				tool(t, "qemu-img", "check", "-f", tt.read, a)
			}
			if err := produce(t.Context(), raw, a, tt.f); err == nil || !strings.Contains(err.Error(), "exists") {
				t.Errorf("over what is there: %v", err)
			}
			if left, _ := os.ReadDir(filepath.Dir(a)); len(left) != 1 {
				t.Errorf("beside it there is %v", left)
			}
		})
	}
}

func TestOVA(t *testing.T) {
	t.Parallel()
	raw := write(t, both)
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.ova"), filepath.Join(dir, "b.ova")
	form := Form{Format: OVA, Machine: Machine{Name: "web & co", System: "debian", CPUs: 2, UEFI: true}}
	for _, out := range []string{a, b} {
		if err := Convert(t.Context(), raw, out, form, Identity{"sha256:ab", "web"}); err != nil {
			t.Fatal(err)
		}
	}
	tool(t, "cmp", a, b)
	if list := tool(t, "tar", "tf", a); list != "web---co.ovf\nweb---co.mf\nweb---co-disk1.vmdk\n" {
		t.Errorf("it holds\n%s", list)
	}
	tool(t, "tar", "-C", dir, "-xf", a)
	manifest, err := os.ReadFile(filepath.Join(dir, "web---co.mf"))
	if err != nil {
		t.Fatal(err)
	}
	// As openssl writes it and importers read it.
	lines := strings.Split(strings.TrimSpace(string(manifest)), "\n")
	if len(lines) != 2 {
		t.Errorf("the manifest is %q", manifest)
	}
	for _, l := range lines {
		name, sum, ok := strings.Cut(strings.TrimPrefix(l, "SHA256("), ")= ")
		got := strings.Fields(tool(t, "sha256sum", filepath.Join(dir, name)))[0]
		if !ok || got != sum {
			t.Errorf("%s has %s", l, got)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "web---co.ovf"))
	if err != nil {
		t.Fatal(err)
	}
	var env struct {
		Files []struct {
			Href string `xml:"href,attr"`
			Size int64  `xml:"size,attr"`
		} `xml:"References>File"`
		Disks []struct {
			Capacity int64 `xml:"capacity,attr"`
		} `xml:"DiskSection>Disk"`
		Name   string `xml:"VirtualSystem>Name"`
		Config []struct {
			Value string `xml:"value,attr"`
		} `xml:"VirtualSystem>VirtualHardwareSection>Config"`
	}
	if err := xml.Unmarshal(text, &env); err != nil {
		t.Fatal(err)
	}
	vmdk, err := os.Stat(filepath.Join(dir, "web---co-disk1.vmdk"))
	if err != nil {
		t.Fatal(err)
	}
	if len(env.Files) != 1 || env.Files[0].Href != vmdk.Name() || env.Files[0].Size != vmdk.Size() ||
		len(env.Disks) != 1 || env.Disks[0].Capacity != both.Size || env.Name != "web & co" || len(env.Config) != 1 || env.Config[0].Value != "efi" {
		t.Errorf("the descriptor says %+v", env)
	}
	tool(t, "qemu-img", "compare", "-f", "raw", "-F", "vmdk", raw, filepath.Join(dir, vmdk.Name()))
}

// TestRefused: what cannot boot, or does not fit, is no disk, and nothing is left.
func TestRefused(t *testing.T) {
	t.Parallel()
	needDisks(t)
	large := small()
	large.Tar = func(ctx context.Context, w io.Writer) error {
		tw := tar.NewWriter(w)
		data := bytes.Repeat([]byte("data"), 60<<18)
		return errors.Join(tw.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}),
			tw.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "large", Size: int64(len(data))}), func() error { _, err := tw.Write(data); return err }(), tw.Close())
	}
	told := large
	told.Content = 60 << 20
	broken := small()
	broken.Tar = func(context.Context, io.Writer) error { return errors.New("reading the tree failed") }
	with := func(change func(*Options)) Options {
		o := both
		o.Size = 100 << 20
		change(&o)
		return o
	}
	for name, tt := range map[string]struct {
		tree Tree
		o    Options
		want string
	}{
		"no kernel":  {small("boot/vmlinuz-6.1.0-9-amd64", "vmlinuz"), both, "linux-image-cloud-amd64"},
		"no initrd":  {small("boot/initrd.img-6.1.0-9-amd64"), both, "initramfs-tools"},
		"no init":    {small("usr/sbin/init"), both, "systemd-sysv"},
		"nowhere":    {small(), with(func(o *Options) { o.BIOS, o.UEFI = false, false }), "nowhere"},
		"too small":  {told, with(func(*Options) {}), "it has 100 MiB, and 129 MiB are needed"},
		"full":       {large, with(func(*Options) {}), "too small for the tree: it has 100 MiB"},
		"unreadable": {broken, both, "reading the tree failed"},
	} {
		for _, format := range []string{Raw, QCOW2} {
			dir := t.TempDir()
			err := Write(t.Context(), tt.tree, tt.o, Form{Format: format}, filepath.Join(dir, "disk"))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %v; want %q", name, err, tt.want)
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("%s: left %v", name, left)
			}
		}
	}
}

// TestCancelled: nothing is left of a disk that is not wanted any more.
func TestCancelled(t *testing.T) {
	t.Parallel()
	needDisks(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	tree := small()
	tree.Tar = func(ctx context.Context, w io.Writer) error {
		cancel(why)
		<-ctx.Done()
		return context.Cause(ctx)
	}
	dir := t.TempDir()
	if err := Write(ctx, tree, both, Form{Format: QCOW2}, filepath.Join(dir, "disk")); !errors.Is(err, why) {
		t.Errorf("%v; want %v", err, why)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}
