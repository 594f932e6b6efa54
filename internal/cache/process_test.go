package cache

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The test program runs itself again in a role, to be another process.
const roleVariable, dirVariable = "PROOFMARK_TEST_ROLE", "PROOFMARK_TEST_DIR"

func TestMain(m *testing.M) {
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		os.Exit(m.Run())
	}
	s, err := Open(os.Getenv(dirVariable), Options{})
	if err == nil {
		err = role(context.Background(), s)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var roles = map[string]func(context.Context, *Store) error{
	// lease takes a lease, says so, and keeps it until its standard input ends.
	"lease": func(ctx context.Context, s *Store) error {
		release, err := s.Lease(ctx, key("a"), func() { fmt.Println("waiting") })
		if err != nil {
			return err
		}
		return untilTold(release)
	},
	"hold": func(ctx context.Context, s *Store) error {
		release, err := s.Hold(key("a"))
		if err != nil {
			return err
		}
		return untilTold(release)
	},
	// build does what a build does with one layer.
	"build": func(ctx context.Context, s *Store) error {
		release, err := s.Lease(ctx, key("a"), nil)
		if err != nil {
			return err
		}
		defer release()
		inside := filepath.Join(s.dir, "inside")
		if err := os.Mkdir(inside, 0o700); err != nil {
			return fmt.Errorf("two are inside: %w", err)
		}
		defer os.Remove(inside)
		if _, ok, err := s.Lookup(key("a")); ok || err != nil {
			return err
		}
		fmt.Println("built")
		ok, err := s.Commit(complete(Entry{Key: key("a"), Ref: "a"}))
		if !ok {
			return fmt.Errorf("not committed: %v", err)
		}
		return nil
	},
	// churn commits, holds, looks up and prunes as fast as it can.
	"churn": func(ctx context.Context, s *Store) error {
		for i := range 10 {
			word := fmt.Sprint("w", i%3)
			hold, err := s.Hold(key(word))
			if err != nil {
				return err
			}
			e, ok, err := s.Lookup(key(word))
			if err != nil {
				return err
			}
			if ok {
				if _, err := os.Stat(filepath.Join(s.dir, e.Ref)); err != nil {
					return fmt.Errorf("a held layer is gone: %w", err)
				}
			} else {
				ref := fmt.Sprintf("layer-%d-%d", os.Getpid(), i)
				if err := os.Mkdir(filepath.Join(s.dir, ref), 0o700); err != nil {
					return err
				}
				if _, err := s.Commit(complete(Entry{Key: key(word), Ref: ref})); err != nil {
					return err
				}
			}
			hold()
			_, err = s.Prune(ctx, PrunePlan{All: true}, func(_ context.Context, e Entry) error {
				return os.Remove(filepath.Join(s.dir, e.Ref))
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
	// commit commits without end, one layer on the other, and says so each time.
	"commit": func(ctx context.Context, s *Store) error {
		var parent Key
		for i := 0; ; i++ {
			k := key(fmt.Sprint(os.Getpid(), " ", i))
			e := Entry{Key: k, Parent: parent, Ref: string(k), Index: i, Log: strings.Repeat("line\n", 10000)}
			if ok, err := s.Commit(complete(e)); !ok {
				return fmt.Errorf("not committed: %v", err)
			}
			fmt.Println(k)
			parent = k
		}
	},
	"secret": func(ctx context.Context, s *Store) error {
		d, err := s.Keyed("password", "hunter2")
		fmt.Println(d)
		return err
	},
	"resolve": func(ctx context.Context, s *Store) error {
		_, err := s.Hash("", "rootfs 1").Resolve("mirror", func() (string, error) {
			fmt.Println("asked")
			return "index", nil
		})
		return err
	},
}

func untilTold(release func()) error {
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	release()
	return nil
}

type process struct {
	*exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
}

func start(t *testing.T, role, dir string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(os.Args[0])}
	p.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir)
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.stdin, err = p.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.lines = bufio.NewScanner(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Process.Kill()
		p.Wait()
	})
	return p
}

func (p *process) expect(t *testing.T, want string) {
	t.Helper()
	if !p.lines.Scan() || p.lines.Text() != want {
		t.Fatalf("the process said %q, want %q", p.lines.Text(), want)
	}
}

// runAll runs n processes in a role at once and returns the lines they said.
func runAll(t *testing.T, n int, role, dir string) []string {
	t.Helper()
	var mu sync.Mutex
	var said []string
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			if err != nil {
				t.Errorf("a process as %s: %v", role, err)
			}
			mu.Lock()
			defer mu.Unlock()
			said = append(said, strings.Fields(string(out))...)
		})
	}
	wg.Wait()
	return said
}

func TestWaiterTakesOverFromKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	first := start(t, "lease", dir)
	first.expect(t, "ready")
	second := start(t, "lease", dir)
	second.expect(t, "waiting")
	waiting, got := make(chan bool), make(chan error)
	go func() {
		release, err := s.Lease(t.Context(), key("a"), func() { close(waiting) })
		if err == nil {
			release()
		}
		got <- err
	}()
	<-waiting
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// Either waiter may be next; told to end, the other process makes room for us.
	second.stdin.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
	second.expect(t, "ready")
	if err := second.Wait(); err != nil {
		t.Errorf("the second process: %v", err)
	}
}

func TestManyProcessesBuildOnce(t *testing.T) {
	t.Parallel()
	equal(t, "said", runAll(t, 20, "build", t.TempDir()), []string{"built"})
}

func TestManyProcessesShareTheHomeKey(t *testing.T) {
	t.Parallel()
	said := runAll(t, 8, "secret", filepath.Join(t.TempDir(), "new", "home"))
	if len(said) != 8 || len(slices.Compact(said)) != 1 {
		t.Errorf("digests: %q", said)
	}
}

func TestManyProcessesResolveOnce(t *testing.T) {
	t.Parallel()
	equal(t, "said", runAll(t, 8, "resolve", t.TempDir()), []string{"asked"})
}

func TestManyProcessesPrune(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	runAll(t, 6, "churn", dir)
	s := open(t, dir, Options{})
	list, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if _, err := os.Stat(filepath.Join(dir, e.Ref)); err != nil {
			t.Errorf("an entry without a layer: %v", err)
		}
	}
}

func TestKilledWhileCommitting(t *testing.T) {
	t.Parallel()
	var w warnings
	dir := t.TempDir()
	s := open(t, dir, Options{Warn: w.warn})
	for round := range 8 {
		p := start(t, "commit", dir)
		var said []Key
		for range round + 1 {
			p.lines.Scan()
			said = append(said, Key(p.lines.Text()))
		}
		p.Process.Kill()
		p.Wait()
		for _, k := range said {
			if _, ok, err := s.Lookup(k); !ok || err != nil {
				t.Errorf("a committed layer is gone: %v, %v", ok, err)
			}
		}
	}
	list, err := s.List()
	if err != nil || len(w.text) > 0 {
		t.Errorf("list: %v, warnings %q", err, w.text)
	}
	equal(t, "nothing to prune", prune(t, s, PrunePlan{}), []string(nil))
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	if pruned := prune(t, s, PrunePlan{All: true}); len(pruned) != len(list) {
		t.Errorf("pruned %d of %d", len(pruned), len(list))
	}
}

func TestHoldOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, Options{})
	chain(t, s, "base", "a")
	holder := start(t, "hold", dir)
	holder.expect(t, "ready")
	equal(t, "pruned while held", prune(t, s, PrunePlan{All: true}), []string(nil))
	holder.Process.Kill()
	holder.Wait()
	equal(t, "pruned after the holder's death", prune(t, s, PrunePlan{All: true}), []string{"a", "base"})
}
