package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestDist makes a release twice, in two places, looks into it, installs the
// package in a clean Debian and builds there with what it installed.
func TestDist(t *testing.T) {
	t.Parallel()
	needMachines(t)
	for _, p := range []string{"dpkg-deb", "go", "sha256sum", "unshare", "chroot"} {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("makes a release: needs %s (make need-test)", p)
		}
	}
	const version = "v1.2.0-rc1"
	first, second := t.TempDir(), t.TempDir()
	here, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "deeper", "proofmark")
	copySources(t, here)
	if err := os.CopyFS(elsewhere, os.DirFS(here)); err != nil {
		t.Fatal(err)
	}
	makeDist(t, here, first, version)
	makeDist(t, elsewhere, second, version)
	files := distFiles(t, first)

	t.Run("same bytes", func(t *testing.T) {
		for name, text := range files {
			other, err := os.ReadFile(filepath.Join(second, name))
			if err != nil || !bytes.Equal(text, other) {
				t.Errorf("%s differs between two places: %v", name, err)
			}
		}
		cmd := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
		cmd.Dir = first
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	name := fmt.Sprintf("proofmark-%s-linux-%s", version, runtime.GOARCH)
	t.Run("tarball", func(t *testing.T) {
		checkTarball(t, files[name+".tar.gz"], name)
	})
	deb := filepath.Join(first, fmt.Sprintf("proofmark_1.2.0~rc1_%s.deb", runtime.GOARCH))
	t.Run("package", func(t *testing.T) {
		checkPackage(t, deb)
	})
	t.Run("installed", func(t *testing.T) {
		installAndBuild(t, deb, version)
	})
}

func makeDist(t *testing.T, tree, out, version string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(tree, "scripts", "dist.sh"))
	cmd.Env = append(os.Environ(), "DIST="+out, "VERSION="+version, "SOURCE_DATE_EPOCH=1700000000", "LEVEL=1")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("dist.sh: %v\n%s", err, said)
	}
}

// copySources copies what a release is made of, but for what is made from it.
func copySources(t *testing.T, to string) {
	t.Helper()
	for _, name := range []string{"cmd", "docs", "examples", "internal", "scripts"} {
		if err := os.CopyFS(filepath.Join(to, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "README.md", "CHANGELOG.md", "LICENSE"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	probes, err := filepath.Glob(filepath.Join(to, "internal/verify/probebin/bin/*.gz"))
	if err != nil || len(probes) == 0 {
		t.Fatal(probes, err)
	}
	for _, p := range probes {
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
}

func distFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) != 3 {
		t.Fatalf("there are %d files: %v", len(files), entries)
	}
	return files
}

// checkTarball: one directory, owned by nobody in particular, with a program that
// needs no library.
func checkTarball(t *testing.T, archive []byte, dir string) {
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, inside := strings.CutPrefix(h.Name, dir+"/")
		if !inside || h.Uid != 0 || h.Gid != 0 || h.Mode&0o022 != 0 || h.ModTime.Unix() != 1700000000 {
			t.Errorf("%s: owner %d:%d, mode %o, %s", h.Name, h.Uid, h.Gid, h.Mode, h.ModTime)
		}
		names = append(names, name)
		if name != "proofmark" {
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		program, err := elf.NewFile(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if libraries, _ := program.ImportedLibraries(); len(libraries) > 0 || program.Section(".interp") != nil {
			t.Errorf("the program is not static: %v", libraries)
		}
		if h.Mode != 0o755 {
			t.Errorf("the program has mode %o", h.Mode)
		}
	}
	for _, want := range []string{"proofmark", "LICENSE", "NOTICES", "README.md", "CHANGELOG.md", "completions/proofmark.bash", "man/proofmark-build.1", "docs/architecture.md", "examples/web/web.pkr.hcl"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in it: %q", want, names)
		}
	}
}

// checkPackage holds the package against a few of Debian's rules.
func checkPackage(t *testing.T, deb string) {
	fields, err := exec.Command("dpkg-deb", "--field", deb).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, fields)
	}
	for _, want := range []string{
		`Package: proofmark`, `Version: 1\.2\.0~rc1`, `Architecture: ` + runtime.GOARCH, `Maintainer: .+ <.+@.+>`, `Installed-Size: \d{4,}`,
		`Recommends: mmdebstrap, nftables, systemd-container`, `Description: [a-z].{10,60}\n .+`,
	} {
		if !regexp.MustCompile(`(?m)^` + want + `$`).Match(fields) {
			t.Errorf("no %s in\n%s", want, fields)
		}
	}
	list, err := exec.Command("dpkg-deb", "--contents", deb).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, list)
	}
	var names []string
	for line := range strings.Lines(string(list)) {
		f := strings.Fields(line)
		if f[1] != "root/root" || f[0][5] == 'w' || f[0][8] == 'w' {
			t.Errorf("owner or mode: %s", line)
		}
		if strings.HasPrefix(f[0], "-") {
			names = append(names, f[5])
		}
		if !strings.HasPrefix(f[5], "./usr/") && f[5] != "./" {
			t.Errorf("a place that is not the package's: %s", line)
		}
	}
	for _, want := range []string{
		"./usr/bin/proofmark", "./usr/share/bash-completion/completions/proofmark", "./usr/share/man/man1/proofmark.1.gz", "./usr/share/doc/proofmark/changelog.gz",
		"./usr/share/doc/proofmark/copyright", "./usr/share/doc/proofmark/NOTICES.gz", "./usr/share/doc/proofmark/examples/web/web.pkr.hcl",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not in it: %q", want, names)
		}
	}
}

