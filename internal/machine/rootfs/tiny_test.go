package rootfs

import (
	"archive/tar"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commands of the tiny tree, taken from the host.
var commands = strings.Fields(`sh cat chmod chown cp date dd echo env find grep head hostname id ln ls
	mkdir mknod mv nproc printf ps pwd readlink rm rmdir sed seq sleep sort stat sync tail test touch
	true false tty uname wc chroot kill mount ip getent stty df setsid`)

// tiny writes an archive of a root file system with a shell and small commands,
// a few megabytes in all. extra files are added by name and text.
func tiny(t testing.TB, extra map[string]string) string {
	t.Helper()
	files := map[string]string{} // in the tree → on the host
	libs := regexp.MustCompile(`(/\S+) \(0x`)
	for _, c := range commands {
		path, err := exec.LookPath(c)
		if err != nil {
			continue
		}
		files["usr/bin/"+c] = path
		out, err := exec.Command("ldd", path).Output()
		if err != nil {
			continue // a script, or static
		}
		for _, m := range libs.FindAllStringSubmatch(string(out), -1) {
			files[strings.TrimPrefix(m[1], "/")] = m[1]
		}
	}
	for _, nss := range []string{"libnss_files.so.2", "libnss_dns.so.2"} {
		if found, _ := filepath.Glob("/lib/*-linux-gnu/" + nss); len(found) > 0 {
			files[strings.TrimPrefix(found[0], "/")] = found[0]
		}
	}
	out := filepath.Join(t.TempDir(), "tiny.tar")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	add := func(h tar.Header, text io.Reader) {
		t.Helper()
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if text != nil {
			if _, err := io.Copy(w, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, d := range []string{"./", "usr", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "srv", "root", "proc", "sys", "dev", "run", "var", "var/tmp"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: d, Mode: 0o755}, nil)
	}
	add(tar.Header{Typeflag: tar.TypeDir, Name: "tmp", Mode: 0o1777}, nil)
	for _, l := range []string{"bin", "sbin", "lib", "lib64"} {
		add(tar.Header{Typeflag: tar.TypeSymlink, Name: l, Linkname: "usr/" + l, Mode: 0o777}, nil)
	}
	texts := map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/srv:/bin/sh\n",
		"etc/group":  "root:x:0:\nworker:x:1000:\nextra:x:1001:worker\n", "etc/os-release": "ID=tiny\n",
		"etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
	}
	for name, text := range extra {
		texts[name] = text
	}
	for name, text := range texts {
		add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))}, strings.NewReader(text))
	}
	for name, host := range files {
		if strings.HasPrefix(name, "lib") {
			name = "usr/" + name
		}
		src, err := os.Open(host)
		if err != nil {
			t.Fatal(err)
		}
		fi, err := src.Stat()
		if err != nil {
			t.Fatal(err)
		}
		add(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: fi.Size()}, src)
		src.Close()
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// needMachines skips where machines cannot run, and with -short: starting them
// takes its time.
func needMachines(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs machines: left out by -short")
	}
	if err := require(false); err != nil {
		t.Skip(err)
	}
}
