package qemu

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// bench is a home in which one machine is made.
type bench struct {
	*testing.T
	home string
	env  machine.Env
	said *saying
	d    Deps
}

// newBench gives a home in which nothing is left when the test ends.
func newBench(t *testing.T) *bench {
	t.Helper()
	if testing.Short() {
		t.Skip("starts machines: left out by -short")
	}
	for _, p := range []string{usualBinary, imgProgram} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("needs %s: install %s", p, packageOf(p))
		}
	}
	home, tags := t.TempDir(), new(machinetest.Tags)
	l, err := ledger.Open(filepath.Join(home, "ledger"), tags.Watch())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{T: t, home: home, said: &saying{}, d: Deps{State: filepath.Join(home, "state"), Logs: filepath.Join(home, "logs")}}
	b.env = machine.Env{Res: l.Scope("run-1", KindName, nil), Out: b.said, Run: "run-1", Build: "qemu.test", Output: filepath.Join(home, "output")}
	b.env.Files = &output.Files{Scope: b.env.Res}
	if err := os.MkdirAll(b.env.Output, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := t.Context()
		records, err := l.Records()
		if len(records) > 0 || err != nil {
			t.Errorf("the machine is closed, and the ledger holds %v, %v", records, err)
		}
		if err := errors.Join(b.env.Res.Close(ctx), l.Close()); err != nil {
			t.Error(err)
		}
		if left := machinetest.Host(t, home, tags.List()); len(left) > 0 {
			t.Errorf("left on the host: %q", left)
		}
		if left, _ := filepath.Glob(filepath.Join(home, "state", "machines", "*")); len(left) > 0 {
			t.Errorf("left: %q", left)
		}
		if t.Failed() {
			t.Logf("said:\n%s", b.said.String())
		}
	})
	return b
}

// start starts a machine that is closed when the test ends.
func (b *bench) start(c Config) (machine.Machine, error) {
	b.Helper()
	builder, err := New(c, b.d)
	if err != nil {
		b.Fatal(err)
	}
	m, err := builder.Start(b.Context(), b.env)
	if err == nil {
		b.Cleanup(func() {
			if err := m.Close(b.Context()); err != nil {
				b.Error(err)
			}
		})
	}
	return m, err
}

// connect starts a machine and connects.
func (b *bench) connect(c Config) (machine.Machine, machine.Communicator, error) {
	b.Helper()
	m, err := b.start(c)
	if err != nil {
		return nil, nil, err
	}
	conn, err := m.Connect(b.Context())
	return m, conn, err
}

// wantError wants words in an error, and nothing of the machine to be left.
func (b *bench) wantError(err error, words ...string) {
	b.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			b.Fatalf("error %v, want %q", err, w)
		}
	}
}