// installAndBuild does in a clean Debian what a user does there.
func installAndBuild(t *testing.T, deb, version string) {
	root := filepath.Join(t.TempDir(), "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("tar", "-C", root, "--exclude=./dev/*", "-xf", baseArchive()).CombinedOutput(); err != nil {
		t.Fatalf("unpack the base: %v\n%s", err, out)
	}
	place(t, deb, filepath.Join(root, "root", filepath.Base(deb)))
	place(t, baseArchive(), filepath.Join(root, "root", "base.tar"))
	if err := os.WriteFile(filepath.Join(root, "root", "hello.pkr.hcl"), []byte(helloTemplate), 0o644); err != nil {
		t.Fatal(err)
	}
	mount := `mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" && { cat /etc/resolv.conf > "$1/etc/resolv.conf" || true; }`

	// Packages come through the host's network.
	install := exec.Command("unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "sh", "-c",
		mount+` && exec chroot "$1" sh -c "$2"`, "sh", root,
		`cd /root && apt-get update -q && apt-get install -qy --no-install-recommends ./proofmark_*.deb mmdebstrap nftables systemd-container`)
	install.Env = chrootEnv()
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("install: %v\n%s", err, out)
	}

	// The build runs where nobody else builds, so that what it leaves is seen.
	s := newSandbox(t, t.TempDir())
	if out, err := exec.Command(s.enter, "sh", "-c", mount, "sh", root).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v\n%s", err, out)
	}
	var err error
	if s.mounts, err = mountPoints(fmt.Sprintf("/proc/%d/mountinfo", s.hold.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	before := treeOf(t, root)
	inside := func(script string) *exec.Cmd {
		cmd := exec.Command(s.enter, "chroot", root, "sh", "-c", "cd /root && "+script)
		cmd.Env = chrootEnv()
		return cmd
	}
	run := func(want, script string) {
		t.Helper()
		out, err := inside(script).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Fatalf("%s: %v, want %q\n%s", script, err, want, out)
		}
	}
	run(version, "proofmark version")
	run("rootfs", "proofmark doctor")
	run("valid", "proofmark validate /usr/share/doc/proofmark/examples/web")
	run("complete -", "cat /usr/share/bash-completion/completions/proofmark && bash -n /usr/share/bash-completion/completions/proofmark")
	run("built, proven", "proofmark build hello.pkr.hcl")
	run("nothing changed", "proofmark build hello.pkr.hcl")
	run("proven", "proofmark images list")
	run("hello", `proofmark shell hello.pkr.hcl --at shell -c 'cat /etc/hello'`)
	run("nothing to remove", "proofmark gc")
	stray, err := strays(root, "/root/.local/share/proofmark", func(args ...string) ([]byte, error) {
		return inside("proofmark " + strings.Join(args, " ")).Output()
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, thing := range append(s.left(), stray...) {
		t.Errorf("left behind: %s", thing)
	}
	for _, path := range treeOf(t, root) {
		if !slices.Contains(before, path) && path != "/run/proofmark/network.lock" {
			t.Errorf("left behind: %s", path)
		}
	}
}

// helloTemplate uses a base archive, a step, an inline check, and both gates.
const helloTemplate = `
source "rootfs" "hello" {
  archive        = "/root/base.tar"
  start_services = true
}

build {
  sources = ["source.rootfs.hello"]

  provisioner "shell" {
    inline = ["echo hello > /etc/hello"]
  }

  verify "inline" {
    file "/etc/hello" { contains = "hello" }
    service "dbus"    { running = true }
  }
}
`

func chrootEnv() []string {
	env := []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); strings.HasSuffix(strings.ToLower(name), "_proxy") {
			env = append(env, kv)
		}
	}
	return env
}

// place copies a file, without copying its bytes where the file system can.
func place(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "--reflink=auto", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// treeOf lists the files below root but for Proofmark's own state and what is not
// on its disk.
func treeOf(t *testing.T, root string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path, root)
		if slices.Contains([]string{"/dev", "/proc", "/sys", "/root/.local"}, name) {
			return fs.SkipDir
		}
		if !d.IsDir() {
			paths = append(paths, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
