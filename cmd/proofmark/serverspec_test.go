package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspectest"
)

const differential = "testdata/serverspec"

// specWay is one way to reach the target.
type specWay struct {
	name     string
	env      []string // what spec_helper.rb looks at; nil: the exec backend
	user     string   // who logs in
	password string   // for sudo
}

// specWays are the ways that are compared.
func (s *specTarget) ways() []specWay {
	over := func(name, user string, more ...string) specWay {
		w := specWay{name: name, user: user, env: []string{"DIFFERENTIAL_HOST=" + s.addr, "DIFFERENTIAL_USER=" + user, "DIFFERENTIAL_KEY=" + s.key}}
		for _, password := range more {
			w.password = password
			w.env = append(w.env, "DIFFERENTIAL_PASSWORD="+password)
		}
		return w
	}
	return []specWay{{name: "exec"}, over("root", "root"), over("sudo", "anna"), over("password", "bert", "secret word")}
}

// theirs runs the real rspec: in the target, or over SSH.
func (s *specTarget) theirs(t *testing.T, w specWay, files []string) rspectest.Outcome {
	t.Helper()
	if w.env != nil {
		return rspectest.Run(t, differential, w.env, append([]string{"-r", "./nodelay.rb", "-I", "spec"}, files...)...)
	}
	line := "cd /srv/differential && LANG=C.UTF-8 rspec -f json -o /srv/out.json -I spec --order defined " + strings.Join(files, " ") + " >/dev/null; cat /srv/out.json"
	return rspectest.Read(t, []byte(s.run(t, line, nil)))
}

// ours runs the same files by Proofmark. rounds counts the evaluations but the first.
func (s *specTarget) ours(t *testing.T, w specWay, files []string, o verify.Options) (_ rspectest.Outcome, rounds int) {
	t.Helper()
	root, err := filepath.Abs(differential)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range files {
		paths = append(paths, filepath.Join(root, f))
	}
	spec, err := serverspec.Open(paths, serverspec.Options{Environ: append(os.Environ(), w.env...)})
	if err != nil {
		t.Fatal(err)
	}
	counted := &countedSpec{Spec: spec}
	if w.env != nil && w.user != "root" {
		o.User = "root"
	}
	results, err := verify.NewSession(s.connect(t, w), o).Run(t.Context(), []verify.Spec{counted})
	if err != nil {
		t.Fatal(err)
	}
	return rspectest.Results(t, differential, results), counted.n - 1
}

// connect reaches the target as ServerSpec would.
func (s *specTarget) connect(t *testing.T, w specWay) machine.Communicator {
	t.Helper()
	if w.env == nil {
		return s.comm
	}
	c, err := ssh.Dial(t.Context(), ssh.Options{
		Addr: s.addr + ":22", User: w.user, Auth: ssh.Auth{Files: []string{s.key}, OnlyFiles: true},
		HostKeys: ssh.AnyHostKey(), SudoPassword: w.password,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// countedSpec counts how often a spec is evaluated.
type countedSpec struct {
	*serverspec.Spec
	n int
}

func (c *countedSpec) Evaluate(ctx context.Context, s *verify.Session) []verify.Result {
	c.n++
	return c.Spec.Evaluate(ctx, s)
}

// agree wants the same examples in the same order with the same verdicts.
func agree(t *testing.T, want, got rspectest.Outcome) {
	t.Helper()
	keys := func(o rspectest.Outcome) (all []string) {
		seen := map[string]int{}
		for _, e := range o.Examples {
			key := e.Place + " " + e.Name
			seen[key]++
			all = append(all, fmt.Sprintf("%s (%d)", key, seen[key]))
		}
		return all
	}
	wantKeys, gotKeys := keys(want), keys(got)
	at := map[string]int{}
	for i, key := range gotKeys {
		at[key] = i
	}
	bad, last := 0, -1
	for i, key := range wantKeys {
		j, ok := at[key]
		delete(at, key)
		w := want.Examples[i]
		switch {
		case !ok:
			t.Errorf("missing %s, which %s", key, w.Status)
		case j < last:
			t.Errorf("too late: %s", key)
		case got.Examples[j].Status == w.Status:
			last = j
			continue
		default:
			last = j
			t.Errorf("%s\n got %s: %.300s\nwant %s: %.300s", key, got.Examples[j].Status, got.Said[j], w.Status, want.Said[i])
		}
		if bad++; bad > 100 {
			t.Fatal("and more")
		}
	}
	for i, key := range gotKeys {
		if _, ok := at[key]; ok {
			t.Errorf("too many: %s, which %s: %.300s", key, got.Examples[i].Status, got.Said[i])
		}
	}
}

// specFiles are the files of the corpus for one way: all of them in the target itself,
// where ServerSpec is quick. Over SSH go those in which the way makes a difference, and
// as root some more; in the long form all.
func specFiles(t *testing.T, w specWay) []string {
	t.Helper()
	all, err := filepath.Glob(differential + "/spec/*_spec.rb")
	if err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	for i := range all {
		all[i] = strings.TrimPrefix(all[i], differential+"/")
	}
	if w.env == nil || soak() {
		return all
	}
	some := []string{"command", "inventory", "structure", "zz_settings"}
	if w.user == "root" {
		some = append(some, "service", "software", "system")
	}
	return slices.DeleteFunc(all, func(f string) bool {
		return !slices.Contains(some, strings.TrimSuffix(filepath.Base(f), "_spec.rb"))
	})
}

// mostRounds is how often a whole corpus may ask its target: some of its commands are
// made of what earlier ones answer, several deep. An ordinary spec of 500 checks has a
// limit of its own, in the tests of serverspec.
const mostRounds = 6

// TestLikeServerSpec asks a machine by ServerSpec and by Proofmark, with its probe and by
// the machine's shell alone, with the same files: the examples, their order, descriptions
// and verdicts are the same.
func TestLikeServerSpec(t *testing.T) {
	needMachines(t)
	if _, err := exec.LookPath("rspec"); err != nil {
		t.Skip("needs rspec and ServerSpec: apt-get install ruby-serverspec")
	}
	t.Parallel()
	s := bootTarget(t)
	s.put(t, differential, "/srv/differential")
	for _, w := range s.ways() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			files := specFiles(t, w)
			want := s.theirs(t, w, files)
			if w.env == nil && len(want.Examples) < 1000 {
				t.Errorf("only %d examples", len(want.Examples))
			}
			for name, open := range map[string]func(string) (io.ReadCloser, error){
				"probe": openProbe,
				"shell": func(string) (io.ReadCloser, error) { return nil, errors.New("refused") },
			} {
				t.Run(name, func(t *testing.T) {
					got, rounds := s.ours(t, w, files, verify.Options{Probe: open})
					agree(t, want, got)
					if rounds > mostRounds {
						t.Errorf("%d examples in %d rounds of questions", len(got.Examples), rounds)
					}
				})
			}
		})
	}
}
