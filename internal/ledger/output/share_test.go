package output_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
)

// words is a form of files: entries one after the other. One that begins with "!" comes
// in the place of what was there, unless that did, too.
var words = output.Form{Name: "words", Add: func(text, entry []byte) ([]byte, error) {
	if strings.HasPrefix(string(entry), "!") && !strings.HasPrefix(string(text), "!") {
		return entry, nil
	}
	return append(text, entry...), nil
}}

// several are builds that write into one directory, each with its ledger.
type several struct {
	t      *testing.T
	dir    string
	builds map[string]*output.Files
}

func newSeveral(t *testing.T, names ...string) *several {
	t.Helper()
	s := &several{t: t, dir: t.TempDir(), builds: map[string]*output.Files{}}
	for _, name := range names {
		l, err := ledger.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		s.builds[name] = &output.Files{Scope: l.Scope("run", "test", nil), Build: name}
	}
	return s
}

// do does what a text says, such as "a+ a- b*": a adds, a fails, b keeps; "a=" writes
// the file anew, "u" is a user who overwrites it, "v" one who removes it, "w" one who removes what was
// there before. It returns
// what was told.
func (s *several) do(what string) error {
	s.t.Helper()
	ctx, path := s.t.Context(), filepath.Join(s.dir, "list")
	var told []error
	for _, step := range strings.Fields(what) {
		f := s.builds[strings.Trim(step, "!+-*=")]
		var err error
		switch {
		case step == "u":
			err = os.WriteFile(path, []byte("user "), 0o644)
		case step == "v":
			err = os.Remove(path)
		case step == "w":
			olds, _ := filepath.Glob(filepath.Join(s.dir, ".*.old"))
			if len(olds) != 1 {
				s.t.Fatalf("%s of %q: %q", step, what, olds)
			}
			err = os.Remove(olds[0])
		case strings.HasSuffix(step, "+"):
			_, err = f.Add(ctx, path, 0o644, words, []byte(strings.TrimSuffix(step, "+")+" "))
		case strings.HasSuffix(step, "="):
			err = f.Write(ctx, path, 0o644, put(step))
		case strings.HasSuffix(step, "-"):
			if err = f.Scope.Close(ctx); errors.Is(err, ledger.ErrLeft) {
				told, err = append(told, err), nil
			}
		default:
			err = errors.Join(f.Keep(ctx), f.Scope.Close(ctx))
		}
		if err != nil {
			s.t.Fatalf("%s of %q: %v", step, what, err)
		}
	}
	return errors.Join(told...)
}

