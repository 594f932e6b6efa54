package cgroup

import (
	"context"
	"crypto/rand"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Mount tables of the three layouts that systemd knows.
const (
	unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
	hybrid  = `30 23 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755
31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
`
	legacy    = "33 30 0:29 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n34 30 0:30 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n"
	container = "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw\n"
)

func TestDirectories(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, mounts, proc string
		want               []string
	}{
		{"unified", unified, "0::/user.slice/session-1.scope\n", []string{"/sys/fs/cgroup/user.slice/session-1.scope"}},
		{"unified root", unified, "0::/\n", []string{"/sys/fs/cgroup"}},
		{"hybrid", hybrid, "4:cpu,cpuacct:/x\n1:name=systemd:/a\n0::/b\n", []string{"/sys/fs/cgroup/unified/b", "/sys/fs/cgroup/systemd/a"}},
		{"legacy", legacy, "5:freezer:/f\n4:pids:/p\n", []string{"/sys/fs/cgroup/pids/p"}},
		{"container", container, "0::/docker/abc/inner\n", []string{"/sys/fs/cgroup/inner"}},
		{"container of another", container, "0::/elsewhere\n", []string{"/sys/fs/cgroup"}},
		{"a path with a colon", unified, "0::/a:b\n", []string{"/sys/fs/cgroup/a:b"}},
		{"none", "1 2 3:4 / /tmp rw - tmpfs tmpfs rw\n", "0::/\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			all, err := parseMounts(strings.NewReader(tt.mounts))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range choose(all) {
				if dir, ok := h.dir(tt.proc); ok {
					got = append(got, dir)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("directories = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGroup(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	name := "pm" + strings.ToLower(rand.Text()[:10]) // no other test's
	g, err := Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(name); err == nil {
		t.Error("a group was made twice")
	}
	found, err := Find(name)
	if err != nil || len(found) != 1 || found[0].String() != g.String() {
		t.Fatalf("found %v, %v, want %v", found, err, g)
	}
	child, err := g.Child("run1")
	if err != nil {
		t.Fatal(err)
	}
	// It forks faster than anyone can list.
	cmd := exec.Command("sh", "-c", `for p; do echo $$ > $p; done; (while :; do sleep 0.01 & done) & sleep 100`, "sh")
	cmd.Args = append(cmd.Args, child.Procs()...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		if empty, err := g.Empty(); err != nil {
			t.Fatal(err)
		} else if !empty {
			break
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	g = Parse(g.String())
	if err := g.Kill(ctx); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the process ended by itself")
	}
	if empty, err := g.Empty(); !empty || err != nil {
		t.Errorf("empty = %v, %v", empty, err)
	}
	for range 2 {
		if err := g.Kill(ctx); err != nil {
			t.Error(err)
		}
		if err := g.Remove(); err != nil {
			t.Error(err)
		}
	}
	if found, err := Find(name); err != nil || len(found) > 0 {
		t.Errorf("found %v, %v after Remove", found, err)
	}
}

func FuzzParseMounts(f *testing.F) {
	for _, s := range []string{unified, hybrid, legacy, container} {
		f.Add(s, "0::/\n1:name=systemd:/a\n")
	}
	f.Fuzz(func(t *testing.T, mounts, proc string) {
		all, err := parseMounts(strings.NewReader(mounts))
		if err != nil {
			return
		}
		for _, h := range choose(all) {
			h.dir(proc)
		}
	})
}

// Where a group can be made, Writable says so.
func TestWritable(t *testing.T) {
	t.Parallel()
	g, err := Create("pm" + strings.ToLower(rand.Text()[:10]))
	if err == nil {
		err = g.Remove()
	}
	if can := Writable(); (can == nil) != (err == nil) {
		t.Errorf("making a group: %v; but Writable says %v", err, can)
	}
}
