package rootfs

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

// asUserEnv is set in a test process that an ordinary user runs.
const asUserEnv = "PROOFMARK_TEST_AS_USER"

func TestMain(m *testing.M) {
	if os.Getenv(asUserEnv) != "" {
		if err := EnterUserNamespace(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// asUser runs a test of this binary as an ordinary user.
func asUser(t *testing.T, name string, env ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs machines: left out by -short")
	}
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	ranges, err := os.ReadFile("/etc/subuid")
	user, _, ok := strings.Cut(string(ranges), ":")
	if err != nil || !ok {
		t.Skip("needs a user with subordinate ids: adduser one, with package uidmap installed")
	}
	for _, n := range Needs() {
		if n.For == machines(true) && n.Missing() {
			t.Skipf("needs %s: apt-get install %s", n.Program, n.Package)
		}
	}
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "test")
	if err := copyFile(os.Args[0], binary); err != nil {
		t.Fatal(err)
	}
	// Where the device is not open to every user, as it is on most systems, it is
	// for this test, in a mount namespace of its own.
	script := `mknod "$1/tun" c 10 200; chmod 666 "$1/tun"; mkdir -p /dev/net; [ -e /dev/net/tun ] || : > /dev/net/tun
		mount --bind "$1/tun" /dev/net/tun; cd "$1"; exec setpriv --reuid "$2" --regid "$2" --init-groups "$1/test" -test.v -test.timeout=8m -test.run "^$3\$"`
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "/bin/sh", "-ec", script, "sh", dir, user, name)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, asUserEnv + "=1"}, env...)
	for _, name := range []string{"PROOFMARK_SOAK", "PROOFMARK_SEED"} {
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("--- SKIP")) || !bytes.Contains(out, []byte("--- PASS: "+name)) {
		t.Errorf("%s as %s: %v\n%s", name, user, err, out)
	}
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(dst, src); err != nil {
		return err
	}
	return dst.Close()
}

func TestRootlessConformance(t *testing.T) {
	if os.Getenv(asUserEnv) == "" {
		asUser(t, "TestRootlessConformance")
		return
	}
	archives := [2]string{tiny(t, nil), tiny(t, map[string]string{"etc/variant": "1"})}
	machinetest.Run(t, machinetest.Options{
		Kind: KindName,
		User: "worker",
		New: func(t testing.TB, home string, variant int) machine.Builder {
			b, err := New(Config{Archive: archives[variant]}, Deps{State: filepath.Join(home, "state")})
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		Leftovers: machinetest.Host,
		Sample:    true,
	})
}
