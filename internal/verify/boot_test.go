package verify

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/probe/probetest"
)

// planted are units whose states the sanity set must tell apart. All but one are
// enabled for multi-user.target.
var planted = map[string]string{
	"t-runs.service":     "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-done.service":     "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"t-once.service":     "[Service]\nType=oneshot\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"t-stays.service":    "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
	"t-unmet.service":    "[Unit]\nConditionPathExists=/nowhere\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-exec.service":     "[Service]\nExecCondition=/bin/false\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-rescue.service":   "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=rescue.target\n",
	"t-off.service":      "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-tick.timer":       "[Timer]\nOnBootSec=1d\nUnit=t-off.service\n[Install]\nWantedBy=multi-user.target\n",
	"t-crash.service":    "[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=1h\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n",
	"t-fail.service":     "[Service]\nExecStart=/bin/false\n[Install]\nWantedBy=multi-user.target\n",
	"t-needs.service":    "[Unit]\nRequires=t-broken.service\nAfter=t-broken.service\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-broken.service":   "[Service]\nType=oneshot\nExecStart=/bin/false\n",
	"t-assert.service":   "[Unit]\nAssertPathExists=/nowhere\n[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n",
	"t-nonsense.service": "[Service]\nType=oneshot\n[Install]\nWantedBy=multi-user.target\n",
	"t-slow.service":     "[Service]\nType=oneshot\nExecStart=/bin/sleep infinity\n", // started by the test
}

// boot starts a Debian tree with the planted units under systemd-nspawn and
// returns a communicator into it.
func boot(t *testing.T) *local {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
	if _, err := exec.LookPath("systemd-nspawn"); err != nil {
		t.Skip("needs systemd-nspawn (package systemd-container)")
	}
	base := probetest.Tree(t)
	dir := t.TempDir()
	tree := filepath.Join(dir, "tree")
	for _, d := range []string{"upper", "work", "tree"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount("overlay", tree, "overlay", 0, "lowerdir="+base+",upperdir="+dir+"/upper,workdir="+dir+"/work"); err != nil {
		t.Skipf("needs overlayfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(tree, 0); err != nil {
			t.Error(err)
		}
	})
	plant(t, filepath.Join(tree, "etc/systemd/system"))
	return start(t, tree)
}

