package build_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// leaf is a builder that writes a file without a machine.
type leaf struct {
	Target string `opt:"target,required"`
}

func (leaf) Machineless() bool                                     { return true }
func (leaf) Fingerprint(context.Context, *cache.Hash) error        { return nil }
func (leaf) Resources(ledger.Where) []ledger.Class                 { return nil }
func (leaf) Connect(context.Context) (machine.Communicator, error) { return machine.None{}, nil }
func (leaf) Close(context.Context) error                           { return nil }

func (l leaf) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	return l, env.Files.Write(ctx, l.Target, 0o644, func(w *os.File) error { _, err := w.WriteString("leaf"); return err })
}

func (l leaf) Capture(context.Context, machine.Env) (image.Image, error) {
	return image.Image{Builder: "leaf", ID: "Leaf", Files: []string{l.Target}, About: "a leaf"}, nil
}

// posts is a template of a kind of builder with a list of post-processors. DIR is
// the bench's directory.
func (b *bench) posts(kind, list string) string {
	options := ""
	if kind == "leaf" {
		options = `target = "DIR/out/leaf.txt"`
	}
	return strings.ReplaceAll(fmt.Sprintf(`
source %q "web" { %s }
build {
  sources = ["source.%s.web"]
  %s
}`, kind, options, kind, list), "DIR", b.dir)
}

// out lists what is in the directory out beside the template.
func (b *bench) out() string {
	b.t.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(b.dir, "out"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

const (
	packed     = `post-processor "compress" { output = "DIR/out/web.tar.gz" }`
	listed     = `post-processor "manifest" { output = "DIR/out/manifest.json" }`
	summed     = `post-processor "checksum" { output = "DIR/out/sum" }`
	packedKept = `post-processor "compress" {
    output              = "DIR/out/kept.tar"
    keep_input_artifact = true
  }`
)

// What is kept and what is deleted, with and without a catalog that owns the image.
func TestPostProcessorsKeepAndDelete(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, list string
		leaf, fake string // what is there afterwards
		artifacts  string // of the leaf
	}{
		{"none", ``, "leaf.txt", "", "a leaf"},
		{"input goes", packed, "web.tar.gz", "web.tar.gz", "compressed web.tar.gz"},
		{"input stays", packedKept, "kept.tar leaf.txt", "kept.tar", "a leaf, compressed kept.tar"},
		{"one of two keeps it", packed + "\n" + packedKept, "kept.tar leaf.txt web.tar.gz", "kept.tar web.tar.gz", "a leaf, compressed web.tar.gz, compressed kept.tar"},
		{"forced to keep", `post-processor "checksum" {
    output              = "DIR/out/sum"
    keep_input_artifact = false
  }`, "leaf.txt sum", "sum", "a leaf, files leaf.txt sum"},
		{"in between", `post-processors {
    ` + packed + `
    post-processor "compress" { output = "DIR/out/again.zip" }
  }`, "again.zip", "again.zip", "compressed again.zip"},
		{"in between, kept", `post-processors {
    ` + packed + `
    ` + summed + `
    ` + listed + `
  }`, "manifest.json sum web.tar.gz", "manifest.json sum web.tar.gz", "compressed web.tar.gz, files web.tar.gz sum, files web.tar.gz sum"},
		{"kept by one, and deleted by a later one", `post-processors {
    ` + packed + `
    ` + summed + `
    post-processor "compress" { output = "DIR/out/again.zip" }
  }`, "again.zip", "again.zip", "compressed web.tar.gz, compressed again.zip"},
		{"files of others", `post-processors {
    post-processor "artifice" {
      files               = ["DIR/own*"]
      keep_input_artifact = false
    }
    ` + packed + `
  }`, "web.tar.gz", "web.tar.gz", "compressed web.tar.gz"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for kind, want := range map[string]string{"leaf": tt.leaf, "fake": tt.fake} {
				b := newBench(t)
				own := b.write("own", "mine")
				r := b.build(b.posts(kind, tt.list), build.Options{}).must(build.Built)
				if got := b.out(); got != want {
					t.Errorf("%s: left %q, want %q", kind, got, want)
				}
				if _, err := os.Stat(own); (err == nil) == (tt.name == "files of others") {
					t.Errorf("%s: own file: %v", kind, err)
				}
				b.wantClean()
				if kind == "fake" {
					b.wantVersions("web:1 UNPROVEN")
					if _, err := os.Stat(b.versions()[0].Image.ID); err != nil {
						t.Errorf("the catalog's image: %v", err)
					}
					continue
				}
				b.wantVersions()
				var got []string
				for i, e := range eventsOf(r, build.ArtifactMade) {
					got = append(got, short(e.Artifact.Text))
					if e.Done != int64(i) || e.Total != int64(len(r.reports[0].Artifacts)) {
						t.Errorf("artifact %d of %d", e.Done, e.Total)
					}
				}
				if s := strings.Join(got, ", "); s != tt.artifacts {
					t.Errorf("artifacts %s, want %s", s, tt.artifacts)
				}
			}
		})
	}
}