// saying keeps what is told.
type saying struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *saying) Say(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, format+"\n", args...)
}
func (l *saying) Message(format string, args ...any)       { l.Say(format, args...) }
func (l *saying) Warn(format string, args ...any)          { l.Say(format, args...) }
func (l *saying) Output() io.WriteCloser                   { return written{l} }
func (l *saying) Progress(string, int64) func(int64, bool) { return func(int64, bool) {} }
func (l *saying) String() string                           { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

type written struct{ l *saying }

func (w written) Write(p []byte) (int, error) { w.l.Say("%s", p); return len(p), nil }
func (written) Close() error                  { return nil }

// What boot sectors do. The first prints to the first serial line and stays.
const (
	stays    = "\xba\xf8\x03\xb0S\xee\xb0T\xee\xb0U\xee\xb0C\xee\xb0K\xee\xb0\n\xee\xf4\xeb\xfd" // hlt, jump back to it
	restarts = "\xb0\xfe\xe6\x64\xf4\xeb\xfd"                                                    // the keyboard's reset line
	prints   = "\xba\xf8\x03\xb0P\xee\xb0\n\xee\xeb\xf8"                                         // P and a line's end, for ever
	ends     = "\xb0\x10\xba\xf4\x00\xee\xf4"                                                    // isa-debug-exit
)

// sector is the configuration of a machine that does nothing else than a boot sector says.
func sector(b *bench, code string) Config {
	disk := make([]byte, 1<<20)
	copy(disk, code)
	disk[510], disk[511] = 0x55, 0xaa
	file := filepath.Join(b.home, "sector.raw")
	if err := os.WriteFile(file, disk, 0o600); err != nil {
		b.Fatal(err)
	}
	c := usual()
	c.ISO.URL, c.Checksum, c.Image, c.SkipResize = file, "none", true, true
	c.Headless, c.Accelerator, c.Memory = true, tcg, 32
	c.SSH.Username, c.SSH.Password = "root", "x"
	c.SSH.Timeout = 5 * time.Minute
	return c
}

func TestNeverReached(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	c.SSH.Timeout = 15 * time.Second
	c.VNC.Wait, c.VNC.KeyInterval = time.Millisecond, time.Millisecond
	c.VNC.Boot.Command = late(t, "install {{ .Name }}<enter>", "from http://{{ .HTTPIP }}:{{ .HTTPPort }}/")
	_, _, err := b.connect(c)
	b.wantError(err, "the machine cannot be reached", "typed was: install packer-test<enter>from http://10.0.2.2:0/", "STUCK", "run-1-qemu.test-console.log")
	console := filepath.Join(b.home, "logs", "run-1-qemu.test-console.log")
	if text, err := os.ReadFile(console); !strings.Contains(string(text), "STUCK") {
		t.Errorf("the console is not kept: %q, %v", text, err)
	}
}

// TestPrintsForEver: however much a machine prints, the file of its console has a bound.
func TestPrintsForEver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, prints)
	c.SSH.Timeout = 15 * time.Second
	builder, err := New(c, b.d)
	if err != nil {
		t.Fatal(err)
	}
	builder.maxLog = 8 << 10
	m, err := builder.Start(t.Context(), b.env)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Connect(t.Context())
	b.wantError(err, "the machine cannot be reached", "P\nP\n")
	if err := m.Close(t.Context()); err != nil {
		t.Error(err)
	}
	text, err := os.ReadFile(filepath.Join(b.home, "logs", "run-1-qemu.test-console.log"))
	if err != nil || len(text) > 8<<10 || !strings.HasSuffix(strings.TrimSpace(string(text)), "P\nP") || !strings.Contains(string(text), " bytes are left out here]\nP\n") {
		t.Errorf("%d bytes, %v: %.100s … %s", len(text), err, text, text[max(0, len(text)-100):])
	}
}

func TestRestartsForEver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, _, err := b.connect(sector(b, restarts))
	b.wantError(err, "the machine restarts again and again (9 times by now)")
}

func TestPowersOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, ends)
	c.Args = append(c.Args, late(t, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"))
	_, _, err := b.connect(c)
	b.wantError(err, "the machine has powered off by itself")
}

// TestInstallsItself: nobody looks into a machine without communicator, which powers off
// when it is ready.
func TestInstallsItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, ends)
	c.Communicator = "none"
	c.Args = append(c.Args, late(t, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"))
	c.Output.Directory = filepath.Join(b.home, "out")
	m, conn, err := b.connect(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Run(t.Context(), machine.Command{Line: "true"}); err == nil {
		t.Error("a command ran in it")
	}
	env := b.env
	env.Output = "" // as builds without a catalog entry have it
	img, err := m.Capture(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.env.Files.Keep(t.Context()); err != nil {
		t.Error(err)
	}
	if want := filepath.Join(b.home, "out", "packer-test"); img.ID != want {
		t.Errorf("image %+v", img)
	}
	if _, err := os.Stat(img.ID); err != nil {
		t.Error(err)
	}
}

// TestNamesOfFiles: a machine's disks may be called as its other files are.
func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cd.iso", "floppy.img", "console.log", "qemu.log", imageDirectory} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := sector(b, stays)
			c.VMName, c.Disks.Format = name, "raw"
			c.CD.Content, c.Floppy.Content = map[string]string{"a": "b"}, map[string]string{"a": "b"}
			c.Output.Directory = filepath.Join(b.home, "out")
			c.SSH.Timeout = 100 * time.Millisecond
			m, _, err := b.connect(c)
			b.wantError(err, "the machine cannot be reached")
			if err := m.(*vm).halt(t.Context()); err != nil {
				t.Fatal(err)
			}
			env := b.env
			env.Output = "" // the image is beside the rest
			img, err := m.Capture(t.Context(), env)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.env.Files.Keep(t.Context()); err != nil {
				t.Error(err)
			}
			if filepath.Base(img.ID) != name {
				t.Errorf("image %+v", img)
			}
			if err := qemuImg(t.Context(), "compare", "-f", "raw", "-F", "raw", img.ID, filepath.Join(b.home, "sector.raw")); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestScreenWithPassword: what is typed gets in where a password guards the screen.
func TestScreenWithPassword(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := sector(b, stays)
	c.SSH.Timeout = time.Second
	c.UsePassword = true
	c.VNC.Wait, c.VNC.KeyInterval = time.Millisecond, time.Millisecond
	c.BootSteps = append(c.BootSteps, late(t, "abc", "the letters"))
	_, _, err := b.connect(c)
	b.wantError(err, "typed was: abc")
	if said := b.said.String(); !strings.Contains(said, "Typing the letters") || !strings.Contains(said, "with the password") {
		t.Error(said)
	}
}

// TestQEMUTakesIt: command lines of all sorts are such that QEMU starts with them.
func TestQEMUTakesIt(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(c *Config){
		"ide":  func(c *Config) { c.Disks.Interface, c.Additional = "ide", []string{"1M"} },
		"sata": func(c *Config) { c.Disks.Interface, c.Additional, c.Machine = "sata", []string{"1M", "1M"}, "q35" },
		"scsi": func(c *Config) { c.Disks.Interface = "scsi" },
		"virtio-scsi": func(c *Config) {
			c.Disks.Interface, c.CDROM, c.Additional = "virtio-scsi", "virtio-scsi", []string{"1M"}
			c.CD.Content = map[string]string{"a": "b"}
		},
		"options": func(c *Config) {
			c.Cache, c.Discard, c.DetectZeroes, c.VGA, c.CPUs, c.Cores = "none", "unmap", "unmap", "qxl", 2, 2
		},
		"media": func(c *Config) {
			c.Floppy.Content, c.CD.Content, c.CDROM = map[string]string{"a": "b"}, map[string]string{"a": "b"}, "ide"
		},
		"medium": func(c *Config) { c.Image, c.SkipResize, c.Disks.Size = false, false, "2M" },
		"UEFI":   func(c *Config) { c.EFI, c.Memory = true, 128 },
		"QMP": func(c *Config) {
			c.QMP, c.QMPSocket = true, filepath.Join(os.TempDir(), fmt.Sprintf("pm-%d.sock", os.Getpid()))
		},
		"no VNC":  func(c *Config) { c.VNC.Disable = true },
		"window":  func(c *Config) { c.Headless = false },
		"none":    func(c *Config) { c.Accelerator = "none" },
		"no port": func(c *Config) { c.SkipNAT = true; c.SSH.Port = 1 },
		"e1000": func(c *Config) {
			c.NetDevice = "e1000"
			c.Args = append(c.Args, late(t, "-m", "48"), late(t, "-no-reboot"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := sector(b, stays)
			c.SSH.Timeout = 100 * time.Millisecond
			set(&c)
			m, _, err := b.connect(c)
			b.wantError(err, "the machine cannot be reached")
			if c.QMP {
				_ = os.Remove(c.QMPSocket) // it is where the template wants it
			}
			if p := m.(*vm).process; p == nil || !p.running() {
				t.Error("QEMU does not run")
			}
			if said, err := os.ReadFile(m.(*vm).process.words); err != nil || strings.Contains(string(said), "WARNING") {
				t.Errorf("QEMU says %s, %v", said, err)
			}
		})
	}
}

// TestOddHome: no character of the home's path means something to QEMU and its tools.
func TestOddHome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	odd := filepath.Join(b.home, "a,b =c [d]* 'é\"%n\\o")
	if err := os.Mkdir(odd, 0o700); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(odd, "below:1.qcow2")
	b.d.State, b.d.Logs = filepath.Join(odd, "state"), filepath.Join(odd, "logs")
	c := sector(b, stays)
	if err := qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", c.ISO.URL, below); err != nil {
		t.Fatal(err)
	}
	c.ISO.URL, c.Backing, c.Additional = below, true, []string{"1M"}
	c.CD.Content, c.Floppy.Content = map[string]string{"a": "b"}, map[string]string{"a": "b"}
	c.SSH.Timeout = 15 * time.Second
	_, _, err := b.connect(c)
	b.wantError(err, "the machine cannot be reached", "STUCK")
}

// TestScriptForQEMU: where qemu_binary is a script, what it starts ends, too.
func TestScriptForQEMU(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	real, err := exec.LookPath(usualBinary)
	if err != nil {
		t.Fatal(err)
	}
	c := sector(b, stays)
	c.Binary = filepath.Join(b.home, "qemu")
	if err := exectest.WriteFile(c.Binary, []byte("#!/bin/sh\n"+real+` "$@"`+"\nexit\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c.SSH.Timeout = 100 * time.Millisecond
	m, _, err := b.connect(c)
	b.wantError(err, "the machine cannot be reached")
	if err := m.Close(t.Context()); err != nil { // that nothing is left is looked at when the test ends
		t.Error(err)
	}
}

func TestAccelerators(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := tryGuest(t.Context(), usualBinary, tcg, probeLimit*6); err != nil {
		t.Errorf("the tiny guest does not run: %v", err)
	}
	if err := tryGuest(t.Context(), "false", kvm, probeLimit); runtime.GOARCH == "amd64" && err == nil {
		t.Error("a program of any name is taken for a QEMU whose KVM works")
	}
	if err := tryGuest(t.Context(), usualBinary, "nonsense", probeLimit); err == nil || !strings.Contains(err.Error(), "a tiny guest does not run with it") {
		t.Error(err)
	}
	if err := fast(7 * time.Second); err == nil || fast(time.Second) != nil {
		t.Error("what takes long is no accelerator")
	}
	c := sector(b, stays)
	c.Accelerator = "hvf"
	_, _, err := b.connect(c)
	b.wantError(err, "accelerator: this QEMU does not have hvf")
	// What another boot of the host has found out does not count, that of this one does.
	note := filepath.Join(b.d.State, "accelerator.json")
	remember(note, verdict{Boot: ledger.BootID(), Binary: usualBinary, Problem: "told before"})
	if _, err := os.Stat("/dev/kvm"); err != nil {
		t.Log("this host has no KVM to choose")
		return
	}
	c.Accelerator = kvm
	_, _, err = b.connect(c)
	b.wantError(err, "accelerator: kvm does not work on this host: told before: write tcg")
	c.Accelerator = ""
	builder, err := New(c, b.d)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := builder.chooseAccelerator(t.Context()); got != tcg || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

// TestNeverStarted: a machine that nobody has looked into is captured as it was made.
func TestNeverStarted(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"raw", "qcow2"} {
		for _, backing := range []bool{false, true} {
			b := newBench(t)
			c := sector(b, stays)
			c.Disks.Format, c.Additional, c.Compression = format, []string{"3M"}, format == "qcow2" && !backing
			if backing {
				if format == "raw" {
					continue
				}
				file := filepath.Join(b.home, "below.qcow2")
				if err := qemuImg(t.Context(), "convert", "-f", "raw", "-O", "qcow2", c.ISO.URL, file); err != nil {
					t.Fatal(err)
				}
				c.ISO.URL, c.Backing = file, true
			}
			c.Output.Directory = filepath.Join(b.home, "place", "out")
			m, err := b.start(c)
			if err != nil {
				t.Fatal(err)
			}
			img, err := m.Capture(t.Context(), b.env)
			if err != nil {
				t.Fatal(err)
			}
			builder, _ := New(c, b.d)
			if img, err = builder.Publish(t.Context(), img, b.env); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(builder.Verify(t.Context(), img), b.env.Files.Keep(t.Context())); err != nil {
				t.Error(err)
			}
			if want := filepath.Join(b.home, "place", "out", "packer-test"); img.ID != want || len(img.Files) != 2 || img.Files[1] != want+"-1" {
				t.Errorf("image %+v", img)
			}
			if err := qemuImg(t.Context(), "compare", "-f", format, "-F", "raw", img.ID, filepath.Join(b.home, "sector.raw")); err != nil {
				t.Errorf("%s, backing %v: %v", format, backing, err)
			}
			// The next build does not replace it by itself.
			again, err := b.start(c)
			if err != nil {
				t.Fatal(err)
			}
			b.env.Output = filepath.Join(b.home, "output2")
			if err := os.Mkdir(b.env.Output, 0o755); err != nil {
				t.Fatal(err)
			}
			next, err := again.Capture(t.Context(), b.env)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := builder.Publish(t.Context(), next, b.env); err == nil || !strings.Contains(err.Error(), "build with -force") {
				t.Errorf("published: %v", err)
			}
			b.env.Force = true
			if _, err := builder.Publish(t.Context(), next, b.env); err != nil {
				t.Error(err)
			}
			if err := b.env.Files.Keep(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
