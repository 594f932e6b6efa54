package qemu

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
)

func TestHopeless(t *testing.T) {
	t.Parallel()
	for console, want := range map[string]string{
		"": "",
		"[    0.1] Linux version 6.1\r\n[  OK  ] Reached target emergency.target - Emergency Mode\nlogin: ":                                  "",
		"[    1.5] Run /nowhere as init process\r\n[    1.6] Kernel panic - not syncing: Requested init /nowhere failed\r\n[    1.7] CPU: 0": "its kernel panics: [    1.6] Kernel panic - not syncing: Requested init /nowhere failed",
		"ALERT!  PARTUUID=1 does not exist.  Dropping to a shell!\r\n\x1b[?2004h(initramfs) ":                                                "its initrd does not find the root file system: (initramfs)",
		"Welcome to GRUB!\n\nerror: no such partition.\r\nEntering rescue mode...\r\ngrub rescue> ":                                          "its boot loader finds nothing to start: grub rescue>",
		"You are in emergency mode. After logging in, type":                                                                                  "it is in emergency mode: You are in emergency mode. After logging in, type",
	} {
		line, means := hopeless(plain(console))
		if got := strings.TrimPrefix(means+": "+line, ": "); got != want {
			t.Errorf("%q: %q, want %q", console, got, want)
		}
	}
}

// TestReadPicture: a machine chooses the size of its screen, and not that of the report.
func TestReadPicture(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "screen.png")
	if err := os.WriteFile(file, []byte("picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := readPicture(file, 7); err != nil || string(text) != "picture" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := readPicture(file, 6); err == nil {
		t.Error("a picture that is too large was read")
	}
}

// TestOwnNetwork: machines that run at the same time have other ports, and no address in
// common.
func TestOwnNetwork(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for port := 1024; port < 1<<16; port++ {
		network, mac := ownNetwork(port)
		for _, address := range []string{network, mac} {
			if other := seen[address]; other != 0 {
				t.Fatalf("ports %d and %d have %s", other, port, address)
			}
			seen[address] = port
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	key, err := trialKey()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for i, a := range key.credentials("root") {
		if i%2 == 0 {
			if a != "-smbios" {
				t.Errorf("argument %d is %q", i, a)
			}
			continue
		}
		_, credential, _ := strings.Cut(a, "io.systemd.credential.binary:")
		name, value, _ := strings.Cut(credential, "=")
		text, err := base64.StdEncoding.DecodeString(value)
		if err != nil || strings.Contains(value, ",") {
			t.Errorf("%s: %q, %v", name, value, err)
		}
		found[name] = string(text)
	}
	if found["ssh.authorized_keys.root"] != key.public+"\n" || !strings.Contains(found["tmpfiles.extra"], base64.StdEncoding.EncodeToString([]byte(key.public+"\n"))) {
		t.Errorf("the credentials are %q", found)
	}
}

func TestBackings(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	for name, text := range map[string]string{"m.ovf": "<xml/>", "m-disk1.vmdk": "KDMV, the disk"} {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Format: tar.FormatUSTAR}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	ova := filepath.Join(t.TempDir(), "m.ova")
	if err := os.WriteFile(ova, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := backingOf(ova, "ova")
	if err != nil || b.format != "vmdk" {
		t.Fatal(b, err)
	}
	var node struct {
		File struct {
			Offset, Size int
			File         struct{ Filename string }
		}
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(b.name, "json:")), &node); err != nil {
		t.Fatal(err)
	}
	if got := archive.Bytes()[node.File.Offset : node.File.Offset+node.File.Size]; string(got) != "KDMV, the disk" || node.File.File.Filename != ova {
		t.Errorf("%s leads to %q", b.name, got)
	}
	if err := os.WriteFile(ova, make([]byte, 1024), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backingOf(ova, "ova"); err == nil || !strings.Contains(err.Error(), "no disk in it") {
		t.Errorf("an archive without a disk: %v", err)
	}
	if b, err := backingOf("/x.vhd", "vhd"); err != nil || b != (backing{"/x.vhd", "vpc"}) {
		t.Errorf("%v, %v", b, err)
	}
}

func TestProvesBoot(t *testing.T) {
	t.Parallel()
	no := false
	for name, tt := range map[string]struct {
		set  func(c *Config)
		want bool
	}{
		"by default":      {func(*Config) {}, true},
		"switched off":    {func(c *Config) { c.ProveBoot = &no }, false},
		"no communicator": {func(c *Config) { c.Communicator = connect.UseNone }, false},
	} {
		c := usual()
		c.SSH.Username = "root"
		tt.set(&c)
		b, err := New(c, Deps{State: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.ProvesBoot(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestForTrial: what leads to files of the build is left out, the rest of the hardware stays.
func TestForTrial(t *testing.T) {
	t.Parallel()
	c := usual()
	for _, a := range [][]string{{"-drive", "file=x"}, {"-cpu", "max"}, {"-netdev", "user"}, {"-smbios", "type=1"}} {
		c.Args = append(c.Args, late(t, a...))
	}
	c.NetBridge = "br0"
	line := strings.Join(must(t)(c.forTrial().override(c.forTrial().arguments(hardware{name: "m", port: 2222, guestPort: 22, network: ",net=10.1.2.0/24", mac: "52:54:00:00:00:01", disks: []string{"/d/overlay.qcow2"}}), argumentValues{}, func(s string) string { return s })).line(), " ")
	for _, want := range []string{"-cpu max", "-smbios type=1", "-netdev user,id=user.0,hostfwd=tcp:127.0.0.1:2222-:22,net=10.1.2.0/24", ",mac=52:54:00:00:00:01", "file=/d/overlay.qcow2", "-vnc none"} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %s", want, line)
		}
	}
	if strings.Contains(line, "file=x") || strings.Contains(line, "br0") {
		t.Errorf("too much in %s", line)
	}
}

func must(t *testing.T) func(arguments, error) arguments {
	return func(a arguments, err error) arguments {
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
}