func eventsOf(r result, typ build.EventType) (found []build.Event) {
	for _, e := range r.events {
		if e.Type == typ {
			found = append(found, e)
		}
	}
	return found
}

// short is an artifact's text without directories.
func short(text string) string {
	text = strings.NewReplacer("compressed artifacts in:", "compressed", "Created artifact from files:", "files", ",", "").Replace(text)
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = filepath.Base(w)
	}
	return strings.Join(words, " ")
}

// What a link leads to, and what lies in a directory, is not deleted with it when it
// is needed.
func TestPostProcessorsDeleteNoOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(b.posts("fake", ""), build.Options{}).must(build.Built)
	img := b.versions()[0].Image.ID
	link := filepath.Join(b.dir, "current.img")
	if err := os.Symlink(img, link); err != nil {
		t.Fatal(err)
	}
	own := b.write("out/own", "mine")
	for _, files := range []string{"current.img", "out"} {
		b.build(b.posts("leaf", `post-processors {
    post-processor "artifice" { files = ["DIR/`+files+`"] }
    `+packed+`
  }`), build.Options{}).must(build.Built)
		for _, path := range []string{img, link, own, filepath.Join(b.dir, "out/web.tar.gz")} {
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s: %v", files, err)
			}
		}
	}
	b.wantVersions("web:1 UNPROVEN")
	b.wantClean()
}

// A build is unchanged as long as what the post-processors made of it stands.
func TestPostProcessedAgain(t *testing.T) {
	t.Parallel()
	list := packed + "\n" + listed + "\n" + `post-processor "shell-local" { inline = ["echo ran >> DIR/ran"] }`
	b := newBench(t)
	ran := func() int {
		text, err := os.ReadFile(filepath.Join(b.dir, "ran"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), "ran")
	}
	b.build(b.posts("fake", list), build.Options{}).must(build.Built)
	before := snapshot(t, b.home)
	r := b.build(b.posts("fake", list), build.Options{}).must(build.Unchanged)
	wantSame(t, before, snapshot(t, b.home))
	if n := len(eventsOf(r, build.ArtifactMade)); n != 4 || ran() != 1 {
		t.Errorf("%d artifacts, ran %d times", n, ran())
	}

	if err := os.Remove(filepath.Join(b.dir, "out/web.tar.gz")); err != nil {
		t.Fatal(err)
	}
	b.build(b.posts("fake", list), build.Options{}).must(build.Processed).wantSteps()
	if got := b.out(); got != "manifest.json web.tar.gz" || ran() != 2 {
		t.Errorf("left %q, ran %d times", got, ran())
	}
	b.build(b.posts("fake", list), build.Options{}).must(build.Unchanged)

	list += "\n" + summed
	b.build(b.posts("fake", list), build.Options{}).must(build.Processed).wantSteps()
	b.build(b.posts("fake", list), build.Options{}).must(build.Unchanged)
	b.wantVersions("web:1 UNPROVEN")
	b.wantClean()

	// With new checks the image is proven again; what was made of it stands.
	proven := edit(t, b.posts("fake", list), `post-processor "compress"`, `verify "inline" {
    file "/srv" { exists = true }
  }
  post-processor "compress"`)
	b.build(proven, build.Options{}).must(build.ProvenAgain)
	if ran() != 3 {
		t.Errorf("ran %d times", ran())
	}
	// The same, when it does not.
	if err := os.Remove(filepath.Join(b.dir, "out/sum")); err != nil {
		t.Fatal(err)
	}
	b.build(edit(t, proven, `"/srv"`, `"/tmp"`), build.Options{}).must(build.ProvenAgain)
	if got := b.out(); got != "manifest.json sum web.tar.gz" {
		t.Errorf("left %q", got)
	}
	b.build(b.posts("fake", ""), build.Options{}).must(build.ProvenAgain)
	b.build(b.posts("fake", ""), build.Options{}).must(build.Unchanged)
}

