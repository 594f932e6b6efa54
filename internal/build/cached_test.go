package build_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

func TestFilesThatStepsRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.write("site/a/b/index.html", "hello")
	script := b.write("setup.sh", "#!/bin/sh\necho set up > /srv/setup\n")
	hcl := strings.NewReplacer("SITE", filepath.Join(b.dir, "site"), "SCRIPT", script).Replace(`
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "file" {
    source      = "SITE"
    destination = "/srv"
  }
  provisioner "shell" { script = "SCRIPT" }
}`)
	b.build(hcl, build.Options{}).must(build.Built)

	later := time.Now().Add(time.Hour)
	for _, f := range []string{page, script, filepath.Dir(page)} {
		if err := os.Chtimes(f, later, later); err != nil {
			t.Fatal(err)
		}
	}
	b.build(hcl, build.Options{}).must(build.Unchanged)

	b.write("setup.sh", "#!/bin/sh\necho set up > /srv/SETUP\n")
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "file*", "shell")

	b.write("site/a/b/index.html", "hellp")
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "file", "shell")

	if err := os.Chmod(page, 0o600); err != nil {
		t.Fatal(err)
	}
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "file", "shell")
	b.wantVersions("web:4 UNPROVEN", "web:3 UNPROVEN", "web:2 UNPROVEN", "web:1 UNPROVEN")
}

