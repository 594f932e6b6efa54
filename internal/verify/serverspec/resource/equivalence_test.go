package resource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

// tree makes files of every kind, and returns their paths, and some of nothing.
func tree(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"plain": "Listen 80\nkey = value\n", "empty": "", "no-end": "one\ntwo", "with space": "x\n", "it's \"q\" $HOME": "y\n", "back\\slash": "z\n", "new\nline": "n\n",
		"star*": "s\n", "-dash": "d\n", "é": "\xc3\xa9\r\n", "binary": "a\x00b\xff\nListen 80\n", "crlf": "a\r\nb\r\n", "semi;colon": "1\n", "trail ": "2\n", "json": `{"a": [1]}`,
	} {
		must(os.WriteFile(in(name), []byte(text), 0o644))
	}
	for i, mode := range []os.FileMode{0, 0o7, 0o70, 0o700, 0o644, 0o600, 0o755 | os.ModeSetuid, 0o2755 | os.ModeSetgid, 0o777 | os.ModeSticky, 0o111, 0o444} {
		name := in("mode" + strconv.Itoa(i))
		must(os.WriteFile(name, nil, 0o600))
		must(os.Chmod(name, mode))
	}
	must(os.Truncate(in("empty"), 0))
	must(os.WriteFile(in("sparse"), nil, 0o600))
	must(os.Truncate(in("sparse"), 3<<20))
	must(os.Mkdir(in("dir"), 0o1777))
	must(os.Symlink("plain", in("link")))
	must(os.Symlink("dir", in("dirlink")))
	must(os.Symlink("nowhere", in("dangling")))
	must(os.Symlink("loop", in("loop")))
	must(os.Symlink("with space", in("spacelink")))
	must(os.Symlink("/t$x", in("dollarlink")))
	must(syscall.Mkfifo(in("pipe"), 0o640))
	l, err := net.Listen("unix", in("socket"))
	must(err)
	t.Cleanup(func() { l.Close() })
	must(os.Chtimes(in("plain"), time.Unix(1e9, 5e8), time.Unix(1e9, 999999999)))
	if os.Getuid() == 0 {
		must(os.Lchown(in("mode1"), 54321, 54322))
	}
	paths := []string{"/dev/null", "/etc/debian_version", "/proc/version", "/", "/no/such", in("plain") + "/below", in("dir") + "/", in("link") + "/", in("dirlink") + "/", in("missing"), "relative", ""}
	list, err := os.ReadDir(dir)
	must(err)
	for _, e := range list {
		paths = append(paths, in(e.Name()))
	}
	return paths
}