// TestPostProcessorsGetProvenBytes: bytes of another content, as many as there were, are
// seen before anything is made of them.
func TestPostProcessorsGetProvenBytes(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"tar", "dir"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			as := func(list string) string {
				return edit(t, b.posts("fake", list), `"web" {`, `"web" { format = "`+format+`"`)
			}
			img := b.build(as(""), build.Options{}).must(build.Built).reports[0]
			file := img.Image
			if format == "dir" {
				file = filepath.Join(file, "etc", "os-release")
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			text[len(text)/2] ^= 1
			if err := os.WriteFile(file, text, 0o644); err != nil {
				t.Fatal(err)
			}
			b.build(as(""), build.Options{}).must(build.Unchanged) // which reads no content
			b.build(as(packed), build.Options{}).must(build.Built).wantSaid("Building web:1 anew: its files are damaged: ")
			b.wantVersions("web:2 UNPROVEN", "web:1 UNPROVEN")
			b.build(as(packed), build.Options{}).must(build.Unchanged)
			b.build(as(packed+"\n"+listed), build.Options{}).must(build.Processed)
		})
	}
}

// TestRefusedAfterPostProcessing: what was made of an image that is refused now stays,
// and is named.
func TestRefusedAfterPostProcessing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := b.posts("fake", packed)
	b.build(hcl, build.Options{}).must(build.Built)
	out := filepath.Join(b.dir, "out/web.tar.gz")
	r := b.build(edit(t, hcl, "post-processor", "verify \"inline\" {\n file \"/srv/x\" {}\n}\npost-processor"), build.Options{}).refused("failed")
	r.wantSaid(out + " was made of the image web:1, which is refused now: it stays")
	if _, err := os.Stat(out); err != nil {
		t.Error(err)
	}
}

// A script that a post-processor reads is part of what makes a build unchanged.
func TestPostProcessorsScriptChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	script := b.write("script.sh", "#!/bin/sh\ntrue\n")
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	hcl := b.posts("fake", `post-processor "shell-local" { script = "DIR/script.sh" }`)
	b.build(hcl, build.Options{}).must(build.Built)
	b.build(hcl, build.Options{}).must(build.Unchanged)
	b.write("script.sh", "#!/bin/sh\necho \"$PROOFMARK_ARTIFACT_ID\" \"$PROOFMARK_ARTIFACT_FILES\" >$(dirname $0)/said\n")
	b.build(hcl, build.Options{}).must(build.Processed)
	v := b.versions()[0]
	said, err := os.ReadFile(filepath.Join(b.dir, "said"))
	if want := string(v.Image.Digest) + " " + v.Image.ID + "\n"; string(said) != want || err != nil {
		t.Errorf("said %q, %v, want %q", said, err, want)
	}
}

