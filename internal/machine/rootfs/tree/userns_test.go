package tree

import (
	"archive/tar"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// In a user namespace owners are kept, and the device nodes that cannot be made
// are no error. The test runs itself in one.
func TestUnpackInUserNamespace(t *testing.T) {
	t.Parallel()
	archive := func() []byte {
		owned, high := file("etc/x", "1"), file("etc/capable", "2")
		return tarball(t, directory("dev"), device(tar.TypeChar, "dev/null", 1, 3), device(tar.TypeBlock, "dev/loop0", 7, 0),
			device(tar.TypeChar, "var/spool/postfix/dev/null", 1, 3), owned,
			high.with(paxXattr+"security.capability", string([]byte{1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})))
	}
	if dir := os.Getenv("TREE_TEST_USERNS"); dir != "" {
		_, err := Unpack(t.Context(), bytes.NewReader(archive()), dir, UnpackOptions{AllDevices: true})
		must(t, err)
		if l := listing(t, dir); !strings.Contains(l, `"security.capability"=`) || strings.Contains(l, "loop0") {
			t.Errorf("listing:\n%s", l)
		}
		// A node elsewhere is not silently missing.
		if _, err := unpackInto(t, tarball(t, device(tar.TypeBlock, "srv/disk", 7, 0)), UnpackOptions{AllDevices: true}); err == nil || !strings.Contains(err.Error(), "user namespace") {
			t.Errorf("node elsewhere: got %v", err)
		}
		return
	}
	needRoot(t)
	temp := t.TempDir()
	dir := filepath.Join(temp, "tree")
	must(t, os.Mkdir(dir, 0o755))
	must(t, os.Chown(dir, 100000, 100000))
	tmp := t.TempDir()
	must(t, os.Chown(tmp, 100000, 100000))
	for _, d := range []string{temp, filepath.Dir(temp)} {
		must(t, os.Chmod(d, 0o755))
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestUnpackInUserNamespace$")
	cmd.Env = append(os.Environ(), "TREE_TEST_USERNS="+dir, "TMPDIR="+tmp)
	ids := []syscall.SysProcIDMap{{ContainerID: 0, HostID: 100000, Size: 65536}}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, UidMappings: ids, GidMappings: ids,
		Credential: &syscall.Credential{}}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var st unix.Stat_t
	must(t, unix.Lstat(filepath.Join(dir, "etc/x"), &st))
	if st.Uid != 100000 {
		t.Errorf("owned by %d", st.Uid)
	}
}