// hotCalls are calls of every row that has a fact, about this machine.
func hotCalls(t *testing.T) []given {
	t.Helper()
	s := func(text string) Value { return String(text) }
	var all []given
	some := thirds()
	for _, f := range tree(t) {
		pipe := strings.HasSuffix(f, "/pipe")
		aboutMode := strings.Contains(f, "/mode")
		for _, m := range []string{"mode", "owner", "group"} {
			all = append(all, g("file", s(f), m))
		}
		for _, m := range []string{"file?", "exists?", "directory?", "socket?", "pipe?", "block_device?", "character_device?", "symlink?", "size", "mtime", "link_target"} {
			if aboutMode {
				break
			}
			if m == "mtime" && strings.HasPrefix(f, "/proc/") { // of when the kernel thought of it last
				continue
			}
			all = append(all, g("file", s(f), m))
		}
		for _, m := range []string{"readable?", "writable?", "executable?"} {
			for _, by := range some(nil, s("owner"), s("group"), s("others")) {
				all = append(all, g("file", s(f), m, by, nil))
			}
		}
		for _, mode := range some(Int(644), s("0644"), s("4755"), Int(0), s("7"), s(".*"), s("")) {
			all = append(all, g("file", s(f), "mode?", mode))
		}
		for _, name := range some(s("root"), s("0"), Int(0), s("54321"), s("UNKNOWN"), s("r..t"), s("")) {
			all = append(all, g("file", s(f), "owned_by?", name), g("file", s(f), "grouped_into?", name))
		}
		if aboutMode {
			continue
		}
		for _, to := range some(s("plain"), s("dir"), s("nowhere"), s("with space"), s("/t$x"), s("")) {
			all = append(all, g("file", s(f), "linked_to?", to))
		}
		if pipe { // whoever reads a pipe waits for ever
			continue
		}
		for _, m := range []string{"content", "md5sum", "sha256sum"} {
			all = append(all, g("file", s(f), m))
		}
		for _, p := range some(s("Listen 80"), s("^Listen"), s("key *= *val.e$"), s("b$"), s("nothing"), s("two"), Regexp{`\bone\b`, ""}, s("a.b"), s("")) {
			all = append(all, g("file", s(f), "contain", p, nil, nil))
		}
	}
	for _, f := range []string{"/", "/proc", "/sys", "/dev", "/etc", "/no/such", "/p.oc", "/proc/", "", "/a b"} {
		all = append(all, g("file", s(f), "mounted?", nil, nil))
	}
	for _, p := range []Value{s("dpkg"), s("bash"), s("no-such-package"), s("libc6"), s("libc6:amd64"), s("libstdc++6"), s("lib*"), s("Bash"), s(""), s("a b"), s("x_y")} {
		all = append(all, g("package", p, "installed?", nil, nil), g("package", p, "version"),
			g("package", p, "installed?", nil, s("1.0")), g("package", p, "installed?", s("apt"), s("1:1 x")), g("package", p, "installed?", nil, s(dpkgVersionOf("bash"))))
	}
	for _, n := range []string{"ssh", "nginx", "no-such-service", "cron.service", "getty@tty1", "a b", "dbus.socket", "*", "systemd-journald", ""} {
		all = append(all, g("service", s(n), "enabled?", nil, nil), g("service", s(n), "enabled?", nil, s("systemd")), g("service", s(n), "enabled?", Int(3), nil),
			g("service", s(n), "running?", s("systemd")))
	}
	tcp4, tcp6, udp := listen(t, "tcp4", "127.0.0.1:0"), listen(t, "tcp", "[::]:0"), listen(t, "udp", "127.0.0.1:0")
	for _, p := range []Value{Int(tcp4), Int(tcp6), Int(udp), Int(1), s("0" + strconv.Itoa(int(tcp4))), s("Port"), Int(99999), s(strconv.Itoa(int(tcp6)))} {
		for _, proto := range []Value{nil, s("tcp"), s("tcp6"), s("udp"), s("udp6"), s("TCP"), s("icmp")} {
			all = append(all, g("port", p, "listening?", proto, nil))
		}
		all = append(all, g("port", p, "listening?", nil, s("127.0.0.1")), g("port", p, "listening?", s("tcp6"), s("::")), g("port", p, "listening?", nil, s("bad")))
	}
	for _, u := range []string{"root", "daemon", "nobody", "no_such", "0", "Root", "root ", "-x", "", "www-data"} {
		all = append(all, g("user", s(u), "exists?"), g("user", s(u), "uid"), g("group", s(u), "exists?"), g("group", s(u), "gid"))
		for _, x := range some(s("root"), s("oo"), s("0"), s("daemon"), s("no_such"), s("r.*t"), s("www-data"), s("nogroup"), s("")) {
			all = append(all, g("user", s(u), "belongs_to_group?", x))
		}
		for _, id := range some(Int(0), Int(1), s("0"), s("65534"), s("00"), s("x")) {
			all = append(all, g("user", s(u), "has_uid?", id), g("group", s(u), "has_gid?", id))
		}
		for _, p := range some(s("/root"), s("/"), s("/bin/bash"), s("bash"), s("/usr/sbin/nologin"), s("nologin"), s("/usr/sbin"), s("/nonexistent"), s("/ro.t"), s("sbin/"), s("oot")) {
			all = append(all, g("user", s(u), "has_home_directory?", p), g("user", s(u), "has_login_shell?", p))
		}
	}
	// Others of these names are found among the processes of tests that run beside this.
	all = append(all, g("service", s("no-such-service"), "running?", nil), g("service", s("pm-none"), "running?", nil))
	name := process(t)
	for _, p := range []string{name, "kthreadd", "no-such-process", "a-name-that-is-longer", "pm-none a b", "1", ""} {
		all = append(all, g("process", s(p), "running?"))
	}
	for _, k := range []string{"kernel.ostype", "net.ipv4.ip_default_ttl", "net.ipv4.ip_local_port_range", "no.such", "kernel", "kernel/ostype", "vm.overcommit_memory", "net.ipv4.tcp_rmem"} {
		all = append(all, g("linux_kernel_parameter", s(k), "value"))
	}
	for _, i := range []string{"lo", "eth0", "nosuch0", "a b", "../../../etc"} {
		all = append(all, g("interface", s(i), "exists?"), g("interface", s(i), "up?"), g("interface", s(i), "mtu"), g("interface", s(i), "speed"), g("bridge", s(i), "exists?"))
	}
	return all
}