// So is a file that an artifice names, unless the build itself deletes it.
func TestArtificeFileChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	hcl := b.posts("fake", `post-processors {
    post-processor "artifice" { files = ["DIR/own*"] }
    post-processor "checksum" { output = "DIR/sum" }
  }`)
	b.write("own", "1")
	b.build(hcl, build.Options{}).must(build.Built)
	b.build(hcl, build.Options{}).must(build.Unchanged)
	b.write("own", "2")
	b.build(hcl, build.Options{}).must(build.Processed)
	b.build(hcl, build.Options{}).must(build.Unchanged)
	for _, deleted := range []string{"own*", "out/web.tar.gz"} { // also when the build itself made it
		hcl := b.posts("fake", `post-processors {
    `+packed+`
    post-processor "artifice" { files = ["DIR/`+deleted+`"] }
    post-processor "compress" { output = "DIR/out/again.zip" }
  }`)
		b.build(hcl, build.Options{}).must(build.Processed)
		b.build(hcl, build.Options{}).must(build.Unchanged)
	}
}

// When one fails nothing is recorded, nothing is left, and what was replaced is back.
func TestPostProcessorFails(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"leaf", "fake"} {
		b := newBench(t)
		b.write("out/web.tar.gz", "old")
		b.write("out/manifest.json", `{"builds":[{"name":"old"}],"last_run_uuid":"x"}`)
		list := packedKept + "\n" + packed + "\n" + listed + "\n" + summed + "\n" + `post-processor "shell-local" { inline = ["ls DIR/out >DIR/seen", "exit 7"] }`
		b.build(b.posts(kind, list), build.Options{}).fails("post-processor shell-local: script inline (2 lines) ended with exit status 7", build.Failed)
		b.wantVersions()
		b.wantClean()
		if got := b.out(); got != "manifest.json web.tar.gz" {
			t.Errorf("%s: left %q", kind, got)
		}
		for file, want := range map[string]string{"out/web.tar.gz": "old", "out/manifest.json": `"name":"old"`} {
			if text, err := os.ReadFile(filepath.Join(b.dir, file)); err != nil || !strings.Contains(string(text), want) {
				t.Errorf("%s: %s is %q, %v", kind, file, text, err)
			}
		}
		if seen, err := os.ReadFile(filepath.Join(b.dir, "seen")); err != nil || !strings.Contains(string(seen), "kept.tar") || !strings.Contains(string(seen), "sum") {
			t.Errorf("%s: the script saw %q, %v", kind, seen, err)
		}
	}
}

// TestFailedBuildWithoutAMachine: nothing is said of a machine.
func TestFailedBuildWithoutAMachine(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("out/leaf.txt/in", "the way")
	r := b.build(b.posts("leaf", ""), build.Options{}).fails("leaf.txt", build.Failed)
	if strings.Contains(r.err.Error(), "machine") {
		t.Errorf("error %v", r.err)
	}
	for name, opts := range map[string]build.Options{
		"abort": {OnError: build.Abort}, "keep": {Keep: time.Hour}, "cleanup": {},
		"shell": {OnError: build.Shell, Interact: func(context.Context, machine.Communicator, string) error { panic("a shell in nothing") }},
		"ask":   {OnError: build.Ask, Line: person("c"), Interact: func(context.Context, machine.Communicator, string) error { return nil }},
	} {
		b := newBench(t)
		r := b.build(b.posts("leaf", `provisioner "shell-local" { inline = ["exit 7"] }`), opts).fails("exit status 7", build.Failed)
		events, err := json.Marshal(r.events)
		if err != nil || strings.Contains(string(events), "machine") {
			t.Errorf("%s: %v\n%s", name, err, events)
		}
		stays := opts.OnError == build.Abort || opts.Keep > 0
		if said := strings.Contains(string(events), "What was written ("+filepath.Join(b.dir, "out/leaf.txt")+") stays until "); said != stays {
			t.Errorf("%s: told that it stays: %v", name, said)
		}
		if there := b.out() == "leaf.txt"; there != stays {
			t.Errorf("%s: stays: %v", name, there)
		}
	}
}

