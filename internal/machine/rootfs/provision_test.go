package rootfs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestSteps goes the way of a build without services, on a real distribution.
func TestSteps(t *testing.T) {
	r := try(t, Config{Archive: debian(t)})
	tree := filepath.Join(r.m.(*rootMachine).seat.upper())
	resolv, _ := os.ReadFile(filepath.Join(tree, "etc/resolv.conf"))
	r.snapshot()
	if got := r.sh(0, "cat /usr/sbin/policy-rc.d; grep -c '' /etc/resolv.conf >&2"); !strings.Contains(got, "exit 101") {
		t.Errorf("package installation may start daemons: %q", got)
	}
	if got := r.sh(0, "pwd; echo $PATH; echo ~; umask; id"); !strings.HasPrefix(got, "/root\n/usr/local/sbin:") {
		t.Errorf("commands see %s", got)
	}
	caps := strings.Fields(r.sh(0, "grep -h CapBnd /proc/self/status /proc/1/status"))
	if caps[1] != caps[3] {
		t.Errorf("a command may be capable of %s, process 1 of %s", caps[1], caps[3])
	}
	r.sh(0, "sleep 300 >/dev/null 2>&1 & echo 127.0.0.9 me >> /etc/hosts; useradd -m -G adm someone; echo text > /tmp/file; chmod 600 /etc/shadow")
	var who bytes.Buffer
	exit, err := r.connect().Run(t.Context(), machine.Command{Line: "id -un; id -Gn; pwd; touch mine; cat /etc/shadow", User: "someone", Stdout: &who})
	if exit == 0 || err != nil || who.String() != "someone\nsomeone adm\n/home/someone\n" {
		t.Errorf("as another user: exit %d, %v, %q", exit, err, who.String())
	}
	if err := r.connect().Put(t.Context(), "/home/someone/mine", 0o640, strings.NewReader("put")); err != nil {
		t.Fatal(err)
	}
	if got := r.sh(0, "stat -c '%U %G %a' /home/someone/mine; cat /home/someone/mine"); got != "someone someone 640\nput" {
		t.Errorf("a replaced file is %q", got)
	}
	// Links of the machine are its own: an absolute one starts at its root.
	r.sh(0, "ln -s /var/lib/real /var/lib/link; ln -s ../../../../../../etc/outside /var/lib/up; echo here > /etc/outside")
	for path, want := range map[string]string{"/var/lib/link": "/var/lib/real", "/var/lib/up": "/etc/outside"} {
		if err := r.connect().Put(t.Context(), path, 0o644, strings.NewReader(path)); err != nil {
			t.Fatal(err)
		}
		if got := r.sh(0, "[ -L "+path+" ] && cat "+want); got != path {
			t.Errorf("%s holds %q", want, got)
		}
	}
	r.snapshot()
	if got := r.sh(0, "cat /tmp/file; ls /proc | grep -c '^[0-9]'"); !strings.HasPrefix(got, "text\n") {
		t.Errorf("the next machine has %q", got)
	}
	img, err := r.m.Capture(t.Context(), r.env)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	m, err := r.b.Boot(t.Context(), img, r.env)
	if err != nil {
		t.Fatal(err)
	}
	r.m = m
	tree = m.(*rootMachine).seat.upper()
	if _, err := os.Lstat(filepath.Join(tree, policyPath)); err == nil {
		t.Errorf("%s is in the image", policyPath)
	}
	if now, _ := os.ReadFile(filepath.Join(tree, "etc/resolv.conf")); !bytes.Equal(now, resolv) {
		t.Errorf("resolv.conf in the image is %q, was %q", now, resolv)
	}
	booted, err := m.(machine.Gater).BootForGate(t.Context())
	if err != nil || !booted {
		t.Fatal(booted, err)
	}
	if got := r.sh(0, "systemctl is-system-running; cat /home/someone/mine"); got != "running\nput" {
		t.Errorf("the booted image: %q", got)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestProxy lets a machine through to a proxy on the host's loopback, by
// environment and by apt's configuration, and to nothing else there.
func TestProxy(t *testing.T) {
	needMachines(t)
	proxy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan string, 100)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.RequestURI
		io.WriteString(w, "from the proxy\n")
	})}
	go server.Serve(proxy)
	t.Cleanup(func() { server.Close() })

	r := try(t, Config{Archive: debian(t)})
	url := "http://" + proxy.Addr().String()
	r.b.host = func() (Host, error) {
		return Host{HTTPProxy: url, AptProxy: "http://localhost:" + proxy.Addr().String()[len("127.0.0.1:"):], Nameservers: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}, nil
	}
	r.sh(0, "echo 'deb [trusted=yes] http://mirror.invalid/debian stable main' > /etc/apt/sources.list")
	r.sh(0, "apt-get update -o Acquire::Retries=0 || true; env | grep -i _proxy; cat $APT_CONFIG")
	select {
	case uri := <-asked:
		if !strings.HasPrefix(uri, "http://mirror.invalid/debian") {
			t.Errorf("the proxy was asked for %s", uri)
		}
	case <-time.After(time.Second):
		t.Error("the proxy was not asked")
	}
	gateway := r.m.(*rootMachine).seat.run.gateway().String()
	if got := r.sh(0, "cat /etc/resolv.conf"); !strings.Contains(got, "nameserver "+gateway) {
		t.Errorf("resolv.conf is %q", got)
	}
	if err := r.m.(*rootMachine).Seal(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	seat := r.m.(*rootMachine).seat
	err = filepath.WalkDir(filepath.Join(seat.upper(), "etc"), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(gateway)) || bytes.Contains(text, []byte(machine.Marker)) {
			t.Errorf("%s holds settings of the host", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestTerminal runs a command with a terminal of the machine.
func TestTerminal(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	var out bytes.Buffer
	exit, err := r.connect().Run(t.Context(), machine.Command{
		Line: "tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; read line; echo got $line; exit 3",
		PTY:  true, Stdin: strings.NewReader("typed\n"), Stdout: &out,
	})
	// What is typed is shown too, before or between these.
	lines := strings.Split(strings.ReplaceAll(out.String(), "\r", ""), "\n")
	if err != nil || exit != 3 || !slices.Contains(lines, "/dev/pts/0") || !slices.Contains(lines, "all") || !slices.Contains(lines, "got typed") {
		t.Errorf("exit %d, %v, %q", exit, err, lines)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = r.connect().Run(ctx, machine.Command{Line: "sleep 100", PTY: true, Stdout: &out})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a command that took too long: %v", err)
	}
}

// TestSignals: a command that a signal ends has a shell's exit status.
func TestSignals(t *testing.T) {
	r := try(t, Config{Archive: tiny(t, nil)})
	var out bytes.Buffer
	exit, err := r.connect().Run(t.Context(), machine.Command{
		Line: `printf '%s|%s|%s|%s' "$PATH" "$LD_PRELOAD" "$i" "$N"; /usr/bin/env | /usr/bin/grep PROOFMARK_`, Stdout: &out, Stderr: &out,
		Env: map[string]string{"PATH": "/none", "LD_PRELOAD": "/none.so", "i": "x", "a.b": "dots", "N": "1\n2 \"$i'", "bad=": "x"},
	})
	if want := "/none|/none.so|x|1\n2 \"$i'"; err != nil || exit != 1 || !strings.Contains(out.String(), want) {
		t.Errorf("environment: exit %d, %v, %q, want %q", exit, err, out.String(), want)
	}
	for line, want := range map[string]int{"kill -TERM $$": 143, "kill -KILL $$": 137, "kill -STOP $$; exit 4": 4, "sh -c 'kill -SEGV $$'; exit $?": 139} {
		r.sh(want, line)
	}
	// Output of both kinds into one writer keeps its order.
	if got := r.sh(0, "for i in 1 2 3; do echo out $i; echo err $i >&2; done"); got != "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3" {
		t.Errorf("output is %q", got)
	}
}
