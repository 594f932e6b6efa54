package qemu

import (
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

// typical is what a command line of the tests is made of.
func typical() hardware {
	return hardware{name: "packer-x", accelerator: tcg, port: 3213, guestPort: 22, disks: []string{"out/packer-x"}, cds: []string{"debian.iso"}, console: "console"}
}

// values of a name in a command line.
func values(line []string, name string) (all []string) {
	for i := range len(line) - 1 {
		if line[i] == name {
			all = append(all, line[i+1])
		}
	}
	return all
}

func TestUsualArguments(t *testing.T) {
	t.Parallel()
	got := usual().arguments(typical()).line()
	want := []string{
		"-name", "packer-x", "-machine", "type=pc,accel=tcg", "-smp", "1", "-m", "512M", "-boot", "once=d",
		"-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:3213-:22",
		"-device", "virtio-net,netdev=user.0",
		"-drive", "file=out/packer-x,if=virtio,cache=writeback,discard=ignore,format=qcow2",
		"-drive", "file=debian.iso,media=cdrom,format=raw",
		"-vnc", "127.0.0.1:0,to=100", "-serial", "file:console",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		set  func(c *Config, h *hardware)
		want map[string][]string // values of a name; none: it is not there
	}{
		{"disk to start from", func(c *Config, h *hardware) { c.Image, h.cds = true, nil },
			map[string][]string{"-boot": {"c"}, "-drive": {"file=out/packer-x,if=virtio,cache=writeback,discard=ignore,format=qcow2"}}},
		{"no accelerator", func(_ *Config, h *hardware) { h.accelerator = "none" }, map[string][]string{"-machine": {"type=pc"}}},
		{"processors", func(c *Config, _ *hardware) { c.CPUs = 3 }, map[string][]string{"-smp": {"3"}}},
		{"cores", func(c *Config, _ *hardware) { c.Cores, c.Threads = 2, 2 }, map[string][]string{"-smp": {"4,cores=2,threads=2"}}},
		{"more than fit", func(c *Config, _ *hardware) { c.CPUs, c.Sockets, c.Cores = 9, 1, 2 }, map[string][]string{"-smp": {"2,sockets=1,cores=2"}}},
		{"fewer than fit", func(c *Config, _ *hardware) { c.CPUs, c.Sockets = 1, 2 }, map[string][]string{"-smp": {"1,sockets=2"}}},
		{"model", func(_ *Config, h *hardware) { h.cpu = "host" }, map[string][]string{"-cpu": {"host"}}},
		{"bridge", func(c *Config, h *hardware) { c.NetBridge, h.port = "br0", 0 }, map[string][]string{"-netdev": {"bridge,id=user.0,br=br0"}}},
		{"no port", func(_ *Config, h *hardware) { h.port = 0 }, map[string][]string{"-netdev": {"user,id=user.0"}}},
		{"card", func(c *Config, _ *hardware) { c.NetDevice = "e1000" }, map[string][]string{"-device": {"e1000,netdev=user.0"}}},
		{"bus", func(c *Config, _ *hardware) {
			c.Disks.Interface, c.Cache, c.Discard, c.DetectZeroes = "ide", "unsafe", "unmap", "on"
		},
			map[string][]string{"-drive": {"file=out/packer-x,if=ide,cache=unsafe,discard=unmap,format=qcow2,detect-zeroes=on", "file=debian.iso,media=cdrom,format=raw"}}},
		{"virtio-scsi", func(c *Config, h *hardware) {
			c.Disks.Interface, c.CDROM, h.disks = "virtio-scsi", "virtio-scsi", []string{"a", "b"}
		}, map[string][]string{
			"-device": {"virtio-scsi-pci,id=scsi0", "scsi-hd,bus=scsi0.0,drive=drive0", "scsi-hd,bus=scsi0.0,drive=drive1", "scsi-cd,bus=scsi0.0,drive=cdrom0", "virtio-net,netdev=user.0"},
			"-drive": {"if=none,file=a,id=drive0,cache=writeback,discard=ignore,format=qcow2", "if=none,file=b,id=drive1,cache=writeback,discard=ignore,format=qcow2",
				"file=debian.iso,if=none,id=cdrom0,media=cdrom,format=raw"},
		}},
		{"sata", func(c *Config, h *hardware) { c.Disks.Interface, h.cds = "sata", nil }, map[string][]string{
			"-device": {"ahci,id=sata0", "ide-hd,bus=sata0.0,drive=drive0", "virtio-net,netdev=user.0"},
			"-drive":  {"if=none,file=out/packer-x,id=drive0,cache=writeback,discard=ignore,format=qcow2"},
		}},
		{"several CDs", func(c *Config, h *hardware) { c.CDROM, h.cds = "ide", []string{"a.iso", "cd.iso"} },
			map[string][]string{"-drive": {"file=out/packer-x,if=virtio,cache=writeback,discard=ignore,format=qcow2",
				"file=a.iso,if=ide,index=0,id=cdrom0,media=cdrom,format=raw", "file=cd.iso,if=ide,index=1,id=cdrom1,media=cdrom,format=raw"}}},
		{"kind of machine without IDE", func(c *Config, _ *hardware) { c.Machine = "virt" }, map[string][]string{"-machine": {"type=virt,accel=tcg"},
			"-device": {"virtio-scsi-pci,id=scsi0", "scsi-cd,bus=scsi0.0,drive=cdrom0", "virtio-net,netdev=user.0"}}},
		{"floppy disk", func(_ *Config, h *hardware) { h.floppy = "f.img" }, map[string][]string{"-fda": {`json:{"driver":"raw","file":{"driver":"file","filename":"f.img"}}`}}},
		{"firmware", func(c *Config, _ *hardware) { c.File = "fw.bin" }, map[string][]string{"-bios": {"fw.bin"}}},
		{"firmware in flash", func(c *Config, h *hardware) { c.File, c.PFlash, h.cds = "fw.bin", true, nil },
			map[string][]string{"-bios": nil, "-drive": {"file=out/packer-x,if=virtio,cache=writeback,discard=ignore,format=qcow2", "file=fw.bin,if=pflash,format=raw,readonly=on"}}},
		{"UEFI", func(c *Config, h *hardware) {
			c.EFI, c.EFICode, h.vars, h.cds, h.disks = true, "code.fd", "vars.fd", nil, nil
		},
			map[string][]string{"-boot": nil, "-drive": {"file=code.fd,if=pflash,unit=0,format=raw,readonly=on", "file=vars.fd,if=pflash,unit=1,format=raw"}}},
		{"VNC", func(c *Config, _ *hardware) {
			c.Screen.BindAddress, c.Screen.PortMin, c.Screen.PortMax, c.UsePassword = "0.0.0.0", 5901, 5910, true
		},
			map[string][]string{"-vnc": {"0.0.0.0:1,to=10,password=on"}}},
		{"no VNC", func(c *Config, h *hardware) { c.VNC.Disable, h.display = true, "none" }, map[string][]string{"-vnc": {"none"}, "-display": {"none"}}},
		{"graphics", func(c *Config, h *hardware) { c.VGA, h.display = "qxl", "gtk" }, map[string][]string{"-vga": {"qxl"}, "-display": {"gtk"}}},
		{"QMP", func(_ *Config, h *hardware) { h.qmp = "a,b" }, map[string][]string{"-qmp": {"unix:a,,b,server=on,wait=off"}}},
		{"commas", func(_ *Config, h *hardware) { h.disks, h.cds, h.console = []string{"a,b"}, nil, "c,d" },
			map[string][]string{"-serial": {"file:c,d"}, "-drive": {"file=a,,b,if=virtio,cache=writeback,discard=ignore,format=qcow2"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, h := usual(), typical()
			tt.set(&c, &h)
			line := c.arguments(h).line()
			for name, want := range tt.want {
				if got := values(line, name); !slices.Equal(got, want) {
					t.Errorf("%s\n%q, want\n%q", name, got, want)
				}
			}
		})
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()
	fields := argumentValues{HTTPIP: "10.0.2.2", HTTPPort: "8123", HTTPDir: "www", OutputDir: "/m", Name: "vm", SSHHostPort: 3333,
		HTTPContent: map[string]string{"/a": "text"}}
	for _, tt := range []struct {
		name string
		args [][]string
		want map[string][]string
		has  []string
	}{
		{"one for one", [][]string{{"-m", "2G"}}, map[string][]string{"-m": {"2G"}, "-smp": {"1"}}, nil},
		{"all of a name go", [][]string{{"-drive", "file=x"}}, map[string][]string{"-drive": {"file=x"}}, nil},
		{"several", [][]string{{"-drive", "file=x"}, {"-m", "1"}, {"-drive", "file=y"}}, map[string][]string{"-drive": {"file=x", "file=y"}}, nil},
		{"name alone", [][]string{{"-nographic"}}, nil, []string{"-nographic"}},
		{"words are joined", [][]string{{"-netdev", "user,id=user.0,", "hostfwd=tcp::{{ .SSHHostPort }}-:22"}}, map[string][]string{"-netdev": {"user,id=user.0,hostfwd=tcp::3333-:22"}}, nil},
		{"card is added", [][]string{{"-device", "virtio-rng-pci"}}, map[string][]string{"-device": {"virtio-rng-pci", "virtio-net,netdev=user.0"}}, nil},
		{"card is there", [][]string{{"-device", "virtio-net-pci,netdev=n"}}, map[string][]string{"-device": {"virtio-net-pci,netdev=n"}}, nil},
		{"placeholders", [][]string{{"-append", "http://{{ .HTTPIP }}:{{ .HTTPPort }}/{{ .Name }} {{ .HTTPDir }} {{ index .HTTPContent `/a` }}"}},
			map[string][]string{"-append": {"http://10.0.2.2:8123/vm www text"}}, nil},
		{"files of the machine", [][]string{{"-drive", "file={{ .OutputDir }}/{{ .Name }},if=ide"}, {"-drive", "if=none,file=output-x/vm-1,format=raw"}, {"-drive", "file=seed.iso"}, {"-drive", "file=output-x2/a"}},
			map[string][]string{"-drive": {"file=/m/vm,if=ide", "if=none,file=/m/vm-1,format=raw", "file=seed.iso", "file=output-x2/a"}}, nil},
		{"empty", [][]string{{}}, map[string][]string{"-m": {"512M"}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := usual()
			for _, a := range tt.args {
				c.Args = append(c.Args, late(t, a...))
			}
			args, err := c.override(c.arguments(typical()), fields, moveInto("output-x", "/m"))
			if err != nil {
				t.Fatal(err)
			}
			line := args.line()
			for name, want := range tt.want {
				if got := values(line, name); !slices.Equal(got, want) {
					t.Errorf("%s %q, want %q", name, got, want)
				}
			}
			for _, w := range tt.has {
				if !slices.Contains(line, w) {
					t.Errorf("%q lacks %s", line, w)
				}
			}
		})
	}
	c := usual()
	c.Args = [][]template.Late{late(t, "-m", "{{ .Memory }}")}
	if _, err := c.override(nil, argumentValues{}, strings.Clone); err == nil || !strings.Contains(err.Error(), "qemuargs[0]") {
		t.Errorf("error %v", err)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	b, err := New(usual(), Deps{State: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for build, want := range map[string]string{"qemu.web": "packer-web output-web", "qemu": "packer-qemu output-qemu", "web": "packer-web output-web"} {
		if got := b.vmName(build) + " " + b.outputDirectory(build); got != want {
			t.Errorf("%s: %s, want %s", build, got, want)
		}
	}
}

// TestPortOfTheMachine: ssh_port is the machine's, to which another one of this host
// leads.
func TestPortOfTheMachine(t *testing.T) {
	t.Parallel()
	c := usual()
	c.SSH.Port = 2022
	b, err := New(c, Deps{State: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for port, want := range map[int]string{3213: "127.0.0.1:3213", 0: "127.0.0.1:2022"} {
		m := &vm{b: b, port: port}
		place, err := m.place(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o, err := m.means().SSH.Options(place, "")
		if err != nil || o.Addr != want {
			t.Errorf("forwarded port %d: %s, %v", port, o.Addr, err)
		}
	}
}

func TestDiskSize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "40960M", "0": "40960M", "1000": "1000M", "10G": "10G", "5k": "5k"} {
		if got := diskSize(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a\x1b[1;31mb\x1b[0mc": "abc", "x\r\ny\b": "x\n\ny", "\x1bcz": "z", "\xff": "?", "\x1b[": "", "\x1b": ""} {
		if got := plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("\x1b[2J\x1b[01;01Hboot\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(plain(s), "\x1b\x00\r") {
			t.Errorf("%q: %q", s, plain(s))
		}
	})
}

func TestNeighbour(t *testing.T) {
	t.Parallel()
	const table = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.7         0x1         0x0         52:54:00:12:34:56     *        br0
10.0.0.8         0x1         0x2         52:54:00:12:34:56     *        br1
10.0.0.9         0x1         0x2         52:54:00:12:34:56     *        br0
`
	if got := neighbour(strings.NewReader(table), "52:54:00:12:34:56", "br0"); got != "10.0.0.9" {
		t.Errorf("got %q", got)
	}
	if got := neighbour(strings.NewReader(table), "52:54:00:00:00:00", "br0"); got != "" {
		t.Errorf("got %q", got)
	}
}