func TestManifestOfAnImage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(b.posts("fake", listed), build.Options{}).must(build.Built)
	var m struct {
		Builds []struct {
			Name        string
			BuilderType string `json:"builder_type"`
			Artifact    string `json:"artifact_id"`
			Run         string `json:"packer_run_uuid"`
			Files       []struct {
				Name string
				Size int64
			}
		}
		Last string `json:"last_run_uuid"`
	}
	text, err := os.ReadFile(filepath.Join(b.dir, "out/manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil || len(m.Builds) != 1 || len(m.Builds[0].Files) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	v, got := b.versions()[0], m.Builds[0]
	if got.Name != "web" || got.BuilderType != "fake" || got.Artifact != string(v.Image.Digest) || got.Files[0].Name != v.Image.ID ||
		got.Files[0].Size != v.Image.Size || got.Run != m.Last || len(got.Run) != 36 {
		t.Errorf("%s\nof %+v", text, v.Image)
	}
}

func TestMachinelessBuilds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 2 { // nothing is proven, so nothing is unchanged
		r := b.build(b.posts("leaf", `provisioner "shell-local" { inline = ["cat DIR/out/leaf.txt"] }`), build.Options{}).must(build.Built)
		if !strings.Contains(r.text(), "leaf") || r.reports[0].Version != 0 {
			t.Errorf("%+v\n%s", r.reports[0], r.text())
		}
	}
	b.build(b.posts("leaf", `provisioner "shell" { inline = ["true"] }`), build.Options{}).fails("there is no machine (communicator none)", build.Failed)
	if got := b.out(); got != "leaf.txt" {
		t.Errorf("left %q", got)
	}
	b.wantVersions()
	b.wantClean()

	s := b.open()
	defer s.close()
	for want, list := range map[string]string{
		"image.pkr.hcl:5:3: build leaf.web makes no machine that could be checked": `verify "inline" {}`,
		"choose builds with -only": ``,
	} {
		if list == "" {
			b.attach = []string{b.write("goss.yaml", "file:\n  /srv: {exists: true}\n")}
		}
		if _, err := s.plan(b.posts("leaf", list), build.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A process that dies anywhere leaves nothing that a reaper does not remove, beside
// what was the user's.
func TestDeathWhilePostProcessing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"leaf", "fake"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for n := 1; n < 500; n += stride() {
				b := newBench(t)
				b.dir = filepath.Dir(b.home) // as the process that dies has it
				b.write("out/web.tar.gz", "old")
				hcl := b.posts(kind, `post-processors {
    `+packed+`
    post-processor "compress" { output = "DIR/out/new/again.zip" }
    `+listed+`
  }`)
				point, lived := b.die(fmt.Sprint(n), hcl)
				if !lived {
					b.reap()
					b.wantClean()
				}
				got := b.out()
				recorded := kind == "fake" && len(b.versions()) == 1
				switch {
				case lived && got != "manifest.json again.zip",
					recorded && !slices.Contains([]string{"manifest.json again.zip", "manifest.json again.zip web.tar.gz"}, got):
					t.Errorf("made %q", got)
				case lived || recorded:
				case kind == "fake" && got != "web.tar.gz":
					t.Errorf("left %q", got)
				case kind == "leaf" && strings.Contains(got, ".pm"):
					t.Errorf("left %q", got)
				case kind == "leaf" && !strings.Contains(got, "web.tar.gz") && got != "manifest.json again.zip" && got != "leaf.txt manifest.json again.zip":
					t.Errorf("left %q", got)
				}
				if t.Failed() || lived {
					if lived && n < 50 {
						t.Errorf("only %d points", n)
					}
					t.Logf("point %d, %s", n, point)
					return
				}
			}
		})
	}
}
