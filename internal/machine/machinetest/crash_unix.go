//go:build unix

package machinetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// crashEnv holds the fate of a child process.
const crashEnv = "PROOFMARK_MACHINETEST_FATE"

// fate of a child: it kills itself at a point of its ledger.
type fate struct {
	Test  string // name of the test that calls Run
	Home  string
	Point int // 0: live to the end
}

// dying tells whether this process is such a child; then it has done its work.
func dying(t *testing.T, o Options) bool {
	text := os.Getenv(crashEnv)
	if text == "" {
		return false
	}
	var f fate
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		t.Fatal(err)
	}
	if f.Test != t.Name() {
		return true
	}
	points, err := os.Create(filepath.Join(f.Home, "points"))
	if err != nil {
		t.Fatal(err)
	}
	defer points.Close()
	b := openBench(t, o, f.Home, ledger.WithObserver(func(p ledger.Point) {
		if p.N == f.Point {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		fmt.Fprintf(points, "%s\t%s\n", p.Name, p.Tag)
	}))
	b.life(t)
	b.close(t)
	return true
}

// life makes one of everything.
func (b *bench) life(t *testing.T) {
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	work := func(m machine.Machine) {
		t.Helper()
		c := connect(t, m)
		c.sh("echo x > /srv/file; sleep 300 >/dev/null 2>&1 &")
		must(c.Close())
	}
	m, err := b.builder.Start(ctx, b.env)
	must(err)
	work(m)
	if snap, ok := b.builder.(machine.Snapshotter); ok {
		ref, next, err := snap.Snapshot(ctx, m, b.env)
		must(err)
		must(b.commit(ref))
		must(b.env.Res.Keep(ref))
		copied, err := snap.Restore(ctx, ref, b.env)
		must(err)
		work(copied)
		must(copied.Close(ctx))
		m = next
		work(m)
	}
	img, err := m.Capture(ctx, b.env)
	must(err)
	must(m.Close(ctx))
	if booter, ok := b.builder.(machine.Booter); ok {
		m, err := booter.Boot(ctx, img, b.env)
		must(err)
		work(m)
		must(m.Close(ctx))
	}
	// What a caller forgot is the scope's to destroy.
	m, err = b.builder.Start(ctx, b.env)
	must(err)
	work(m)
}

// commit stands for the cache: it owns the layer from here on.
func (b *bench) commit(ref string) error {
	f, err := os.OpenFile(filepath.Join(b.home, "cache"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, ref)
	return errors.Join(err, f.Close())
}

// settle does what comes after a death: reap, and drop what the caller owned.
func (b *bench) settle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	kinds := func(kind string, w ledger.Where) []ledger.Class {
		if kind != b.o.Kind {
			return nil
		}
		return b.builder.Resources(w)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		for range 2 {
			if err := b.ledger.Reap(ctx, kinds, nil, nil); err != nil {
				t.Errorf("reap: %v", err)
			}
		}
		// A process that was being started when its parent died has the parent's
		// lock for a moment.
		records, err := b.ledger.Records()
		if err != nil {
			t.Error(err)
		}
		locked := func(r ledger.Record) bool { return b.ledger.Alive(r.Owner) }
		if !slices.ContainsFunc(records, locked) || time.Now().After(deadline) {
			break
		}
	}
	cache := filepath.Join(b.home, "cache")
	if text, err := os.ReadFile(cache); err == nil {
		for _, ref := range slices.Backward(strings.Fields(string(text))) {
			err := b.builder.(machine.Snapshotter).Discard(ctx, ref, b.env)
			if err != nil && !errors.Is(err, machine.ErrGone) {
				t.Errorf("discard: %v", err)
			}
		}
	}
	for _, mine := range []string{cache, filepath.Join(b.home, "points"), b.env.Output} {
		if err := os.RemoveAll(mine); err != nil {
			t.Error(err)
		}
	}
}

// testCrash: wherever a process dies, the next one finds and destroys what it left.
func testCrash(t *testing.T, o Options) {
	home, tmp := t.TempDir(), t.TempDir()
	if lived := spawn(t, tmp, fate{Test: parent(t), Home: home}); !lived {
		t.Fatal("the child died by itself")
	}
	points, tags := readPoints(t, home)
	after := func(t *testing.T, home string) {
		b := openBench(t, o, home)
		b.settle(t)
		b.close(t)
	}
	after(t, home)
	compare(t, "leftovers on the host", nil, o.Leftovers(t, home, tags))
	files := tree(t, home)

	more, early := len(points), max(1, len(points))
	switch {
	case o.Slow: // the later machines of a life are as the first ones
		more, early = 0, max(1, len(points)/2)
	case testing.Short():
		more = 0
	case o.Sample:
		more = 8
	}
	for _, i := range choosePoints(t, points, more, early) {
		ok := t.Run(fmt.Sprintf("%03d %s", i+1, points[i]), func(t *testing.T) {
			home, files := home, files
			if o.Slow {
				t.Parallel()
				home = t.TempDir()
			}
			spawn(t, tmp, fate{Test: parent(t), Home: home, Point: i + 1})
			_, tags := readPoints(t, home)
			after(t, home)
			if left := ledgerFiles(t, home); len(left) > 0 {
				t.Errorf("the ledger still holds %v", left)
			}
			there := tree(t, home)
			if o.Slow { // what a whole life leaves, a part of one may leave
				files = slices.DeleteFunc(slices.Clone(files), func(f string) bool { return !slices.Contains(there, f) })
			}
			compare(t, "leftovers in home", files, there)
			compare(t, "leftovers on the host", nil, o.Leftovers(t, home, tags))
		})
		if !ok { // what is left now is not the next one's fault
			files = tree(t, home)
		}
	}
}

// readPoints returns the names of the points that a child came by, and the tags of
// what it made on the way.
func readPoints(t *testing.T, home string) (names, tags []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(home, "points"))
	if err != nil {
		t.Fatal(err)
	}
	var seen Tags
	for line := range strings.Lines(string(text)) {
		name, tag, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		names = append(names, name)
		seen.add(tag)
	}
	return names, seen.List()
}

// parent is the name of the test that called Run.
func parent(t *testing.T) string {
	name, _, _ := strings.Cut(t.Name(), "/NoLeakOnCrash")
	return name
}

// spawn runs the calling test in a child process, and returns whether it lived.
func spawn(t *testing.T, tmp string, f fate) bool {
	t.Helper()
	text, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var pattern []string
	for part := range strings.SplitSeq(f.Test, "/") {
		pattern = append(pattern, "^"+regexp.QuoteMeta(part)+"$")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run="+strings.Join(pattern, "/"), "-test.count=1")
	cmd.Env = append(os.Environ(), crashEnv+"="+string(text), "TMPDIR="+tmp)
	cmd.WaitDelay = 5 * time.Second // what outlives the child may hold on to its output
	out, err := cmd.CombinedOutput()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if cmd.ProcessState == nil {
		t.Fatalf("start the child: %v", err)
	}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() && ws.Signal() == syscall.SIGKILL && ctx.Err() == nil {
		return false
	}
	if err != nil || !cmd.ProcessState.Success() {
		t.Fatalf("child: %v\n%s", err, out)
	}
	return true
}