func plant(t *testing.T, units string) {
	t.Helper()
	for name, text := range planted {
		if err := os.WriteFile(filepath.Join(units, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		target, _, found := strings.Cut(text[max(0, strings.Index(text, "WantedBy=")):], "\n")
		if !found || !strings.HasPrefix(target, "WantedBy=") || name == "t-off.service" {
			continue
		}
		wants := filepath.Join(units, strings.TrimPrefix(target, "WantedBy=")+".wants")
		if err := os.MkdirAll(wants, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("../"+name, filepath.Join(wants, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// start boots a tree in a cgroup of its own and waits until systemd has nothing
// left to do.
func start(t *testing.T, tree string) *local {
	t.Helper()
	group := "proofmark-verify-test-" + strconv.Itoa(os.Getpid())
	enter := `for c in /sys/fs/cgroup /sys/fs/cgroup/*/; do
  [ -e "$c/cgroup.procs" ] && mkdir -p "$c/` + group + `" 2>/dev/null && echo $$ > "$c/` + group + `/cgroup.procs" 2>/dev/null
done; exec systemd-nspawn --boot --quiet --register=no --keep-unit --console=pipe --resolv-conf=off --private-network -D "$0" \
  systemd.mask=systemd-networkd-wait-online.service systemd.mask=systemd-remount-fs.service`
	nspawn := exec.Command("sh", "-c", enter, tree)
	if err := nspawn.Start(); err != nil {
		t.Fatal(err)
	}
	var leader int
	t.Cleanup(func() {
		if leader > 0 { // the death of process 1 ends all others
			_ = syscall.Kill(leader, syscall.SIGKILL)
		}
		_ = nspawn.Wait()
		_ = exec.Command("sh", "-c", "sleep 0.2; find /sys/fs/cgroup -depth -type d -path '*/"+group+"*' -exec rmdir {} +").Run()
	})
	c := &local{}
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) {
		if leader == 0 {
			leader = childOf(nspawn.Process.Pid)
		}
		if leader > 0 {
			c.wrap = []string{"nsenter", "-t", strconv.Itoa(leader), "-m", "-p", "-u", "-i", "-n", "-r", "-w"}
			out, _ := exec.Command(c.wrap[0], append(c.wrap[1:], "systemctl", "is-system-running")...).Output()
			if state := strings.TrimSpace(string(out)); state == "running" || state == "degraded" {
				return c
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the machine does not come up")
	return nil
}

func childOf(pid int) int {
	p := strconv.Itoa(pid)
	text, _ := os.ReadFile("/proc/" + p + "/task/" + p + "/children")
	child, _, _ := strings.Cut(string(text), " ")
	n, _ := strconv.Atoi(child)
	if comm, _ := os.ReadFile("/proc/" + child + "/comm"); string(comm) != "systemd\n" {
		return 0
	}
	return n
}

// TestSanityOfBootedDebian holds the sanity set against a real systemd: Debian's
// own units give no false alarm, and each planted trouble is told.
func TestSanityOfBootedDebian(t *testing.T) {
	c := boot(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	in := func(args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(ctx, c.wrap[0], append(c.wrap[1:], args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	in("sh", "-c", "systemctl start --no-block t-slow && until systemctl list-jobs | grep -q 't-slow.* running'; do sleep 0.1; done")
	s := NewSession(c, Options{Probe: probetest.Build(t)})
	services := []string{"t-runs", "t-done", "t-stays", "t-off", "t-crash", "t-gone", "t-tick.timer", "dbus-org.freedesktop.login1", "getty@tty1", "t-*"}
	states := map[string]string{}
	got, err := s.Run(ctx, []Spec{Sanity(true, SanityOptions{}), spec{func(s *Session) Result {
		for _, name := range services {
			f, known, err := Fact[probe.Service](s, probe.Question{Kind: probe.KindService, Name: name})
			if !known {
				states[name] = "open"
				continue
			}
			if err != nil {
				t.Error(err)
			}
			states[name] = f.UnitFile + " " + f.State
			if f.Running != strings.HasPrefix(f.State, "active/") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if states["t-runs"] == "open" {
			return Result{Verdict: Open}
		}
		return Result{Verdict: Pass}
	}}})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, r := range got[:len(got)-1] {
		found[r.Description] = string(r.Verdict) + ": " + r.Found
	}
	want := map[string]string{
		"has booted":                   "pass: ", // degraded, which the next line is about
		"has no failed unit":           "fail: t-broken.service, t-fail.service",
		"runs every enabled service":   "fail: t-assert.service (inactive/dead), t-crash.service (activating/auto-restart), t-needs.service (inactive/dead), t-nonsense.service (bad-setting)",
		"has no job left in the queue": "fail: t-slow.service start running",
		"are all whole":                "pass: ",
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("sanity: (-want +got)\n%s", diff)
	}
	wantStates := map[string]string{
		"t-runs": "enabled active/running", "t-done": "enabled inactive/dead", "t-stays": "enabled active/exited",
		"t-off": "disabled inactive/dead", "t-crash": "enabled activating/auto-restart", "t-gone": " inactive/dead",
		"t-tick.timer": "enabled active/waiting", "dbus-org.freedesktop.login1": "alias active/running",
		"getty@tty1": "enabled inactive/dead", "t-*": " ",
	}
	if diff := cmp.Diff(wantStates, states); diff != "" {
		t.Errorf("services: (-want +got)\n%s", diff)
	}

	// With the trouble gone the same machine is sane.
	in("systemctl", "stop", "t-slow.service")
	in("systemctl", "disable", "--quiet", "t-fail.service", "t-crash.service", "t-needs.service", "t-assert.service", "t-nonsense.service")
	in("systemctl", "reset-failed")
	got, err = s.Run(ctx, []Spec{Sanity(true, SanityOptions{})})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range got {
		if r.Verdict != Pass {
			t.Errorf("got %+v", r)
		}
	}
	inv, err := s.Inventory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if inv.Services["t-runs.service"] != "active" || inv.Services["t-off.service"] != "" || len(inv.Packages) < 50 {
		t.Errorf("services %v, %d packages", inv.Services, len(inv.Packages))
	}
	for _, path := range c.paths {
		if out, err := exec.CommandContext(ctx, c.wrap[0], append(c.wrap[1:], "ls", path)...).CombinedOutput(); err == nil {
			t.Errorf("left in the machine: %s", out)
		}
	}
}
