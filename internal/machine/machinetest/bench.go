package machinetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// patience bounds what must happen but has no time of its own.
const patience = 5 * time.Minute

// bench is a home with a ledger and a builder in it.
type bench struct {
	o       Options
	home    string
	ledger  *ledger.Ledger
	builder machine.Builder
	env     machine.Env
}

// newBench opens a bench that is checked for leftovers when the test ends.
func newBench(t *testing.T, o Options) *bench {
	t.Helper()
	home, tags := t.TempDir(), new(Tags)
	b := openBench(t, o, home, tags.Watch())
	t.Cleanup(func() {
		b.close(t)
		if left := ledgerFiles(t, home); len(left) > 0 {
			t.Errorf("the ledger still holds %v", left)
		}
		compare(t, "leftovers on the host", nil, o.Leftovers(t, home, tags.List()))
	})
	return b
}

func openBench(t testing.TB, o Options, home string, opts ...ledger.Option) *bench {
	t.Helper()
	l, err := ledger.Open(filepath.Join(home, "ledger"), opts...)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{o: o, home: home, ledger: l, builder: o.New(t, home, 0)}
	b.env = machine.Env{
		Res: l.Scope("run-1", o.Kind, o.Where), Out: quiet{}, Run: "run-1", Build: o.Kind + ".suite",
		Output: filepath.Join(home, "output"), Now: time.Now(),
	}
	b.env.Files = &output.Files{Scope: b.env.Res}
	if err := os.MkdirAll(b.env.Output, 0o755); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) close(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if err := errors.Join(b.env.Res.Close(ctx), b.ledger.Close()); err != nil {
		t.Errorf("close: %v", err)
	}
}

// start starts a machine that is closed when the test ends.
func (b *bench) start(t testing.TB) machine.Machine {
	t.Helper()
	m, err := b.builder.Start(t.Context(), b.env)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	b.adopt(t, m)
	return m
}

// adopt closes a machine when the test ends.
func (b *bench) adopt(t testing.TB, m machine.Machine) {
	t.Cleanup(func() { closeMachine(t, m) })
}

func closeMachine(t testing.TB, m machine.Machine) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
	defer cancel()
	if err := m.Close(ctx); err != nil {
		t.Errorf("close machine: %v", err)
	}
}

// held lists the classes of what the ledger still holds.
func (b *bench) held(t testing.TB) []string {
	t.Helper()
	records, err := b.ledger.Records()
	if err != nil {
		t.Fatal(err)
	}
	var classes []string
	for _, r := range records {
		classes = append(classes, r.Class)
	}
	return classes
}

// inside is a communicator for tests: failures end the test. Names of files count from
// dir unless they are absolute.
type inside struct {
	machine.Communicator
	t   testing.TB
	dir string
}

// at is the absolute path of a file.
func (c inside) at(name string) string {
	if path.IsAbs(name) {
		return name
	}
	return c.dir + "/" + name // as it is: names may be strange
}

func connect(t testing.TB, m machine.Machine) inside {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := m.Connect(ctx)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	return inside{c, t, "/srv"}
}

// sh runs a line that must succeed and returns its standard output.
func (c inside) sh(line string) string {
	c.t.Helper()
	out, exit, err := c.try(c.t.Context(), machine.Command{Line: line})
	if err != nil || exit != 0 {
		c.t.Fatalf("run %q: exit %d, %v\n%s", line, exit, err, out)
	}
	return out
}

// try runs a command and returns its standard output, standard error following.
func (c inside) try(ctx context.Context, cmd machine.Command) (string, int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out, errout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errout
	exit, err := c.Run(ctx, cmd)
	return out.String() + errout.String(), exit, err
}

func (c inside) put(name, text string) {
	c.t.Helper()
	if err := c.Put(c.t.Context(), c.at(name), 0o644, strings.NewReader(text)); err != nil {
		c.t.Fatalf("put %s: %v", name, err)
	}
}

func (c inside) get(name string) string {
	c.t.Helper()
	var b bytes.Buffer
	if err := c.Get(c.t.Context(), c.at(name), &b); err != nil {
		c.t.Fatalf("get %s: %v", name, err)
	}
	return b.String()
}

func (c inside) wantMissing(name string) {
	c.t.Helper()
	if err := c.Get(c.t.Context(), c.at(name), io.Discard); !errors.Is(err, fs.ErrNotExist) {
		c.t.Errorf("get %s: %v, want that it does not exist", name, err)
	}
}

func (c inside) want(name, text string) {
	c.t.Helper()
	if got := c.get(name); got != text {
		c.t.Errorf("%s holds %q, want %q", name, got, text)
	}
}

// cancelled returns a context that is done.
func cancelled(t testing.TB) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// tree lists all paths below home but those of the ledger.
func tree(t testing.TB, home string) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(home, path)
		if rel == "ledger" {
			return fs.SkipDir
		}
		paths = append(paths, rel)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return paths
}

func ledgerFiles(t testing.TB, home string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(home, "ledger", "*"))
	if err != nil {
		t.Error(err)
	}
	return found
}

// compare reports how two lists differ.
func compare(t testing.TB, what string, before, after []string) bool {
	t.Helper()
	count := map[string]int{}
	for _, s := range before {
		count[s]--
	}
	for _, s := range after {
		count[s]++
	}
	var lines []string
	for s, n := range count {
		if n > 0 {
			lines = append(lines, "  new:  "+s)
		} else if n < 0 {
			lines = append(lines, "  gone: "+s)
		}
	}
	if len(lines) == 0 {
		return true
	}
	slices.Sort(lines)
	t.Errorf("%s:\n%s", what, strings.Join(lines, "\n"))
	return false
}

// quiet is a log that nobody reads.
type quiet struct{}

func (quiet) Say(string, ...any)                              {}
func (quiet) Message(string, ...any)                          {}
func (quiet) Warn(string, ...any)                             {}
func (quiet) Output() io.WriteCloser                          { return nopCloser{io.Discard} }
func (quiet) Progress(string, int64) func(n int64, done bool) { return func(int64, bool) {} }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
