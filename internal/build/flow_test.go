package build_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// three is a template of a base and two steps, with a check of its own.
const three = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["echo one >> /srv/steps"] }
  provisioner "shell" { inline = ["echo two >> /srv/steps"] }
  verify "inline" {
    file "/srv/steps" { contains = ["one", "two"] }
  }
}`

// edit replaces a part of a template that must be there.
func edit(t testing.TB, text, old, replacement string) string {
	t.Helper()
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q in %s", old, text)
	}
	return strings.Replace(text, old, replacement, 1)
}

func TestFirstBuild(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(three, build.Options{}).must(build.Built)
	r.wantSteps("base", "shell", "shell")
	b.wantVersions("web:1 proven")
	b.wantClean()
	v, report := b.versions()[0], r.reports[0]
	if v.Image.Name != "web" || v.Build != "fake.web" || v.Run != report.Run || v.Tool != "test" || v.Commit != "" || v.TemplateDigest == "" {
		t.Errorf("version = %+v", v)
	}
	if report.Version != 1 || report.Image != v.Image.ID || report.Error != "" || report.Changes != nil {
		t.Errorf("report = %+v", report)
	}
	if len(v.Steps) != 3 || v.Steps[0].Name != "base" || v.Steps[2].Cached {
		t.Errorf("steps = %+v", v.Steps)
	}
	for _, file := range append(report.Files, report.Log, v.Log, v.Report) {
		if fi, err := os.Stat(file); err != nil || fi.Mode() != 0o600 {
			t.Errorf("%v, %v; want a file that only its owner can read", fi, err)
		}
	}
	var kinds []string
	for _, s := range report.Steps {
		kinds = append(kinds, s.Kind)
	}
	want := []string{"base", "provisioner", "provisioner", "gate", "seal", "capture", "gate"}
	if !slices.Equal(kinds, want) {
		t.Errorf("time line = %q, want %q", kinds, want)
	}
}

func TestNothingChanged(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		template string
		names    []string
	}{
		"one build": {three, []string{"fake.web"}},
		"with a file, a secret and labels": {`
variable "password" {
  default   = "canary-5f1b"
  sensitive = true
}
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  labels  = { team = "core" }
  provisioner "file" {
    source      = "SITE"
    destination = "/srv"
  }
  provisioner "shell" {
    environment_vars = ["PASSWORD=${var.password}"]
    inline           = ["test -n $PASSWORD"]
  }
}`, []string{"fake.web"}},
		"a parent and its child": {parentAndChild, []string{"fake.base", "fake.web"}},
		"a builder without layers": {`
