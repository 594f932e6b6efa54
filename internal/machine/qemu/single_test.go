package qemu

import (
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

// TestSingle: which machines cannot be copied, and so have no layers.
func TestSingle(t *testing.T) {
	t.Parallel()
	args := func(words ...string) func(c *Config) {
		return func(c *Config) { c.Args = append(c.Args, late(t, words...)) }
	}
	for _, tt := range []struct {
		name, want string
		set        func(c *Config)
	}{
		{"usual", "", func(*Config) {}},
		{"no communicator", "nobody looks into it", func(c *Config) { c.Communicator = "none" }},
		{"bridge", "in a network with others", func(c *Config) { c.NetBridge = "br0" }},
		{"tap", "in a network with others", args("-netdev", "tap,id=user.0")},
		{"no forwarding", "an address of its own", func(c *Config) { c.SkipNAT = true }},
		{"address", "an address of its own", func(c *Config) { c.SSH.Host = "10.0.0.5" }},
		{"loopback", "", func(c *Config) { c.SSH.Host = "localhost" }},
		{"one port", "one port for it", func(c *Config) { c.HostPort.Max = c.HostPort.Min }},
		{"one screen", "one port for its screen", func(c *Config) { c.Screen.PortMax = c.Screen.PortMin }},
		{"no screen", "", func(c *Config) { c.Screen.PortMax, c.VNC.Disable = c.Screen.PortMin, true }},
		{"QMP", "a place of its own", func(c *Config) { c.QMP, c.QMPSocket = true, "/tmp/x" }},
		{"QMP in the machine's directory", "", func(c *Config) { c.QMP = true }},
		{"fixed port", "qemuargs[0]", args("-netdev", "user,id=user.0,hostfwd=tcp::2222-:22")},
		{"its port", "", args("-netdev", "user,id=user.0,", "hostfwd=tcp::{{ .SSHHostPort }}-:22")},
		{"screen", "qemuargs[0]", args("-vnc", ":1")},
		{"none", "", args("-vnc", "none")},
		{"serial line", "qemuargs[0]", args("-serial", "telnet:127.0.0.1:5555,server")},
		{"serial file", "", args("-serial", "file:{{ .OutputDir }}/console")},
		{"shared directory", "qemuargs[0]", args("-virtfs", "local,path=/srv,mount_tag=x,security_model=none")},
		{"harmless", "", args("-device", "virtio-rng-pci")},
		{"the second", "qemuargs[1]", func(c *Config) { args("-m", "1G")(c); args("-snapshot")(c) }},
	} {
		c := usual()
		c.SSH.Username = "root"
		tt.set(&c)
		b, err := New(c, Deps{State: "s"})
		if err != nil {
			t.Fatal(err)
		}
		if got := (&vm{b: b}).single(); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestShape: a memory fits wherever the files and ports of a machine are, and nowhere else.
func TestShape(t *testing.T) {
	t.Parallel()
	shape := func(set func(c *Config, m *vm)) string {
		t.Helper()
		c := usual()
		m := &vm{accelerator: tcg, dir: "/a", disks: []string{"/a/x"}, port: 2222, build: "qemu.a"}
		set(&c, m)
		var err error
		if m.b, err = New(c, Deps{State: "s"}); err != nil {
			t.Fatal(err)
		}
		s, err := m.shape()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	first := shape(func(*Config, *vm) {})
	args := func(words ...string) func(c *Config, _ *vm) {
		return func(c *Config, _ *vm) { c.Args = [][]template.Late{late(t, words...)} }
	}
	for name, set := range map[string]func(c *Config, m *vm){
		"places":      func(_ *Config, m *vm) { m.dir, m.disks, m.port, m.console = "/b", []string{"/b/y"}, 3333, "/log" },
		"name":        func(c *Config, m *vm) { c.VMName, m.build = "other", "qemu.b" },
		"format":      func(c *Config, _ *vm) { c.Disks.Format = "raw" },
		"screen":      func(c *Config, _ *vm) { c.VNC.Disable, c.Headless = true, true },
		"after it":    func(_ *Config, m *vm) { m.below, m.format = "pmneverneve2", overlayFormat },
		"drive order": args("-boot", "order=cd,once=d"),
	} {
		if got := shape(set); got != first {
			t.Errorf("%s: another shape", name)
		}
	}
	for name, set := range map[string]func(c *Config, m *vm){
		"memory":      func(c *Config, _ *vm) { c.Memory = 1024 },
		"processors":  func(c *Config, _ *vm) { c.CPUs = 2 },
		"machine":     func(c *Config, _ *vm) { c.Machine = "q35" },
		"accelerator": func(_ *Config, m *vm) { m.accelerator = kvm },
		"model":       func(_ *Config, m *vm) { m.cpu = "max" },
		"a disk":      func(_ *Config, m *vm) { m.disks = append(m.disks, "/a/z") },
		"a CD":        func(_ *Config, m *vm) { m.cds = []string{"/cd.iso"} },
		"UEFI":        func(c *Config, m *vm) { c.EFI, m.vars = true, "vars" },
		"argument":    args("-m", "1G"),
		"device":      args("-device", "virtio-rng-pci"),
	} {
		if got := shape(set); got == first {
			t.Errorf("%s: the same shape", name)
		}
	}
}

func TestGeneration(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"-machine type=pc,accel=tcg":                        true,
		"-machine q35":                                      true,
		"-M pc":                                             true,
		"-machine type=virt":                                false,
		"-machine type=pc-i440fx-2.4":                       false,
		"-machine type=pc,acpi=off":                         false,
		"-machine type=pc -no-acpi":                         false,
		"-machine type=pc -device vmgenid,guid=auto":        false,
		"-machine type=pc -device virtio-net,netdev=user.0": true,
	} {
		var a arguments
		for w := range strings.FieldsSeq(line) {
			if strings.HasPrefix(w, "-") {
				a.add(w)
			} else {
				a[len(a)-1].values = append(a[len(a)-1].values, w)
			}
		}
		if got := generation(a) != nil; got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}

// TestAfterInstallation: what would install a machine once more is left out.
func TestAfterInstallation(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		image bool
		how   start
		args  []string
		want  string
	}{
		{"once", false, fromDisk, []string{"-boot", "order=cd,once=d"}, "-boot order=cd"},
		{"once alone", false, fromDisk, []string{"-boot", "once=n"}, ""},
		{"kernel of an installer", false, fromDisk, []string{"-kernel", "linux"}, ""},
		{"its memory", false, fromMemory, []string{"-kernel", "linux"}, "-kernel linux"},
		{"kernel of a disk", true, fromDisk, []string{"-kernel", "linux"}, "-kernel linux"},
	} {
		var c Config
		c.Image = tt.image
		got := c.afterInstallation(arguments{{tt.args[0], tt.args[1:]}}, tt.how).line()
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
	for value, want := range map[string]string{
		"file=/m/vm,if=virtio,format=raw": "file=/m/vm,if=virtio,format=qcow2",
		"file=/n/vm,if=virtio,format=raw": "file=/n/vm,if=virtio,format=raw",
		"user,id=x":                       "user,id=x",
	} {
		if got := asOverlay(value, "/m"); got != want {
			t.Errorf("%s: %s", value, got)
		}
	}
	h := typical()
	h.installed = true
	if got := values(usual().arguments(h).line(), "-boot"); !slices.Equal(got, []string{"c"}) {
		t.Errorf("-boot %q", got)
	}
}
