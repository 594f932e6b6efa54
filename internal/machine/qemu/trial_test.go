package qemu

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/proofmark-build/proofmark/internal/disk"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// bootable makes a qcow2 disk of the system of scripts/diskbase.sh, without an SSH server and
// without a network; of a part of it where not all is needed. The kernel gets options beside
// the usual ones.
func bootable(t *testing.T, part func(h *tar.Header) bool, options ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts machines: left out by -short")
	}
	base := os.Getenv("PROOFMARK_TEST_DISK_BASE")
	if base == "" {
		t.Skip("needs PROOFMARK_TEST_DISK_BASE: the archive that make build/disk-base.tar makes")
	}
	if err := disk.Require(disk.Options{BIOS: true, UEFI: true}, disk.Form{}); err != nil {
		t.Skip(err)
	}
	if _, err := exec.LookPath(usualBinary); err != nil {
		t.Skipf("needs %s: install %s", usualBinary, packageOf(usualBinary))
	}
	fi, err := os.Stat(base)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "disk.qcow2")
	tree := disk.Tree{Digest: "sha256:test", Content: fi.Size(), Entries: 10000, Tar: func(_ context.Context, w io.Writer) error { return alone(base, part, w) }}
	o := disk.Options{Name: "trial", BIOS: true, UEFI: true, Consoles: []string{"tty0", "ttyS0,115200n8"}, Cmdline: append(options, "mitigations=off")}
	if err := disk.Write(t.Context(), tree, o, disk.Form{Format: disk.QCOW2, Plain: true}, file); err != nil {
		t.Fatal(err)
	}
	return file
}

// all of a system.
func all(*tar.Header) bool { return true }

// kernelAlone is as much of a system as its kernel needs to start.
func kernelAlone(h *tar.Header) bool {
	name := path.Clean(h.Name)
	return h.Typeflag == tar.TypeDir || h.Typeflag == tar.TypeSymlink || strings.HasPrefix(name, "boot/") || name == "usr/lib/systemd/systemd" || name == "lib/systemd/systemd"
}

// alone copies a part of an archive, and has nobody get into the system in it from outside.
func alone(from string, part func(h *tar.Header) bool, w io.Writer) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	r, out := tar.NewReader(bufio.NewReaderSize(in, 1<<20)), tar.NewWriter(w)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if name := path.Clean(h.Name); name == "etc/machine-id" || strings.Contains(name, "ssh") || !part(h) {
			continue
		}
		if err := out.WriteHeader(h); err != nil {
			return err
		}
		if _, err := io.Copy(out, r); err != nil {
			return err
		}
	}
	const units = "/etc/systemd/system/"
	links := map[string]string{}
	for _, unit := range []string{"apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "e2scrub_reap.service", "dpkg-db-backup.timer", "systemd-binfmt.service"} {
		links[units+unit] = "/dev/null"
	}
	for name, target := range links {
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: strings.TrimPrefix(name, "/"), Linkname: target, Mode: 0o777}); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{"etc/machine-id": ""} {
		if err := out.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			return err
		}
		if _, err := io.WriteString(out, text); err != nil {
			return err
		}
	}
	return out.Close()
}

// probe builds the program that answers in machines.
func probe(t *testing.T) func(arch string) (io.ReadCloser, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "probe")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", file, "../../../cmd/proofmark-probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(string) (io.ReadCloser, error) { return os.Open(file) }
}

// TestBootDisk boots a disk as two machines at the same time, one on each kind of firmware, and
// finds that each is a machine of its own, that the disk stays as it was, and that nothing is left.
func TestBootDisk(t *testing.T) {
	t.Parallel()
	file := bootable(t, all)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	d := Deps{State: filepath.Join(b.home, "state"), Probe: probe(t)}
	firmware := []string{bios, uefi}
	if err := RequireTrial(true); err != nil {
		firmware[1] = bios
	}
	var said [2]string
	var group errgroup.Group
	for i, f := range firmware {
		group.Go(func() error {
			m, err := BootDisk(t.Context(), d, Trial{Disk: file, Format: "qcow2", UEFI: f == uefi, Memory: 512,
				Condition: map[string]string{bios: "systemctl is-active getty@tty1"}[f]}, b.env)
			if err != nil {
				return err
			}
			defer m.Close(t.Context())
			c, err := m.Connect(t.Context())
			if err != nil {
				return err
			}
			var out bytes.Buffer
			_, err = c.Run(t.Context(), machine.Command{Stdout: &out, Line: "id -u; systemctl is-system-running; systemctl --failed --plain --no-legend; ls /root/.ssh/*; cat /proc/sys/kernel/random/boot_id /etc/machine-id; ip -o addr show scope global; ls /sys/firmware"})
			said[i] = out.String()
			if err != nil {
				return err
			}
			e := m.(machine.Witness).Evidence(t.Context())
			t.Logf("%s: up after %s\n%s", e.Firmware, e.Took, out.String())
			if e.Firmware != f || !strings.Contains(said[i], "running\n") || strings.Contains(said[i], "ssh") || (f == uefi) != strings.Contains(said[i], "\nefi\n") {
				t.Errorf("on %s the machine says\n%s", f, said[i])
			}
			if !bytes.Contains(e.Console, []byte("login:")) || !bytes.HasPrefix(e.Screen, []byte("\x89PNG")) {
				t.Errorf("on %s: screen %.8q, console\n%s", f, e.Screen, e.Console)
			}
			return m.Close(t.Context())
		})
	}
	if err := group.Wait(); err != nil {
		if failed := (*machine.BootError)(nil); errors.As(err, &failed) {
			t.Logf("%s", failed.Evidence.Console)
		}
		t.Fatal(err)
	}
	a, z := strings.Fields(said[0]), map[string]bool{}
	for _, word := range strings.Fields(said[1]) {
		z[word] = true
	}
	for _, word := range a {
		if z[word] && len(word) >= 32 {
			t.Errorf("both have %s", word)
		}
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the disk is not as it was: %v", err)
	}
}

// TestBootBroken boots disks that cannot come up.
func TestBootBroken(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]string{
		"its kernel panics": {"rdinit=/nowhere"},
	} {
		file := bootable(t, kernelAlone, options...)
		b := newBench(t)
		m, err := BootDisk(t.Context(), Deps{State: filepath.Join(b.home, "state"), Probe: probe(t)}, Trial{Disk: file, Format: "qcow2", Memory: 512}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Connect(t.Context())
		failed := (*machine.BootError)(nil)
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), name) {
			t.Fatalf("the error is %v", err)
		}
		e := failed.Evidence
		t.Logf("%v after %s", err, e.Took)
		if !bytes.HasPrefix(e.Screen, []byte("\x89PNG")) || len(e.Console) == 0 || e.Took <= 0 {
			t.Errorf("%d bytes of console, screen %.8q, after %s", len(e.Console), e.Screen, e.Took)
		}
		if _, again := m.Connect(t.Context()); !errors.Is(again, err) {
			t.Errorf("once more it says %v", again)
		}
		if err := m.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
