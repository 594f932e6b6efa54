package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/exectest"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/cgroup"
)

// sandbox is a place on this host in which one test builds alone: namespaces for
// mounts and network, a /run of its own, and a control group that holds all
// processes. So whatever is in it that was not there before has been left behind,
// whoever else builds on the host.
type sandbox struct {
	t      testing.TB
	hold   *exec.Cmd // keeps the namespaces
	group  cgroup.Group
	mounts []string // from the beginning
	enter  string   // a program that runs its arguments in the sandbox, with the same process id
}

// newSandbox makes a sandbox, whose files go below dir. It has a loopback link and
// no way out.
func newSandbox(t testing.TB, dir string) *sandbox {
	t.Helper()
	s := &sandbox{t: t}
	parent, err := cgroup.Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	s.group, err = parent.Child("test-" + strings.ToLower(rand.Text()[:10]))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := errors.Join(s.group.Kill(ctx), s.group.Remove()); err != nil {
			t.Errorf("remove sandbox: %v", err)
		}
	})
	// Where /dev/net/tun is not open to every user, as it is on most systems, it is
	// in here: networks of ordinary users need it.
	const script = `mount -t tmpfs -o mode=755 tmpfs /run; mkdir /run/lock
		ip link set lo up; echo 0 > /proc/sys/net/ipv4/ip_forward
		mknod "$1/tun" c 10 200; chmod 666 "$1/tun"; mkdir -p /dev/net; [ -e /dev/net/tun ] || : > /dev/net/tun
		mount --bind "$1/tun" /dev/net/tun
		echo ready; exec cat`
	s.hold = exec.Command("unshare", "--mount", "--propagation=private", "--net", "--", "sh", "-ec", script, "sh", dir)
	s.hold.Stderr = os.Stderr
	in, err := s.hold.StdinPipe() // ends with this process, however that ends
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.hold.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.hold.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		s.hold.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("make sandbox: %q, %v", line, err)
	}
	if s.mounts, err = mountPoints(fmt.Sprintf("/proc/%d/mountinfo", s.hold.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	s.enter = filepath.Join(dir, "enter")
	var join strings.Builder
	for _, f := range s.group.Procs() {
		fmt.Fprintf(&join, "echo $$ > '%s'\n", f)
	}
	pid := s.hold.Process.Pid
	text := fmt.Sprintf("#!/bin/sh\n%sexec nsenter --mount=/proc/%d/ns/mnt --net=/proc/%d/ns/net -- sh -c 'cd \"$1\" && shift && exec \"$@\"' sh \"$PWD\" \"$@\"\n", &join, pid, pid)
	if err := exectest.WriteFile(s.enter, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return s
}

// root is how the rest of the host sees the sandbox's files.
func (s *sandbox) root() string { return fmt.Sprintf("/proc/%d/root", s.hold.Process.Pid) }

// left lists everything in the sandbox that a build could have left: mounts,
// links, nftables tables, files below /run, control groups, processes.
func (s *sandbox) left() []string {
	s.t.Helper()
	proc := fmt.Sprintf("/proc/%d", s.hold.Process.Pid)
	var found []string
	must := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	mounts, err := mountPoints(proc + "/mountinfo")
	must(err)
	for _, m := range mounts {
		if !slices.Contains(s.mounts, m) {
			found = append(found, "mount "+m)
		}
	}
	run := s.root() + "/run"
	must(filepath.WalkDir(run, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "network.lock" {
			found = append(found, "file /run"+strings.TrimPrefix(path, run))
		}
		return err
	}))
	const script = `ip -o link | cut -d: -f2; nft list tables; cat /proc/sys/net/ipv4/ip_forward`
	cmd := exec.Command("nsenter", "--mount="+proc+"/ns/mnt", "--net="+proc+"/ns/net", "--", "sh", "-c", script)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("look into the sandbox: %v\n%s", err, &stderr)
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "lo" && line != "0" {
			found = append(found, "network "+line)
		}
	}
	groups, pids, err := s.processes()
	must(err)
	for _, g := range groups {
		found = append(found, "group "+g)
	}
	for _, pid := range pids {
		line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if len(line) > 0 { // no kernel thread, and not dead already
			found = append(found, fmt.Sprintf("process %d %s", pid, bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
		}
	}
	return found
}

// processes lists the groups inside the sandbox's, and the processes in all of them.
func (s *sandbox) processes() (groups []string, pids []int, err error) {
	for _, file := range s.group.Procs() {
		top := filepath.Dir(file)
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.IsDir() {
				return err
			}
			if path != top {
				groups = append(groups, path)
			}
			text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
			if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
				return nil
			}
			for _, f := range strings.Fields(string(text)) {
				if pid, err := strconv.Atoi(f); err == nil && !slices.Contains(pids, pid) {
					pids = append(pids, pid)
				}
			}
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return groups, pids, nil
}

func mountPoints(table string) (points []string, err error) {
	text, err := os.ReadFile(table)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 4 {
			points = append(points, f[4])
		}
	}
	return points, err
}
