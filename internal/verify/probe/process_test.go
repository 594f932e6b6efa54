package probe

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/proofmark-build/proofmark/internal/exectest"
)

func TestParseStat(t *testing.T) {
	t.Parallel()
	p, state, ok := parseStat([]byte("17 (a) (b c) S 3 17 17 0 -1\n"))
	if !ok || p.comm != "a) (b c" || p.parent != 3 || state != 'S' {
		t.Errorf("got %+v %c %v", p, state, ok)
	}
	for _, bad := range []string{"", "1 (x", "1 (x)", "1 )x( S 1", "1 (x) SS 1"} {
		if _, _, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	// Longer than the 15 bytes that the kernel keeps: found by its first argument.
	program := filepath.Join(t.TempDir(), "pm-process-with-long-name")
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	err = exectest.WriteFile(program, data, 0o700)
	run := exec.Command(program, "60")
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pm-process-with-long-name", "pm-process-with"} {
		if p := one[Process](t, "/", Question{Kind: KindProcess, Name: name}); !p.Running || !slices.Contains(p.PIDs, run.Process.Pid) || len(p.Comm) > 0 {
			t.Errorf("%s: got %+v", name, p) // what the prober's own process runs is not listed by name
		}
	}
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait()
	if p := one[Process](t, "/", Question{Kind: KindProcess, Name: "pm-process-with-long-name"}); p.Running {
		t.Errorf("got %+v after its end", p)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("17 (a) (b c) S 3 17"))
	f.Fuzz(func(t *testing.T, stat []byte) { parseStat(stat) })
}

func TestDescendants(t *testing.T) {
	t.Parallel()
	list := []process{{pid: 1}, {pid: 5, parent: 9}, {pid: 7, parent: 1}, {pid: 9, parent: 7}, {pid: 10, parent: 1}}
	if got := descendants(list, 7); len(got) != 3 || !got[7] || !got[9] || !got[5] {
		t.Errorf("%v", got)
	}
}
