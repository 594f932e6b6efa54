package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// looking has steps of one type, and one beside.
const looking = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
  provisioner "file" {
    content     = "x"
    destination = "/srv/file"
  }
  provisioner "shell" { inline = ["echo three >> /srv/steps"] }
  provisioner "shell-local" { inline = ["echo outside >> OUT"] }
}`

func (b *bench) at(hcl, step string, f func(ctx context.Context, c machine.Communicator, where string) error) error {
	b.t.Helper()
	s := b.open()
	defer s.close()
	plan, err := s.plan(hcl, build.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	return plan.At(b.t.Context(), step, f)
}

func TestLookingInsideAfterAStep(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		want  string // what the machine holds
		where string
		err   string
	}{
		"0":           {"", "fake.web after step 0, base", ""},
		"base":        {"", "fake.web after step 0, base", ""},
		"1":           {"one\n", "fake.web after step 1, shell echo one >> /srv/steps", ""},
		"file":        {"one\nx", "fake.web after step 2, file", ""},
		"shell":       {"one\nthree\nx", "fake.web after step 3, shell", ""}, // the last that answers to it
		"4":           {"one\nthree\nx", "fake.web after step 4, shell-local", ""},
		"shell-local": {"one\nthree\nx", "fake.web after step 4, shell-local", ""},
		"":            {"one\nthree\nx", "fake.web after step 4, shell-local", ""},
		"5":           {err: "find step 5: fake.web has the steps 0 to 4"},
		"-1":          {err: "find step -1: fake.web has the steps 0 to 4"},
		"puppet":      {err: `find step "puppet": fake.web has 0 base, 1 shell echo one >> /srv/steps, 2 file`},
	}
	b := newBench(t)
	hcl := edit(t, looking, "OUT", filepath.Join(b.dir, "out"))
	for i, built := range []string{"before a build", "from layers", "after a build"} {
		if i == 2 {
			b.build(hcl, build.Options{}).must(build.Built)
		}
		for step, tt := range tests {
			t.Run(built+"/"+step, func(t *testing.T) {
				called := false
				err := b.at(hcl, step, func(ctx context.Context, c machine.Communicator, where string) error {
					called = true
					if !strings.HasPrefix(where, tt.where) {
						t.Errorf("where = %q, want %q", where, tt.where)
					}
					var out strings.Builder
					_, err := c.Run(ctx, machine.Command{Line: "cat /srv/steps /srv/file; echo spoilt > /srv/steps", Stdout: &out})
					if out.String() != tt.want {
						t.Errorf("it holds %q, want %q", out.String(), tt.want)
					}
					return err
				})
				if tt.err != "" {
					if err == nil || !strings.HasPrefix(err.Error(), tt.err) || called {
						t.Errorf("err = %v, want %s", err, tt.err)
					}
				} else if err != nil || !called {
					t.Errorf("err = %v, called = %v", err, called)
				}
				b.wantClean()
			})
		}
	}
	if len(b.below("logs")) != 1 {
		t.Errorf("logs = %q; looking inside leaves none", b.below("logs"))
	}
}

func TestLookingInsideWithoutLayers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := strings.NewReplacer("source.fake", "source.plain", `"fake"`, `"plain"`, "OUT", filepath.Join(b.dir, "out")).Replace(looking)
	var out strings.Builder
	err := b.at(hcl, "1", func(ctx context.Context, c machine.Communicator, _ string) error {
		_, err := c.Run(ctx, machine.Command{Line: "cat /srv/steps", Stdout: &out})
		return err
	})
	if err != nil || out.String() != "one\n" {
		t.Errorf("found %q, %v", out.String(), err)
	}
	b.wantClean()
}

func TestLookingInsideFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	said := errors.New("the person has seen enough")
	hcl := edit(t, looking, "OUT", filepath.Join(b.dir, "out"))
	if err := b.at(hcl, "", func(context.Context, machine.Communicator, string) error { return said }); !errors.Is(err, said) {
		t.Errorf("err = %v", err)
	}
	b.wantClean()
	if err := b.at(edit(t, hcl, "echo three", "exit 3"), "", nil); err == nil || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("err = %v", err)
	}
	b.wantClean()
	b.fault = fake.FailNth(fake.OpConnect, 0, said)
	if err := b.at(hcl, "1", nil); !errors.Is(err, said) {
		t.Errorf("err = %v", err)
	}
	b.fault = fake.FailNth(fake.OpFingerprint, 0, said)
	if err := b.at(hcl, "1", nil); !errors.Is(err, said) {
		t.Errorf("err = %v", err)
	}
	b.fault = nil
	b.wantClean()
	if err := b.at(parentAndChild, "", nil); err == nil || err.Error() != "choose one build with -only: fake.web, fake.base" {
		t.Errorf("err = %v", err)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.write("site/a/index.html", "hello")
	hcl := strings.NewReplacer("SITE", filepath.Dir(filepath.Dir(page)), "OUT", filepath.Join(b.dir, "out")).Replace(`
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one"] }
  provisioner "file" {
    source      = "SITE"
    destination = "/srv"
  }
  provisioner "shell-local" { inline = ["true"] }
  provisioner "shell" {
    inline = ["echo two"]
    cache  = false
  }
}`)
	explain := func(hcl string) []build.Explanation {
		t.Helper()
		s := b.open()
		defer s.close()
		s.Sink = nil // nothing is told while nothing runs
		plan, err := s.plan(hcl, build.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := plan.Explain(t.Context())
		if err != nil || len(all) != 6 {
			t.Fatalf("%v, %v", all, err)
		}
		if last := all[5]; !last.Image || last.Why == "" || last.Build != "fake.web" { // its last step has no key
			t.Errorf("image: %+v", last)
		}
		return all[:5]
	}
	for i, x := range explain(hcl) {
		if x.Entry != nil || x.Known || x.Always != (i > 2) || x.Build != "fake.web" || x.Step != i {
			t.Errorf("before the first build: %+v", x)
		}
	}
	if _, err := os.Stat(b.home); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("home: %v", err)
	}
	b.build(hcl, build.Options{}).must(build.Built)
	before := snapshot(t, b.home)
	for i, x := range explain(hcl) {
		if (x.Entry != nil) != (i < 3) || x.Always != (i > 2) {
			t.Errorf("unchanged: %+v", x)
		}
	}
	b.write("site/a/index.html", "hellp")
	b.write("site/new", "")
	x := explain(hcl)[2]
	if x.Entry != nil || !x.Known || len(x.Changes) != 2 ||
		!strings.HasSuffix(x.Changes[0].Name, "site/a/index.html") || !strings.HasSuffix(x.Changes[1].Name, "site/new") || x.Changes[1].Old != "" {
		t.Errorf("one file changed, another is new: %+v", x)
	}
	x = explain(edit(t, hcl, "echo one", "echo eins"))[1]
	if x.Entry != nil || !x.Known || len(x.Changes) != 1 || x.Changes[0].Name != "inline" || !strings.Contains(x.Changes[0].New, "echo eins") {
		t.Errorf("a script changed: %+v", x)
	}
	wantSame(t, before, snapshot(t, b.home))
}

func TestExplainGoesOnPastWhatItCannotTell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.open()
	defer s.close()
	plan, err := s.plan(parentAndChild, build.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := plan.Explain(t.Context())
	if err == nil || !strings.Contains(err.Error(), ": look up the parent of web") || len(all) != 3 || all[0].Build != "fake.base" {
		t.Errorf("%+v, %v", all, err)
	}
}
