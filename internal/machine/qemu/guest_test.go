package qemu

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
	"github.com/proofmark-build/proofmark/internal/template"
)

// guest is the directory with the small system of scripts/guest.sh.
func guest(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts machines: left out by -short")
	}
	for _, p := range []string{usualBinary, imgProgram} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: install %s", p, packageOf(p))
		}
	}
	dir := cmp.Or(os.Getenv("PROOFMARK_TEST_GUEST"), "../../../build/guest")
	dir, err := filepath.Abs(dir)
	if _, e := os.Stat(filepath.Join(dir, "disk.qcow2")); errors.Join(err, e) != nil {
		t.Skip("needs the small system of scripts/guest.sh: make build/guest")
	}
	return dir
}

func late(t testing.TB, texts ...string) (all []template.Late) {
	t.Helper()
	for _, s := range texts {
		l, err := template.LateText(s)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// usual is a configuration with the defaults of its options.
func usual() Config {
	var c Config
	c.Hardware = Hardware{Memory: 512, Machine: "pc", NetDevice: "virtio-net", TPMDevice: "tpm-tis"}
	c.Disks.Size, c.Disks.Format, c.Disks.Interface, c.Disks.Cache, c.Disks.Discard, c.Disks.DetectZeroes = "40960M", "qcow2", "virtio", "writeback", "ignore", "off"
	c.Screen.BindAddress, c.Screen.PortMin, c.Screen.PortMax = loopback, 5900, 6000
	c.Binary = usualBinary
	c.HostPort.Min, c.HostPort.Max = 2222, 4444
	c.HTTP.PortMin, c.HTTP.PortMax = 8000, 9000
	c.SSH.Port, c.SSH.KeepAlive = 22, 5*time.Second
	c.Shutdown.Timeout = 5 * time.Minute
	c.VNC.Wait = 10 * time.Second
	c.TargetExtension = "iso"
	return c
}

// small is the configuration of a machine that starts from the small system's disk.
func small(t testing.TB, dir string) Config {
	c := usual()
	c.ISO.URL, c.Checksum = filepath.Join(dir, "disk.qcow2"), "none"
	c.Image, c.SkipResize = true, true
	c.Headless, c.Accelerator, c.Memory = true, tcg, 256
	c.Args = [][]template.Late{
		late(t, "-kernel", filepath.Join(dir, "vmlinuz")), late(t, "-initrd", filepath.Join(dir, "initrd")),
		late(t, "-append", "console=ttyS0 mitigations=off quiet tsc=unstable panic=1"),
	}
	c.SSH.Username, c.SSH.PrivateKeyFile = "root", filepath.Join(dir, "key")
	c.SSH.Timeout = 10 * time.Minute
	c.Shutdown.Command = "poweroff"
	return c
}

// always saves memory: how long a small system takes to start depends on what else runs.
func always(_, _ time.Duration) bool { return true }

func TestConformance(t *testing.T) {
	t.Parallel()
	dir := guest(t)
	machinetest.Run(t, machinetest.Options{
		Kind: KindName,
		New: func(t testing.TB, home string, variant int) machine.Builder {
			c := small(t, dir)
			c.VMName = "guest"
			c.Hardware.CPUs = 1 + variant
			b, err := New(c, Deps{State: filepath.Join(home, "state"), Logs: filepath.Join(home, "logs")})
			if err != nil {
				t.Fatal(err)
			}
			b.worthSaving = always
			return b
		},
		Leftovers: machinetest.Host,
		Slow:      true,
	})
}