func TestBuildsThatShareAFile(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]string{
		"a+ a*":                "old a ",
		"a+ a-":                "old ",
		"a+ b+ a- b*":          "old b ",
		"a+ b+ a* b-":          "old a ",
		"a+ b+ b* a-":          "old b ",
		"a+ b+ b- a*":          "old a ",
		"a+ b+ a* b*":          "old a b ",
		"a+ b+ a- b-":          "old ",
		"a+ b+ b- a-":          "old ",
		"a+ b+ a+ c+ b- a- c*": "old c ",
		"a+ b+ c+ a- c- b-":    "old ",
		"a+ b+ a* c+ b- c-":    "old a ",
		"a+ b+ a- c+ b* c-":    "old b ",
		"a+ a* b+ b-":          "old a ",
		"!a+ !b+ a* b*":        "!a !b ",
		"!a+ !b+ a- b*":        "!b ",
		"!a+ !b+ a- b-":        "old ",
		"a+ v a-":              "old ",
		"a= b= a- b-":          "old ",
		"a= b= b- a-":          "old ",
		"a= b= c= b- a- c-":    "old ",
		"a= b= a- b*":          "b=",
		"a= b= c= b- c- a*":    "a=",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "a", "b", "c")
			if err := os.WriteFile(filepath.Join(s.dir, "list"), []byte("old "), 0o640); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Stat(filepath.Join(s.dir, "list"))
			if err := s.do(what); err != nil {
				t.Error(err)
			}
			if got := tree(t, s.dir); got != "list="+want {
				t.Errorf("%q, want %q", got, "list="+want)
			}
			if after, _ := os.Stat(filepath.Join(s.dir, "list")); want == "old " && !os.SameFile(before, after) {
				t.Error("the text is back, but not the file")
			}
			// Where nothing was before.
			s = newSeveral(t, "a", "b", "c")
			if err := s.do(what); err != nil {
				t.Error(err)
			}
			want := "list=" + strings.TrimPrefix(want, "old ")
			if got := tree(t, s.dir); got != strings.TrimSuffix(want, "list=") {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

// What a user does to a shared file stays, and what was there before can be found.
func TestUsersOfSharedFiles(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]string{
		"a+ u a-":          "user ",
		"a+ u a*":          "user ",
		"a+ b+ u b- a-":    "user ",
		"a+ b+ u b* a-":    "user ",
		"a+ u b+ b* a-":    "user b ",
		"a+ u b+ a- b-":    "user ",
		"a+ u b+ b- a-":    "user ",
		"a+ b+ a- u c+ b-": "user c ",
		"a+ b+ a* u c+ b-": "user c ",
		"a= u a-":          "user ",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "a", "b", "c")
			if err := os.WriteFile(filepath.Join(s.dir, "list"), []byte("old "), 0o640); err != nil {
				t.Fatal(err)
			}
			err := s.do(what)
			if !strings.HasSuffix(what, "-") {
				if got := tree(t, s.dir); got != "list="+want || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			if s.builds["c"].Made() != nil {
				err = errors.Join(err, s.do("c*"))
			}
			got := tree(t, s.dir)
			if !strings.HasPrefix(got, "list="+want) || !strings.Contains(got, ".old=old ") || strings.Contains(got, "list.") != true || strings.HasPrefix(got, ".") {
				t.Errorf("%q", got)
			}
			if name := strings.TrimSuffix(got[strings.LastIndex(got, "list."):], "=old "); err == nil || !strings.Contains(err.Error(), filepath.Join(s.dir, name)) {
				t.Errorf("%q is not told: %v", name, err)
			}
		})
	}
}

// Who removes the hidden file that was there before the builds loses that, and what they
// have added stays; they go on.
func TestUsersRemoveWhatWasThere(t *testing.T) {
	t.Parallel()
	for what, want := range map[string]string{
		"a+ w a-":          "old a ",
		"a+ w a*":          "old a ",
		"a+ b+ w a* b*":    "old a b ",
		"a+ b+ w a- b*":    "old a b ",
		"a+ w b+ b- a*":    "old a ",
		"a+ w b+ b* a-":    "old a b ",
		"a+ v w a-":        "",
		"a+ w a- b+ b* c+": "old a b c ",
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "a", "b", "c")
			if err := os.WriteFile(filepath.Join(s.dir, "list"), []byte("old "), 0o640); err != nil {
				t.Fatal(err)
			}
			told := s.do(what)
			if strings.HasSuffix(what, "c+") {
				told = errors.Join(told, s.do("c*"))
			}
			if got := tree(t, s.dir); got != strings.TrimSuffix("list="+want, "list=") {
				t.Errorf("%q", got)
			}
			if strings.Contains(what, "+ w a-") && (told == nil || !strings.Contains(told.Error(), "removed")) {
				t.Errorf("nothing was told: %v", told)
			}
		})
	}
}