source "plain" "web" {}
build {
  sources = ["source.plain.web"]
  provisioner "shell" { inline = ["echo one > /srv/one"] }
}`, []string{"plain.web"}},
		"a directory": {edit(t, three, `"web" {}`, `"web" { format = "dir" }`), []string{"fake.web"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.write("site/index.html", "hello")
			hcl := strings.ReplaceAll(tt.template, "SITE", filepath.Join(b.dir, "site"))
			first := b.build(hcl, build.Options{})
			if first.err != nil {
				t.Fatalf("%v\n%s", first.err, first.text())
			}
			before := snapshot(t, b.home)
			again := b.build(hcl, build.Options{})
			if again.err != nil {
				t.Fatal(again.err)
			}
			wantSame(t, before, snapshot(t, b.home))
			if len(again.reports) != len(tt.names) {
				t.Fatalf("%d reports", len(again.reports))
			}
			for i, r := range again.reports {
				was := first.reports[i]
				if r.Outcome != build.Unchanged || r.Version != 1 || r.Image != was.Image || r.Log != was.Log || r.Files[0] != was.Files[0] {
					t.Errorf("report = %+v", r)
				}
				if steps := again.steps(tt.names[i]); len(steps) != 0 {
					t.Errorf("steps = %q", steps)
				}
				if len(r.Checks) != len(was.Checks) || len(r.Steps) == 0 || !r.Steps[0].Cached {
					t.Errorf("%d checks of %d, steps %+v", len(r.Checks), len(was.Checks), r.Steps)
				}
			}
		})
	}
}

func TestOnlyWhatChangedRuns(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		old, now string
		want     []string
	}{
		"last step":       {"echo two", "echo  two", []string{"base*", "shell*", "shell"}},
		"first step":      {"echo one", "echo  one", []string{"base*", "shell", "shell"}},
		"base":            {`"web" {}`, `"web" { files = { "/etc/x" = "y" } }`, []string{"base", "shell", "shell"}},
		"image's format":  {`"web" {}`, `"web" { format = "dir" }`, []string{"base*", "shell*", "shell*"}},
		"image's name":    {`"web" {}`, `"web" { image_name = "shop" }`, []string{"base*", "shell*", "shell*"}},
		"labels":          {`sources =`, "labels = { a = \"b\" }\n sources =", []string{"base*", "shell*", "shell*"}},
		"last step added": {"  verify", "  provisioner \"shell\" { inline = [\"true\"] }\n  verify", []string{"base*", "shell*", "shell*", "shell"}},
		"a step's timeout": {`provisioner "shell" { inline = ["echo one >> /srv/steps"] }`,
			"provisioner \"shell\" {\n inline = [\"echo one >> /srv/steps\"]\n timeout = \"1h\"\n}", nil},
		"white space": {"sources =", "sources     =", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.build(three, build.Options{}).must(build.Built)
			changed := edit(t, three, tt.old, tt.now)
			r := b.build(changed, build.Options{})
			if tt.want == nil {
				r.must(build.Unchanged)
				return
			}
			r.must(build.Built).wantSteps(tt.want...)
			b.wantClean()
			for _, s := range r.reports[0].Steps {
				if s.Cached && (s.Cost <= 0 || s.Took != 0) {
					t.Errorf("step = %+v, want what it took when it ran", s)
				}
			}
			r = b.build(three, build.Options{}) // the former image is there, too, but its name leads to another by now
			if name == "image's name" {
				r.must(build.Unchanged)
				return
			}
			r.must(build.Built).wantSteps("base*", "shell*", "shell*")
		})
	}
}

func TestBuilderWithoutAbilities(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	r := b.build(`
source "plain" "web" { keep = ["shell-history"] }
build {
  sources = ["source.plain.web"]
  provisioner "shell" {
    inline = [
      "test '${build.Host}' = 192.0.2.7",
      "test '${build.ID}' = $PACKER_RUN_UUID",
      "echo ls > /root/.bash_history; echo id > /etc/machine-id; echo x > /tmp/x",
    ]
  }
}`, build.Options{}).must(build.Built)
	r.wantSaid("this builder cannot start what it captured: the image stays unproven")
	image := files(t, r.reports[0].Image)
	if !strings.HasSuffix(image["./root/.bash_history"], " ls\n") || !strings.HasSuffix(image["./etc/machine-id"], " ") || image["./tmp/x"] != "" {
		t.Errorf("image holds %q, %q, %q", image["./root/.bash_history"], image["./etc/machine-id"], image["./tmp/x"])
	}
	b.wantVersions("web:1 UNPROVEN")
	b.wantClean()
}

func TestCommitOfTheTemplate(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	b := newBench(t)
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", b.dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	if got := b.build(bare, build.Options{}).must(build.Built).reports[0].Commit; got != "" {
		t.Errorf("commit = %q before the first", got)
	}
	for i, hcl := range []string{three, edit(t, three, "echo two", "echo  two")} {
		b.write("image.pkr.hcl", hcl)
		git("add", ".")
		git("commit", "-q", "-m", "x")
		head, dirty := git("rev-parse", "HEAD"), ""
		if i == 1 {
			b.write("other", "x")
			dirty = "+dirty"
		}
		before := snapshot(t, filepath.Join(b.dir, ".git"))
		r := b.build(hcl, build.Options{}).must(build.Built)
		wantSame(t, before, snapshot(t, filepath.Join(b.dir, ".git")))
		if r.reports[0].Commit != head+dirty || b.versions()[0].Commit != head+dirty {
			t.Errorf("commit = %q, want %q", r.reports[0].Commit, head+dirty)
		}
	}
}
