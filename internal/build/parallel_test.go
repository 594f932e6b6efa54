package build_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/template"
)

// parentAndChild is a template of two builds, the first from the image of the second.
const parentAndChild = `
source "fake" "base" {}
source "fake" "web" { parent = "base" }
build {
  sources = ["source.fake.web", "source.fake.base"]
  provisioner "shell" {
    only   = ["fake.base"]
    inline = ["echo base > /srv/base"]
  }
  provisioner "shell" {
    only   = ["fake.web"]
    inline = ["cat /srv/base > /srv/web"]
  }
  verify "inline" {
    file "/srv/base" {}
  }
}`

func TestChildWaitsForItsParent(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{0, 1} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			opts := build.Options{Parallel: parallel}
			r := b.build(parentAndChild, opts).must(build.Built, build.Built)
			b.wantVersions("web:1 proven", "base:1 proven")
			v := b.versions()
			if p := v[0].Parent; p == nil || p.Name != "base" || p.Version != 1 || p.Digest != v[1].Image.Digest {
				t.Errorf("parent = %+v", p)
			}
			if p := r.reports[0].Parent; p == nil || p.Version != 1 || r.reports[0].Build != "fake.web" {
				t.Errorf("reported parent = %+v", p)
			}
			b.build(parentAndChild, opts).must(build.Unchanged, build.Unchanged)
			r = b.build(edit(t, parentAndChild, "echo base", "echo basis"), opts).must(build.Built, build.Built)
			if got := r.steps("fake.web"); !slices.Equal(got, []string{"base", "shell"}) {
				t.Errorf("the child's steps = %q", got)
			}
			b.wantVersions("web:2 proven", "base:2 proven", "web:1 proven", "base:1 proven")
			// A parent of a given version has not changed.
			pinned := edit(t, parentAndChild, `parent = "base"`, `parent = "base:1"`)
			r = b.build(pinned, opts)
			if p := r.reports[0].Parent; p == nil || p.Version != 1 {
				t.Errorf("parent = %+v", p)
			}
			b.wantClean()
		})
	}
}

func TestChildOfAFailedParent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(edit(t, parentAndChild, "echo base", "false; echo base"), build.Options{})
	r.fails("fake.web: not built, because its parent fake.base was not", build.Failed, build.Failed)
	if errors.Is(r.err, build.ErrRefused) || !strings.Contains(r.err.Error(), "fake.base: step 1 (shell") {
		t.Errorf("err = %v", r.err)
	}
	if got := r.steps("fake.web"); len(got) != 0 {
		t.Errorf("the child's steps = %q", got)
	}
	r = b.build(edit(t, parentAndChild, `"/srv/base" {}`, `"/srv/other" {}`), build.Options{})
	if !errors.Is(r.err, build.ErrRefused) {
		t.Errorf("err = %v, want a refusal", r.err)
	}
	r.outcomes(build.Failed, build.Refused)
	b.wantVersions()
	b.wantClean()
	// Without the parent in the plan it has to be in the catalog.
	b.load.Only = []string{"fake.web"}
	b.build(parentAndChild, build.Options{}).fails(`look up the parent of web: find image "base"`, build.Failed)
}

func TestPlansThatCannotBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ template, want string }{
		"each other's parent": {`
source "fake" "a" { parent = "b" }
source "fake" "b" { parent = "a:latest" }
build {
  sources = ["source.fake.a", "source.fake.b"]
}`, "images are each other's parent: a <- b <- a"},
		"its own parent": {`
source "fake" "a" { parent = "a" }
build {
  sources = ["source.fake.a"]
}`, "images are each other's parent: a <- a"},
		"one name": {`
source "fake" "a" {}
source "fake" "b" { image_name = "a" }
build {
  sources = ["source.fake.a", "source.fake.b"]
}`, `builds fake.a and fake.b both make an image named "a"`},
		"post-processors": {`
source "fake" "a" {}
build {
  sources = ["source.fake.a"]
  post-processor "vagrant" {}
}`, `unknown type "vagrant"`},
		"wrong components": {`
source "fake" "a" { formt = "dir" }
build {
  sources = ["source.fake.a"]
  provisioner "shell" {}
  verify "inline" {
    file "relative" {}
  }
  error-cleanup-provisioner "file" { content = "x" }
}`, "formt"},
		"nothing": {"source \"fake\" \"a\" {}\nbuild {\n  name = \"x\"\n  sources = [\"source.fake.a\"]\n}", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if tt.want == "" {
				b.load.Only = []string{"other"}
				tt.want = "nothing to build"
			}
			s := b.open()
			defer s.close()
			_, err := s.plan(tt.template, build.Options{})
			if err == nil {
				t.Fatal("it was planned")
			}
			var diags template.Diagnostics
			text := err.Error()
			if errors.As(err, &diags) {
				for _, d := range diags {
					text += "\n" + d.Pos.String() + ": " + d.Summary
					if d.Pos.Line == 0 {
						t.Errorf("%q has no place", d.Summary)
					}
				}
				if n := map[string]int{"wrong components": 4}[name]; n > 0 && len(diags) != n {
					t.Errorf("%d diagnostics, want %d: %s", len(diags), n, text)
				} else if n == 0 && len(diags) != 1 {
					t.Errorf("diagnostics = %s", text)
				}
			}
			if !strings.Contains(text, tt.want) {
				t.Errorf("err = %s, want one with %q", text, tt.want)
			}
		})
	}
}

// together makes calls wait until n of them are there.
func together(n int) func() {
	var mu sync.Mutex
	all := make(chan struct{})
	return func() {
		mu.Lock()
		if n--; n == 0 {
			close(all)
		}
		mu.Unlock()
		<-all
	}
}

