package main

import (
	"archive/tar"
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tinyPrograms are what the tiny tree can run.
var tinyPrograms = strings.Fields(`sh cat chmod chown cp cut date dd echo env false getent grep head id ln ls
	mkdir mkfifo mv nproc printf pwd readlink rm rmdir sed seq setsid sleep sort stat sync tail tar tee test touch
	true uname wc mount dash`)

// initPrograms and initUnits are what the booting tree has beyond that.
var (
	initPrograms = strings.Fields(`usr/lib/systemd/systemd usr/lib/systemd/systemd-journald usr/lib/systemd/systemd-shutdown
	usr/bin/systemctl usr/bin/umount usr/sbin/init`)
	initUnits = strings.Fields(`basic.target sysinit.target local-fs.target local-fs-pre.target swap.target sockets.target
	timers.target paths.target slices.target multi-user.target shutdown.target umount.target reboot.target
	poweroff.target halt.target final.target systemd-reboot.service systemd-poweroff.service systemd-halt.service
	systemd-journald.service systemd-journald.socket systemd-journald-dev-log.socket rescue.target emergency.target`)
)

// tinyTree writes, once for all tests, an archive of a root file system of a few
// megabytes: a shell and small programs out of the test base. It has no init
// system and no package manager.
func tinyTree(t testing.TB) string { return small(t, tinyOnce) }

// bootTree is the same with systemd and a journal.
func bootTree(t testing.TB) string { return small(t, bootOnce) }

func small(t testing.TB, once func() (string, error)) string {
	t.Helper()
	path, err := once()
	if err != nil {
		t.Fatalf("make a small tree from %s: %v", baseArchive(), err)
	}
	return path
}

var tinyOnce = sync.OnceValues(func() (string, error) {
	tree, err := tinyFiles()
	if err != nil {
		return "", err
	}
	return tree.write("tiny.tar")
})

var bootOnce = sync.OnceValues(func() (string, error) {
	tree, err := tinyFiles()
	if err != nil {
		return "", err
	}
	names := slices.Clone(initPrograms)
	for _, u := range initUnits {
		names = append(names, "usr/lib/systemd/system/"+u)
	}
	for _, name := range names {
		if err := tree.take(name); err != nil {
			return "", err
		}
	}
	tree.link("etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target")
	return tree.write("boot.tar")
})

func tinyFiles() (*smallTree, error) {
	all, err := readTar(baseArchive())
	if err != nil {
		return nil, err
	}
	tree := &smallTree{all: all, files: map[string]tarFile{}}
	for _, p := range tinyPrograms {
		if err := tree.take("usr/bin/" + p); err != nil {
			return nil, err
		}
	}
	for _, p := range []string{"bin", "sbin", "lib", "lib64", "etc/debian_version", "usr/lib/os-release", "etc/os-release"} {
		if err := tree.take(p); err != nil {
			return nil, err
		}
	}
	for _, d := range []string{"usr/sbin", "srv", "root", "proc", "sys", "dev", "run", "var/tmp", "var/log", "var/lib", "etc"} {
		tree.dir(d, 0o755)
	}
	tree.dir("tmp", 0o1777)
	for name, text := range map[string]string{
		"etc/passwd":        "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/srv:/bin/sh\n",
		"etc/group":         "root:x:0:\nworker:x:1000:\n",
		"etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
	} {
		tree.files[name] = tarFile{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(text))}, []byte(text)}
	}
	return tree, nil
}

type tarFile struct {
	h    tar.Header
	text []byte
}

// readTar holds a whole archive in memory, by clean names.
func readTar(name string) (map[string]tarFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[string]tarFile{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		all[strings.TrimPrefix(path.Clean(h.Name), "/")] = tarFile{*h, text}
	}
}

// smallTree is a selection of a tree with all that it needs to run.
type smallTree struct {
	all, files map[string]tarFile
}

// take adds a file, what its links lead to, and the libraries it is linked with.
func (s *smallTree) take(name string) error {
	if _, ok := s.files[name]; ok {
		return nil
	}
	f, ok := s.all[name]
	if !ok {
		return fmt.Errorf("%s is not in it", name)
	}
	f.h.Name = name
	s.files[name] = f
	switch f.h.Typeflag {
	case tar.TypeSymlink:
		to := path.Join(path.Dir(name), f.h.Linkname)
		if path.IsAbs(f.h.Linkname) {
			to = strings.TrimPrefix(path.Clean(f.h.Linkname), "/")
		}
		return s.take(s.real(to))
	case tar.TypeReg:
		return s.libraries(f.text)
	}
	return nil
}

// real undoes the links of a merged /usr.
func (s *smallTree) real(name string) string {
	first, rest, _ := strings.Cut(name, "/")
	if f, ok := s.all[first]; ok && f.h.Typeflag == tar.TypeSymlink && rest != "" {
		return path.Join(f.h.Linkname, rest)
	}
	return name
}

// libraryDir are directories of libraries, systemd's own among them.
var libraryDir = regexp.MustCompile(`^usr/lib/[^/]*-linux-gnu(/systemd)?$`)

func (s *smallTree) libraries(program []byte) error {
	e, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return nil // a script
	}
	libs, err := e.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, p := range e.Progs {
		if p.Type == elf.PT_INTERP {
			loader, err := io.ReadAll(p.Open())
			if err != nil {
				return err
			}
			libs = append(libs, strings.Trim(string(loader), "\x00"))
		}
	}
	for _, lib := range libs {
		if path.IsAbs(lib) {
			if err := s.take(s.real(strings.TrimPrefix(lib, "/"))); err != nil {
				return err
			}
			continue
		}
		for name := range s.all {
			if path.Base(name) == lib && libraryDir.MatchString(path.Dir(name)) {
				if err := s.take(name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *smallTree) dir(name string, mode int64) {
	s.files[name] = tarFile{h: tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode}}
}

func (s *smallTree) link(name, to string) {
	s.files[name] = tarFile{h: tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: to, Mode: 0o777}}
}

// write writes the tree to a file that all tests share, and returns its path.
func (s *smallTree) write(name string) (string, error) {
	for name := range s.files { // parents that nobody named
		for d := path.Dir(name); d != "."; d = path.Dir(d) {
			if _, ok := s.files[d]; !ok {
				s.dir(d, 0o755)
			}
		}
	}
	var names []string
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	out := filepath.Join(shared(), name)
	if err := os.MkdirAll(shared(), 0o755); err != nil {
		return "", err
	}
	f, err := os.Create(out)
	if err != nil {
		return "", err
	}
	w := tar.NewWriter(f)
	for _, name := range names {
		x := s.files[name]
		if err := w.WriteHeader(&x.h); err != nil {
			return "", err
		}
		if _, err := w.Write(x.text); err != nil {
			return "", err
		}
	}
	return out, errors.Join(w.Close(), f.Close())
}