// thirds returns a third of what it is given, another one each time: all pairs would
// take minutes, and what differs differs in more than one.
func thirds() func(all ...Value) []Value {
	n := 0
	return func(all ...Value) []Value {
		var some []Value
		for i, v := range all {
			if (i+n)%3 == 0 {
				some = append(some, v)
			}
		}
		n++
		return some
	}
}

func dpkgVersionOf(name string) string {
	out, _ := exec.Command("dpkg-query", "-W", "-f", "${Version}", name).Output()
	return string(out)
}

// listen opens a port for the time of the test.
func listen(t *testing.T, network, addr string) Int {
	t.Helper()
	if network == "udp" {
		c, err := net.ListenPacket(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return Int(c.LocalAddr().(*net.UDPAddr).Port)
	}
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return Int(l.Addr().(*net.TCPAddr).Port)
}

// process runs something under a name of its own, and returns the name.
func process(t *testing.T) string {
	t.Helper()
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("needs sleep")
	}
	name := "pm" + strconv.Itoa(os.Getpid())
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(sleep, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return name
}

// here is a communicator to this host, on which programs cannot be put.
type here struct {
	shell  []string // in the place of /bin/sh
	rounds int
}

func (h *here) Run(ctx context.Context, c machine.Command) (int, error) {
	h.rounds++
	args := []string{"/bin/sh", "-c", c.Line}
	if strings.HasPrefix(c.Line, "exec /bin/sh -s") {
		args = append(append([]string{}, h.shell...), "-s")
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdin, c.Stdout, c.Stderr
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	return 0, err
}

func (h *here) Put(_ context.Context, path string, mode fs.FileMode, r io.Reader) error {
	if h.shell != nil {
		return errors.New("this host takes no programs")
	}
	syscall.ForkLock.RLock() // who is forked meanwhile would hold it open, and it is to be executed
	defer syscall.ForkLock.RUnlock()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

func (h *here) Get(context.Context, string, io.Writer) error { return errors.ErrUnsupported }
func (h *here) Close() error                                 { return nil }

// asked is a spec that keeps what all calls came to.
type asked struct {
	host  Host
	calls []given
	said  []verdict
}

func (s *asked) Evaluate(_ context.Context, session *verify.Session) []verify.Result {
	h := s.host
	h.Session = session
	s.said = nil
	var all []verify.Result
	for _, c := range s.calls {
		a := h.Ask(Resource{Type: c.typ, Name: c.name, Options: c.option}, Call{Method: c.method, Args: c.args})
		s.said = append(s.said, said(a))
		r := verify.Result{Verdict: verify.Pass}
		if a.State == Open {
			r.Verdict = verify.Open
		}
		all = append(all, r)
	}
	return all
}

func (s *asked) run(t *testing.T, comm machine.Communicator) []verdict {
	t.Helper()
	session := verify.NewSession(comm, verify.Options{Probe: probetest.Build(t)})
	if _, err := session.Run(t.Context(), []verify.Spec{s}); err != nil {
		t.Fatal(err)
	}
	return s.said
}

// TestFactsAreCommands holds the verdicts of facts against those of commands, and both
// against those of a shell that has no probe.
func TestFactsAreCommands(t *testing.T) {
	if _, err := os.Stat("/var/lib/dpkg/status"); err != nil {
		t.Skip("needs a machine with dpkg")
	}
	for _, tool := range []string{"ss", "ps", "ip", "sysctl", "systemctl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("needs", tool)
		}
	}
	calls := hotCalls(t)
	if testing.Short() {
		calls = every(5, calls)
	}
	host := Host{Platform: debian12}
	commands := host
	commands.CommandsOnly = true
	want := (&asked{host: commands, calls: calls}).run(t, &here{})
	t.Run("ServerSpec", func(t *testing.T) {
		var sample []call
		for _, c := range every(8, calls) {
			sample = append(sample, c.on(debian12))
		}
		for i, theirs := range oracle(t, sample) {
			if got := every(8, want)[i]; got.Value != theirs.Value {
				t.Errorf("%v:\n got %s %q\nwant %s %q", sample[i], got.Value, got.Commands, theirs.Value, theirs.Commands)
			}
		}
	})
	ways := map[string][]string{"facts": nil, "dash": {"dash"}, "busybox": {"busybox", "sh"}}
	for name, shell := range ways {
		if shell != nil {
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Errorf("needs %s", shell[0])
				continue
			}
		}
		comm := &here{shell: shell}
		calls, want := calls, want
		if shell != nil {
			calls, want = every(7, calls), every(7, want)
		}
		begin := time.Now()
		got := (&asked{host: host, calls: calls}).run(t, comm)
		bad := 0
		for i, c := range calls {
			if got[i].Value != want[i].Value || strings.Join(got[i].Commands, "\n") != strings.Join(want[i].Commands, "\n") && !strings.Contains(c.method, "running?") {
				if bad++; bad < 30 {
					t.Errorf("%s: %s %v:\n got %s %q\nwant %s %q", name, fmt.Sprint(c.on(debian12)), c.args, got[i].Value, got[i].Commands, want[i].Value, want[i].Commands)
				}
			}
		}
		t.Logf("%s: %d of %d calls differ, %d commands, %v", name, bad, len(calls), comm.rounds, time.Since(begin))
	}
}

// every returns one of n.
func every[T any](n int, all []T) []T {
	var some []T
	for i := 0; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// TestHotRowsAskNoCommand counts the calls that a probe answers without running
// anything, so that none of them comes to need a command unseen.
func TestHotRowsAskNoCommand(t *testing.T) {
	t.Parallel()
	s := func(text string) Value { return String(text) }
	for _, c := range []given{
		g("file", s("/etc/passwd"), "file?"), g("file", s("/etc/passwd"), "mode?", Int(644)), g("file", s("/etc/passwd"), "owned_by?", s("root")),
		g("file", s("/etc/passwd"), "contain", s("root"), nil, nil), g("file", s("/etc/passwd"), "contain", s("^root:"), nil, nil), g("file", s("/etc/passwd"), "content"),
		g("file", s("/etc/passwd"), "md5sum"), g("file", s("/etc/passwd"), "readable?", s("others"), nil), g("package", s("bash"), "installed?", nil, nil),
		g("package", s("bash"), "installed?", nil, s("1")), g("package", s("bash"), "version"), g("service", s("ssh"), "running?", nil), g("service", s("ssh"), "enabled?", nil, nil),
		g("port", Int(22), "listening?", nil, nil), g("port", Int(22), "listening?", s("tcp"), nil), g("user", s("root"), "exists?"), g("user", s("root"), "belongs_to_group?", s("root")),
		g("user", s("root"), "has_home_directory?", s("/root")), g("user", s("root"), "uid"), g("group", s("root"), "exists?"), g("group", s("root"), "has_gid?", Int(0)),
		g("process", s("nginx"), "running?"), g("linux_kernel_parameter", s("net.ipv4.ip_forward"), "value"), g("interface", s("lo"), "exists?"), g("interface", s("lo"), "mtu"),
	} {
		for _, p := range []Platform{debian12, redhat9} {
			var kinds []string
			h := &Host{Platform: p, Session: verify.Answered(func(q probe.Question) probe.Answer {
				kinds = append(kinds, q.Kind)
				return probe.Answer{Error: "enough"}
			})}
			h.Ask(Resource{Type: c.typ, Name: c.name}, Call{Method: c.method, Args: c.args})
			if len(kinds) == 0 || kinds[0] == probe.KindCommand {
				t.Errorf("%v asks %v", c.on(p), kinds)
			}
		}
	}
}