// many is a template of builds that share all but their last step.
func many(names ...string) string {
	var b strings.Builder
	var sources []string
	for _, n := range names {
		fmt.Fprintf(&b, "source \"fake\" %q {}\n", n)
		sources = append(sources, fmt.Sprintf("%q", "source.fake."+n))
	}
	fmt.Fprintf(&b, "build {\n  sources = [%s]\n", strings.Join(sources, ", "))
	b.WriteString("  provisioner \"shell\" { inline = [\"echo common > /srv/common\"] }\n")
	for _, n := range names {
		fmt.Fprintf(&b, "  provisioner \"shell\" {\n    only = [%q]\n    inline = [\"echo %s > /srv/own\"]\n  }\n", "fake."+n, n)
	}
	return b.String() + "}\n"
}

func TestCommonLayersAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	meet := together(3)
	b.fault = during(fake.OpFingerprint, func(fake.Call) error { meet(); return nil })
	r := b.build(many("a", "b", "c"), build.Options{}).must(build.Built, build.Built, build.Built)
	made := map[string]int{}
	for _, name := range []string{"fake.a", "fake.b", "fake.c"} {
		steps := r.steps(name)
		if len(steps) != 3 {
			t.Errorf("steps of %s = %q", name, steps)
		}
		for i, s := range steps {
			if !strings.HasSuffix(s, "*") {
				made[fmt.Sprint(i, " ", s)]++
			}
		}
	}
	if made["0 base"] != 1 || made["1 shell"] != 1 || made["2 shell"] != 3 {
		t.Errorf("really made: %v", made)
	}
	if n := len(b.below("fake", "layers")); n != 5 {
		t.Errorf("%d layers, want 5", n)
	}
	b.wantClean()
}

func TestWaiterTakesOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// The first that begins with the common step fails when the other waits for it.
	waits := make(chan struct{})
	var once sync.Once
	b.sees = func(e build.Event) {
		if e.Type == build.Say && strings.Contains(e.Text, "Waiting for another build that makes the layer of shell") {
			once.Do(func() { close(waits) })
		}
	}
	var first atomic.Bool
	b.fault = func(_ context.Context, c fake.Call) error {
		if c.Op == fake.OpRun && strings.Contains(c.Line, "/tmp/script") && first.CompareAndSwap(false, true) {
			<-waits
			return errors.New("the first fails")
		}
		return nil
	}
	r := b.build(many("a", "b"), build.Options{})
	r.fails("the first fails")
	outcomes := []string{r.reports[0].Outcome, r.reports[1].Outcome}
	slices.Sort(outcomes)
	if !slices.Equal(outcomes, []string{build.Built, build.Failed}) {
		t.Errorf("outcomes = %q\n%s", outcomes, r.text())
	}
	if n := len(b.versions()); n != 1 {
		t.Errorf("%d versions", n)
	}
	b.wantClean()
}

func TestTwoProcessesBuildTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	// Who comes first goes on when the other waits for it.
	meet, waits := together(2), make(chan struct{})
	var once sync.Once
	b.sees = func(e build.Event) {
		if e.Type == build.Say && strings.Contains(e.Text, "Waiting for another build of the same image") {
			once.Do(func() { close(waits) })
		}
	}
	b.fault = func(_ context.Context, c fake.Call) error {
		switch c.Op {
		case fake.OpFingerprint:
			meet()
		case fake.OpStart:
			<-waits
		}
		return nil
	}
	b.write("image.pkr.hcl", three)
	var wg sync.WaitGroup
	results := make([]result, 2)
	sessions := []*session{b.open(), b.open()}
	for i, s := range sessions {
		plan, err := s.plan(three, build.Options{})
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			reports, err := plan.Execute(t.Context())
			results[i] = result{t, reports, err, s.events}
		})
	}
	wg.Wait()
	for _, s := range sessions {
		s.close()
	}
	if err := errors.Join(results[0].err, results[1].err); err != nil {
		t.Fatal(err)
	}
	got := []string{results[0].reports[0].Outcome, results[1].reports[0].Outcome}
	slices.Sort(got)
	if !slices.Equal(got, []string{build.Built, build.Unchanged}) {
		t.Errorf("outcomes = %q", got)
	}
	b.wantVersions("web:1 proven")
	b.wantClean()
	for _, r := range results {
		if r.reports[0].Outcome == build.Unchanged {
			r.wantSaid("Waiting for another build of the same image")
			if log := r.reports[0].Log; !strings.Contains(log, r.reports[0].Run) {
				t.Errorf("log = %s, want this run's", log)
			}
		}
	}
}

func TestOneBuildAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var mu sync.Mutex
	running, most := map[string]bool{}, 0
	b.sees = func(e build.Event) {
		mu.Lock()
		defer mu.Unlock()
		switch e.Type {
		case build.BuildStarted:
			running[e.Build] = true
		case build.BuildDone:
			delete(running, e.Build)
		}
		most = max(most, len(running))
	}
	b.build(many("a", "b", "c"), build.Options{Parallel: 1}).must(build.Built, build.Built, build.Built)
	if most != 1 {
		t.Errorf("%d builds at the same time", most)
	}
}

func TestFailureOfOneBuildLeavesOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(edit(t, many("a", "b"), "echo a >", "exit 1; echo a >"), build.Options{})
	r.fails("fake.a: step 2 (shell", build.Failed, build.Built)
	b.wantVersions("b:1 UNPROVEN")
	b.wantClean()
}
