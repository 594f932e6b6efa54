package output_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

// The tests of death run this test binary again, as a child that makes files and
// kills itself at a given point of the ledger.
const crashEnv = "PROOFMARK_OUTPUT_CRASH"

func TestMain(m *testing.M) {
	if what := os.Getenv(crashEnv); what != "" {
		if err := crash(strings.Fields(what)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func crash(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	l, err := ledger.Open(args[1], ledger.WithObserver(func(p ledger.Point) {
		if p.N == n {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}))
	if err != nil {
		return err
	}
	f := &output.Files{Scope: l.Scope("run", "test", nil)}
	ctx := context.Background()
	if err := errors.Join(makeAll(ctx, f, args[2]), addAll(ctx, f, args[2])); err != nil {
		return err
	}
	if args[3] == "fail" {
		return errors.Join(f.Scope.Close(ctx), l.Close())
	}
	return errors.Join(f.Keep(ctx), f.Drop(ctx, filepath.Join(args[2], "new/dir/a")), f.Scope.Close(ctx), l.Close())
}

// makeAll makes a file in directories that are missing, and replaces one twice.
func makeAll(ctx context.Context, f *output.Files, dir string) error {
	for _, file := range [][2]string{{"new/dir/a", "a"}, {"old", "newer"}, {"old", "newest"}} {
		if err := f.Write(ctx, filepath.Join(dir, file[0]), 0o644, put(file[1])); err != nil {
			return err
		}
	}
	return nil
}

// addAll adds to a file, to one that is not there, and replaces a tree.
func addAll(ctx context.Context, f *output.Files, dir string) error {
	for _, file := range []string{"list", "list", "new/list"} {
		if _, err := f.Add(ctx, filepath.Join(dir, file), 0o644, words, []byte("entry ")); err != nil {
			return err
		}
	}
	return f.Move(ctx, filepath.Join(dir, "from"), filepath.Join(dir, "tree"), true, nil)
}

func put(text string) func(*os.File) error {
	return func(w *os.File) error { _, err := w.WriteString(text); return err }
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if !d.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel += "=" + string(text)
		}
		all = append(all, rel)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func kinds(kind string, w ledger.Where) []ledger.Class { return output.Classes(w, nil, words) }

func flock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX) }

func newFiles(t *testing.T) (*output.Files, string) {
	t.Helper()
	l, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	return &output.Files{Scope: l.Scope("run", "test", nil)}, dir
}

func TestFilesAreKept(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	if err := makeAll(t.Context(), f, dir); err != nil {
		t.Fatal(err)
	}
	if got := len(f.Made()); got != 3 {
		t.Errorf("%d made", got)
	}
	if err := errors.Join(f.Keep(t.Context()), f.Scope.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "new new/dir new/dir/a=a old=newest" {
		t.Error(got)
	}
}

func TestFailureGivesBackWhatWasThere(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	if err := makeAll(t.Context(), f, dir); err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := f.Write(t.Context(), filepath.Join(dir, "x"), 0o600, func(*os.File) error { return boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
	if err := f.Scope.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "old=old" {
		t.Error(got)
	}
}

// What somebody else puts there meanwhile is not ours to remove.
func TestStrangersStay(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	if err := makeAll(t.Context(), f, dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new/b", "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "mine"), filepath.Join(dir, "old")); err != nil {
		t.Fatal(err)
	}
	err := f.Scope.Close(t.Context())
	aside := regexp.MustCompile(`/old\.pm\w+\.old`).FindAllString(fmt.Sprint(err), -1)
	if len(aside) != 2 { // old was replaced twice
		t.Fatal(err)
	}
	newer, old := aside[0][1:], aside[1][1:]
	if err := f.Scope.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"new", "new/b=mine", "old=mine", newer + "=newer", old + "=old"}
	slices.Sort(want)
	got := strings.Fields(tree(t, dir))
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s, want %s", got, want)
	}
}

// What cannot be undone keeps what undoing it needs.
func TestReplacedStaysWhileUndoingFails(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	boom := errors.New("boom")
	f.Owned = func(context.Context, string, string) (bool, error) { return false, boom }
	if err := f.Write(t.Context(), filepath.Join(dir, "old"), 0o600, put("new")); err != nil {
		t.Fatal(err)
	}
	if err := f.Scope.Close(t.Context()); !errors.Is(err, boom) {
		t.Error(err)
	}
	f.Owned = nil
	if err := f.Scope.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "old=old" {
		t.Error(got)
	}
}

func TestDropLeavesWhatALinkLeadsTo(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	link := filepath.Join(dir, "link")
	if err := os.Symlink("old", link); err != nil {
		t.Fatal(err)
	}
	if err := f.Drop(t.Context(), link); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "old=old" {
		t.Error(got)
	}
}

func TestOwnedFilesStay(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	f.Owned = func(_ context.Context, build, path string) (bool, error) {
		return build == "b" && filepath.Base(path) == "old", nil
	}
	f.Build = "b"
	if err := makeAll(t.Context(), f, dir); err != nil {
		t.Fatal(err)
	}
	if err := f.Scope.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "old=newest" {
		t.Error(got)
	}
}

func TestOnlyFilesAreReplaced(t *testing.T) {
	t.Parallel()
	f, dir := newFiles(t)
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("old", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(t.Context(), filepath.Join(dir, "d"), 0o644, put("x")); err == nil {
		t.Error("a directory was replaced")
	}
	if err := f.Write(t.Context(), filepath.Join(dir, "link"), 0o644, put("x")); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !strings.HasSuffix(got, "d link=x old=x") { // besides what old was
		t.Error(got)
	}
	if err := f.Scope.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); got != "d link=old old=old" {
		t.Error(got)
	}
}

// A process that dies at any point of the ledger leaves what was there, or, when it
// had succeeded and was giving its files away, what it made.
func TestNothingIsLeftAfterDeath(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"fail", "keep"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				dir, book := inMemory(t), inMemory(t)
				if err := os.WriteFile(filepath.Join(dir, "old"), []byte("old"), 0o644); err != nil {
					t.Fatal(err)
				}
				for _, d := range []string{"tree", "from"} {
					if err := errors.Join(os.Mkdir(filepath.Join(dir, d), 0o755), os.WriteFile(filepath.Join(dir, d, d), nil, 0o644)); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.WriteFile(filepath.Join(dir, "list"), []byte("list "), 0o644); err != nil {
					t.Fatal(err)
				}
				lived := child(t, strconv.Itoa(n), book, dir, end)
				l, err := ledger.Open(book)
				if err != nil {
					t.Fatal(err)
				}
				if err := l.Reap(t.Context(), kinds, nil, nil); err != nil {
					t.Errorf("point %d: %v", n, err)
				}
				if err := os.RemoveAll(filepath.Join(dir, "from")); err != nil {
					t.Fatal(err)
				}
				got := tree(t, dir)
				if strings.Contains(" "+got, " .") || strings.Contains(got, "/.") {
					t.Errorf("point %d: %s", n, got)
				}
				if want := "list=list  old=old tree tree/tree="; end == "fail" && got != want {
					t.Errorf("point %d: %s", n, got)
				}
				if want := "list=list entry entry  new new/dir new/list=entry  old=newest tree tree/from="; end == "keep" && lived && got != want {
					t.Errorf("alive: %s", got)
				}
				for _, part := range []string{"list=list( entry){0,2} ", "old=(old|newer|newest)\\b", "tree tree/(tree|from)=$"} {
					if !regexp.MustCompile(`(^| )` + part).MatchString(got) {
						t.Errorf("point %d: neither old nor new: %s", n, got)
					}
				}
				if lived {
					if n < 20 {
						t.Errorf("only %d points", n)
					}
					return
				}
			}
		})
	}
}

// inMemory is a directory where bringing things to disk takes no time, if there is one.
func inMemory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "proofmark-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func child(t *testing.T, args ...string) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+strings.Join(args, " "))
	out, err := cmd.CombinedOutput()
	if err == nil {
		return true
	}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
		t.Fatalf("child %v: %v\n%s", args, err, out)
	}
	return false
}