func TestVolatileStep(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
  provisioner "shell" {
    inline = ["echo two >> /srv/steps"]
    cache  = false
  }
  provisioner "shell" { inline = ["echo three >> /srv/steps"] }
  verify "inline" {
    file "/srv/steps" { contains = ["one", "two", "three"] }
  }
}`
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base", "shell", "shell", "shell")
	if got := len(b.below("fake", "layers")); got != 2 {
		t.Errorf("%d layers, want those of the base and the first step", got)
	}
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell", "shell")
	b.wantVersions("web:2 proven", "web:1 proven")
	b.wantClean()
	if v := b.versions(); v[0].Image.Digest != v[1].Image.Digest || v[0].Key == v[1].Key {
		t.Errorf("versions = %+v", v)
	}
}

func TestStepsOutsideTheMachine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	out := filepath.Join(b.dir, "out")
	hcl := strings.ReplaceAll(`
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell-local" { inline = ["echo before >> OUT"] }
  provisioner "shell" { inline = ["echo one > /srv/one"] }
  provisioner "file" {
    direction   = "download"
    source      = "/srv/one"
    destination = "OUT.one"
  }
  provisioner "shell" { inline = ["echo two > /srv/two"] }
  provisioner "shell-local" { inline = ["echo after >> OUT"] }
}`, "OUT", out)
	want := "before\nafter\n"
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base", "shell-local", "shell", "file", "shell", "shell-local")
	for range 2 {
		if err := os.Remove(out + ".one"); err != nil {
			t.Fatal(err)
		}
		want += "before\nafter\n"
		r := b.build(hcl, build.Options{}).must(build.Unchanged)
		r.wantSteps("base*", "shell-local", "shell*", "file", "shell*", "shell-local")
		report := r.reports[0]
		if len(report.Steps) != 6 || report.Version != 1 {
			t.Errorf("report = %+v", report)
		}
		for _, f := range append(report.Files, report.Log) {
			if _, err := os.Stat(f); err != nil || !strings.Contains(f, report.Run) {
				t.Errorf("%s (%v), want a file of this run", f, err)
			}
		}
		if text, err := os.ReadFile(out + ".one"); err != nil || string(text) != "one\n" {
			t.Errorf("downloaded %q, %v", text, err)
		}
	}
	if text, err := os.ReadFile(out); err != nil || string(text) != want {
		t.Errorf("steps wrote %q, %v, want %q", text, err, want)
	}
	// What is between them changes: the steps around it run once.
	r := b.build(edit(t, hcl, "echo two", "echo three"), build.Options{}).must(build.Built)
	r.wantSteps("base*", "shell-local", "shell*", "file", "shell", "shell-local")
	b.wantVersions("web:2 UNPROVEN", "web:1 UNPROVEN")
	b.wantClean()
}

func TestNoCache(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := edit(t, three, `"echo two`, `"mkdir -m 0700 /srv/d", "echo x > /srv/d/x", "chmod 0640 /srv/d/x", "ln -s d/x /srv/link", "echo two`)
	b.build(edit(t, hcl, "echo two", "echo zwei; echo two"), build.Options{}).must(build.Built)
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell")
	before := snapshot(t, b.path("cache", "entries"))
	layers := len(b.below("fake", "layers"))
	r := b.build(hcl, build.Options{NoCache: true}).must(build.Built)
	r.wantSteps("base", "shell", "shell")
	wantSame(t, before, snapshot(t, b.path("cache", "entries")))
	if got := len(b.below("fake", "layers")); got != layers {
		t.Errorf("%d layers, had %d", got, layers)
	}
	v := b.versions()
	cached, fresh := files(t, v[1].Image.ID), files(t, v[0].Image.ID)
	wantSame(t, cached, fresh)
	if len(fresh) < 10 || v[0].Key != v[1].Key || v[0].Image.ID == v[1].Image.ID {
		t.Errorf("%d files, versions %+v", len(fresh), v)
	}
	if c := r.reports[0].Changes; c == nil || len(c.Etc)+len(c.Checks)+len(c.Users) != 0 || c.From.Version != 2 || c.To.Version != 3 {
		t.Errorf("changes = %+v", c)
	}
	b.wantClean()
	b.build(hcl, build.Options{}).must(build.Unchanged)
}

// files lists the names, modes and contents in an archive.
func files(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]string{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[h.Name] = fmt.Sprintf("%o %d:%d %s %s", h.Mode, h.Uid, h.Gid, h.Linkname, text)
	}
}

func TestLayersThatAreGone(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		gone  func(layer string) error
		which []int
		want  []string
	}{
		"last":    {os.RemoveAll, []int{2}, []string{"base*", "shell*", "shell*", "shell", "base*", "shell*", "shell", "shell"}},
		"middle":  {os.RemoveAll, []int{1}, []string{"base*", "shell*", "shell*", "shell"}},
		"base":    {os.RemoveAll, []int{0}, []string{"base*", "shell*", "shell*", "shell"}},
		"all":     {os.RemoveAll, []int{0, 1, 2}, nil},
		"damaged": {func(layer string) error { return os.Remove(filepath.Join(layer, "tree", "srv", "steps")) }, []int{2}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.build(three, build.Options{}).must(build.Built)
			s := b.open()
			entries, err := s.Cache.List()
			if err != nil || len(entries) != 3 {
				t.Fatalf("entries = %v, %v", entries, err)
			}
			s.close()
			for _, i := range tt.which {
				if err := tt.gone(entries[i].Ref); err != nil {
					t.Fatal(err)
				}
			}
			hcl := edit(t, three, "  verify", "  provisioner \"shell\" { inline = [\"true\"] }\n  verify")
			r := b.build(hcl, build.Options{}).must(build.Built)
			if tt.want != nil {
				r.wantSteps(tt.want...)
			}
			if len(r.reports[0].Steps) != 4+4 {
				t.Errorf("time line = %+v", r.reports[0].Steps)
			}
			b.wantVersions("web:2 proven", "web:1 proven")
			b.build(edit(t, hcl, `"true"`, `"true "`), build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell*", "shell")
		})
	}
}

func TestLayersOverTheAgeLimit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	b.now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	r := b.build(three, build.Options{}).must(build.Built)
	r.wantSteps("base", "shell", "shell")
	r.wantSaid("Building web:1 anew: its oldest step is 8 days old, and the limit is 7 days (--cache-max-age)")
	b.build(three, build.Options{}).must(build.Unchanged)
	hcl := edit(t, three, "echo two", "echo  two")
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell")
	b.build(edit(t, hcl, "echo  two", "echo   two"), build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell")
	b.wantClean()
}

func TestImageOfAnAge(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	begin := time.Now()
	after := func(d time.Duration) { b.now = func() time.Time { return begin.Add(d) } }
	day := 24 * time.Hour

	after(6 * day) // half of it is made on the sixth day, and is as old as the other half
	hcl := edit(t, three, "echo two", "echo  two")
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "shell")
	b.build(hcl, build.Options{}).must(build.Unchanged)
	after(8 * day)
	explained := func() (why []string) {
		t.Helper()
		s := b.open()
		defer s.close()
		plan, err := s.plan(hcl, build.Options{})
		if err != nil {
			t.Fatal(err)
		}
		all, err := plan.Explain(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			why = append(why, strings.TrimSpace(x.OverAge+x.Version+" "+x.Why))
		}
		return why
	}
	const over = "is 8 days old, and the limit is 7 days (--cache-max-age)"
	if got, want := explained(), []string{over, over, over, "web:2 its oldest step " + over}; !slices.Equal(got, want) {
		t.Errorf("explained as %q, want %q", got, want)
	}

	b.maxAge = cache.NoMaxAge
	b.build(hcl, build.Options{}).must(build.Unchanged)
	if got, want := explained(), []string{"", "", "", "web:2"}; !slices.Equal(got, want) {
		t.Errorf("explained as %q, want %q", got, want)
	}
	b.maxAge = 9 * day
	b.build(hcl, build.Options{}).must(build.Unchanged)
	b.maxAge = 0
	b.build(hcl, build.Options{}).must(build.Built).wantSteps("base", "shell", "shell")
	after(-day)
	b.build(hcl, build.Options{}).must(build.Built).wantSaid("its oldest step is from the future")
}

func TestImageThatIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(three, build.Options{}).must(build.Built)
	if err := os.Remove(r.reports[0].Image); err != nil {
		t.Fatal(err)
	}
	r = b.build(three, build.Options{}).must(build.Built)
	r.wantSteps("base*", "shell*", "shell*")
	r.wantSaid("Building web:1 anew: its files are gone")
	b.wantVersions("web:2 proven", "web:1 proven")
}

func TestImageThatIsDamaged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		format string
		spoil  func(image string) error
		said   string
	}{
		"cut":               {"tar", func(image string) error { return os.Truncate(image, 512) }, "they hold 512 bytes, and held "},
		"empty":             {"tar", func(image string) error { return os.Truncate(image, 0) }, "they hold 0 bytes, and held "},
		"a file is missing": {"dir", func(image string) error { return os.Remove(filepath.Join(image, "srv", "steps")) }, "they hold "},
		"a file is cut":     {"dir", func(image string) error { return os.Truncate(filepath.Join(image, "srv", "steps"), 1) }, "they hold "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			hcl := edit(t, three, `"web" {}`, `"web" { format = "`+tt.format+`" }`)
			r := b.build(hcl, build.Options{}).must(build.Built)
			b.build(hcl, build.Options{}).must(build.Unchanged)
			if err := tt.spoil(r.reports[0].Image); err != nil {
				t.Fatal(err)
			}
			r = b.build(hcl, build.Options{}).must(build.Built)
			r.wantSteps("base*", "shell*", "shell*")
			r.wantSaid("Building web:1 anew: its files are damaged: " + tt.said)
			b.build(hcl, build.Options{}).must(build.Unchanged)
		})
	}
}

func TestNoProcessSurvivesAStep(t *testing.T) {
	t.Parallel()
	for _, opts := range []build.Options{{}, {NoCache: true}} {
		b := newBench(t)
		hcl := edit(t, three, "echo one", "(while :; do echo x >> /srv/beat; sleep 0.01; done) >/dev/null 2>&1 & until test -s /srv/beat; do sleep 0.01; done; echo one")
		hcl = edit(t, hcl, "echo two", "cp /srv/beat /srv/then; sleep 0.1; test $(wc -c < /srv/beat) = $(wc -c < /srv/then); echo two")
		b.build(hcl, opts).must(build.Built)
	}
}

func TestFileThatChangesDuringTheBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.write("index.html", "old")
	hcl := strings.ReplaceAll(`
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["true"] }
  provisioner "file" {
    source      = "PAGE"
    destination = "/srv/index.html"
  }
  provisioner "shell" { inline = ["cat /srv/index.html"] }
}`, "PAGE", page)
	b.fault = during(fake.OpRun, func(fake.Call) error { return os.WriteFile(page, []byte("new"), 0o644) })
	r := b.build(hcl, build.Options{}).must(build.Built)
	r.wantSaid("what step 2 (file", "reads has changed since the build began")
	b.fault = nil
	r = b.build(hcl, build.Options{}).must(build.Built)
	r.wantSteps("base*", "shell*", "file", "shell")
	b.write("index.html", "old") // as it was when the first build computed its keys
	r = b.build(hcl, build.Options{}).must(build.Built)
	r.wantSteps("base*", "shell*", "file", "shell")
	r.wantSaid("output  old")
	b.wantClean()
}
