package disk

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

const marker = "PROOFMARK-TEST"

// base is the archive of a tree with a kernel. It skips where that is not wanted.
func base(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts machines")
	}
	file := os.Getenv("PROOFMARK_TEST_DISK_BASE")
	if file == "" {
		t.Skip("needs PROOFMARK_TEST_DISK_BASE: the archive that make build/disk-base.tar makes")
	}
	if err := Require(Options{BIOS: true, UEFI: true}, Form{}); err != nil {
		t.Skip(err)
	}
	return file
}

// extra is what a tree gets beyond its archive: files with content, or links.
func extra(files ...File) func(*tar.Writer) error {
	return func(w *tar.Writer) error {
		made := map[string]bool{}
		for _, f := range files {
			name := strings.TrimPrefix(f.Path, "/")
			for _, dir := range []string{"usr/lib/proofmark", "usr/lib/proofmark/repart.d"} {
				if strings.HasPrefix(name, dir) && !made[dir] {
					made[dir] = true
					if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}); err != nil {
						return err
					}
				}
			}
			if dir := path.Dir(name); strings.HasSuffix(dir, ".wants") && !made[dir] {
				made[dir] = true
				if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}); err != nil {
					return err
				}
			}
			h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(f.Text))}
			if f.Target != "" {
				h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, f.Target, 0o777
			}
			if err := w.WriteHeader(h); err != nil {
				return err
			}
			if _, err := io.WriteString(w, f.Text); err != nil {
				return err
			}
		}
		return nil
	}
}

// treeOf reads an archive and adds to it.
func treeOf(t *testing.T, file string, add func(*tar.Writer) error) Tree {
	t.Helper()
	fi, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return Tree{Digest: image.Digest("sha256:" + file), Content: fi.Size(), Entries: 9000, Tar: func(ctx context.Context, w io.Writer) error {
		in, err := os.Open(file)
		if err != nil {
			return err
		}
		defer in.Close()
		r, tw := tar.NewReader(bufio.NewReaderSize(in, 1<<20)), tar.NewWriter(w)
		there := map[string]bool{}
		for {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			there[path.Clean(h.Name)] = true
			if err := tw.WriteHeader(h); err != nil {
				return err
			}
			if _, err := io.Copy(tw, r); err != nil {
				return err
			}
		}
		return errors.Join(add(tw), tw.Close())
	}}
}

// telltale has a machine say on its console how it came up, and power off.
func telltale() []File {
	files := []File{
		{Path: "/usr/local/sbin/tell", Text: `exec >/dev/console 2>&1
state=$(systemctl is-system-running --wait)
echo "` + marker + ` state=$state"
systemctl --failed --no-legend --plain | sed "s/^/` + marker + ` failed=/"
echo "` + marker + ` boot=$(cat /proc/sys/kernel/random/boot_id) machine=$(cat /etc/machine-id)"
echo "` + marker + ` root=$(df -B1M --output=size / | tail -n 1 | tr -d ' ') firmware=$([ -d /sys/firmware/efi ] && echo uefi || echo bios)"
echo "` + marker + ` done"
systemctl poweroff --force
`},
		{Path: "/etc/systemd/system/tell.service", Text: "[Service]\nType=simple\nExecStart=/bin/sh /usr/local/sbin/tell\n"},
		{Path: "/etc/systemd/system/multi-user.target.wants/tell.service", Target: "/etc/systemd/system/tell.service"},
	}
	for _, unit := range []string{"apt-daily.timer", "apt-daily-upgrade.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer",
		"dpkg-db-backup.timer", "systemd-binfmt.service", "systemd-journal-flush.service", "systemd-update-utmp.service", "getty@tty1.service",
		"serial-getty@ttyS0.service", "systemd-pstore.service", "console-getty.service"} {
		files = append(files, File{Path: "/etc/systemd/system/" + unit, Target: "/dev/null"})
	}
	return files
}

// TestBoots starts a disk, on a larger one than it was made for, until its init system says
// that all is well. Package qemu's tests start such a disk on UEFI.
func TestBoots(t *testing.T) {
	if _, err := exec.LookPath("qemu-system-x86_64"); err != nil {
		t.Skip("needs qemu-system-x86_64 (package qemu-system-x86)")
	}
	tree := treeOf(t, base(t), extra(append(telltale(), Grow()...)...))
	raw := filepath.Join(t.TempDir(), "disk.raw")
	start := time.Now()
	err := Write(t.Context(), tree, Options{Name: "boots", BIOS: true, UEFI: true, Size: 1 << 30, Consoles: []string{"ttyS0,115200n8"},
		Cmdline: []string{"mitigations=off", "quiet", "systemd.show_status=no"}}, Form{Format: Raw}, raw)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("written in %v", time.Since(start).Round(time.Millisecond))
	if err := os.Truncate(raw, 3<<30); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	said, console := watch(t, []string{"-machine", "q35,accel=tcg", "-cpu", "max", "-m", "512", "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
		"-drive", "file=" + raw + ",format=raw,if=virtio,snapshot=on"})
	t.Logf("%v after %v", said, time.Since(start).Round(100*time.Millisecond))
	if said["state"] != "running" || said["firmware"] != "bios" || said["failed"] != "" || len(said["boot"]) != 36 || len(said["machine"]) != 32 {
		t.Fatalf("the machine says %v; its console\n%s", said, console)
	}
	if said["root"] < "2500" || len(said["root"]) != 4 {
		t.Errorf("the root file system has %s MiB; it did not grow to the disk's 3 GiB\n%s", said["root"], console)
	}
}

// watch runs a machine until it has told everything, and returns what.
func watch(t *testing.T, args []string) (map[string]string, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "qemu-system-x86_64", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	var console strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(&console, lines.Text())
		_, text, ok := strings.Cut(lines.Text(), marker+" ")
		if !ok {
			continue
		}
		if strings.HasPrefix(text, "done") {
			break
		}
		for _, f := range strings.Fields(text) {
			if k, v, ok := strings.Cut(f, "="); ok {
				said[k] = v
			}
		}
	}
	cancel()
	_ = cmd.Wait() // it was killed, or told what is wrong
	return said, console.String()
}