// A file stays readable to those alone who might read it, and its owner's, on the way and
// in the end.
func TestSharedFilesKeepTheirMode(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "a", "b")
	path := filepath.Join(s.dir, "list")
	if err := errors.Join(os.WriteFile(path, []byte("old "), 0o600), os.Chmod(path, 0o660)); err != nil {
		t.Fatal(err)
	}
	owner := os.Getuid()
	if owner == 0 {
		owner = 1234
		if err := os.Chown(path, owner, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []string{"a+", "b+", "a-", "b*"} {
		if err := s.do(step); err != nil {
			t.Fatal(err)
		}
		names, err := filepath.Glob(filepath.Join(s.dir, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names { // hidden ones, too
			if fi, err := os.Stat(name); err != nil || fi.Mode() != 0o660 || int(fi.Sys().(*syscall.Stat_t).Uid) != owner {
				t.Errorf("after %s: %v, %v", step, fi, err)
			}
		}
	}
}

// Whatever lies in the place of what builds know of a file is not theirs to remove, to
// follow, or to wait for.
func TestStrangersBesideASharedFile(t *testing.T) {
	t.Parallel()
	write := func(text string) func(string) error {
		return func(name string) error { return os.WriteFile(name, []byte(text), 0o600) }
	}
	for name, make := range map[string]func(name string) error{
		"empty":     write(""),
		"object":    write("{}"),
		"text":      write("mine"),
		"tag":       write(`{"form":"words","base":"x/../../../y","perm":420,"entries":[{"tag":"pmaaaaaaaaaa","text":"YQ=="}]}`),
		"entry":     write(`{"form":"words","perm":420,"entries":[{"tag":"../a","text":"YQ=="}]}`),
		"identity":  write(`{"form":"words","next":"foo","perm":420,"entries":[{"tag":"pmaaaaaaaaaa","text":"YQ=="}]}`),
		"directory": func(name string) error { return os.MkdirAll(filepath.Join(name, "mine"), 0o700) },
		"pipe":      func(name string) error { return syscall.Mkfifo(name, 0o600) },
		"link":      func(name string) error { return os.Symlink("list", name) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "a")
			path, beside := filepath.Join(s.dir, "list"), filepath.Join(s.dir, ".list.pm")
			if err := errors.Join(os.WriteFile(path, []byte("old "), 0o640), make(beside)); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(beside)
			if err != nil {
				t.Fatal(err)
			}
			f := s.builds["a"]
			if _, err := f.Add(t.Context(), path, 0o644, words, []byte("a ")); err == nil || !strings.Contains(err.Error(), beside+" is not what a build has left there") {
				t.Error(err)
			}
			if after, err := os.Lstat(beside); err != nil || !os.SameFile(before, after) {
				t.Errorf("it is gone: %v", err)
			}
			// The user does as told.
			if err := os.Rename(beside, filepath.Join(t.TempDir(), "mine")); err != nil {
				t.Fatal(err)
			}
			if err := s.do("a+ a*"); err != nil {
				t.Error(err)
			}
			if got := tree(t, s.dir); got != "list=old a " {
				t.Error(got)
			}
		})
	}
}

// Builds of many processes add at the same time, and half of them fail.
func TestManyShareAFile(t *testing.T) {
	t.Parallel()
	s := newSeveral(t)
	path := filepath.Join(s.dir, "new", "list")
	var all sync.WaitGroup
	for i := range 16 {
		name := fmt.Sprint(i)
		l, err := ledger.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		f := &output.Files{Scope: l.Scope("run", "test", nil)}
		all.Go(func() {
			_, err := f.Add(t.Context(), path, 0o644, words, []byte(name+" "))
			if err == nil && i%2 == 0 {
				err = f.Keep(t.Context())
			}
			if err = errors.Join(err, f.Scope.Close(t.Context())); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(path)
	got := strings.Fields(string(text))
	if err != nil || len(got) != 8 {
		t.Errorf("%q, %v", got, err)
	}
	for _, name := range got {
		if strings.HasSuffix(name, "1") || strings.HasSuffix(name, "3") {
			t.Errorf("%q", got)
		}
	}
	if got := tree(t, s.dir); strings.Contains(got, "/.") {
		t.Error(got)
	}
}

// Waiting for the lock of a directory ends with the build.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "a")
	d, err := os.Open(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := flock(d); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	boom := errors.New("boom")
	reached := output.Form{Name: "words", Add: func([]byte, []byte) ([]byte, error) { t.Error("it did not wait"); return nil, nil }}
	ended := make(chan error)
	go func() {
		_, err := s.builds["a"].Add(ctx, filepath.Join(s.dir, "list"), 0o644, reached, nil)
		ended <- err
	}()
	cancel(boom)
	d.Close() // undoing waits, too
	if err := <-ended; !errors.Is(err, boom) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
