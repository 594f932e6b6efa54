package postprocess

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/template"
)

func kinds() template.Set[PostProcessor] {
	return template.NewSet(Artifice(), Checksum(), Compress(), Manifest(), ShellLocal())
}

// load loads a template of one of the languages around a post-processor.
func load(t *testing.T, text string) (*template.Block, error) {
	t.Helper()
	name, whole := "t.pkr.hcl", "source \"null\" \"x\" {\n}\nbuild {\nsources = [\"source.null.x\"]\n"+text+"\n}\n"
	if strings.HasPrefix(text, "{") {
		name, whole = "t.json", `{"builders":[{"type":"null"}],"post-processors":[`+text+`]}`
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	set := kinds()
	tpl, err := template.Load(file, template.Options{Environ: []string{}, Check: func(kind string, b *template.Block) template.Diagnostics {
		if kind != "post-processor" {
			return nil
		}
		return set.Check(b)
	}})
	if err != nil {
		return nil, err
	}
	return tpl.Builds[0].PostProcessors[0][0], nil
}

// open opens a post-processor that is right.
func open(t *testing.T, text string) PostProcessor {
	t.Helper()
	b, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := kinds().Open(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// record is a log that keeps what it is told.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

func (r *record) Say(f string, a ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.text, f+"\n", a...)
}
func (r *record) Message(f string, a ...any) { r.Say(f, a...) }
func (r *record) Warn(f string, a ...any)    { r.Say("warning: "+f, a...) }
func (r *record) Output() io.WriteCloser     { return recordOutput{r} }
func (r *record) Progress(string, int64) func(int64, bool) {
	return func(int64, bool) {}
}

type recordOutput struct{ *record }

func (o recordOutput) Write(p []byte) (int, error) {
	o.Say("%s", strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
func (recordOutput) Close() error { return nil }

// bench is a directory with an artifact in it: the file disk.img, or the tree.
type bench struct {
	t   *testing.T
	dir string
	log *record
	run Run
}

func newBench(t *testing.T) *bench {
	t.Helper()
	l, err := ledger.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: t.TempDir(), log: &record{}}
	scope := l.Scope("run", "test", nil)
	b.run = Run{Files: &output.Files{Scope: scope}, Res: scope, Out: b.log, ID: "run-1", BuildName: "web", BuildType: "null"}
	b.write("disk.img", strings.Repeat("disk\n", 20_000))
	b.write("tree/etc/hosts", "localhost\n")
	b.write("tree/a", "a\n")
	if err := errors.Join(os.Symlink("etc", b.path("tree/link")), os.Link(b.path("tree/a"), b.path("tree/b")), os.Chmod(b.path("tree/a"), 0o755|os.ModeSetuid)); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

func (b *bench) write(name, text string) {
	b.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(b.path(name)), 0o755), os.WriteFile(b.path(name), []byte(text), 0o644)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b *bench) image(names ...string) image.Image {
	img := image.Image{Name: "web", Builder: "null", ID: "Null"}
	for _, n := range names {
		img.Files = append(img.Files, b.path(n))
	}
	return img
}

// process runs a post-processor; DIR in its text is the bench's directory.
func (b *bench) process(text string, in image.Image) (image.Image, Keep, error) {
	b.t.Helper()
	return open(b.t, strings.ReplaceAll(text, "DIR", b.dir)).Process(b.t.Context(), b.run, in)
}

// Every option, in both languages.
func TestTemplates(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "script.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`post-processor "manifest" {
			output      = "out/manifest.json"
			strip_path  = true
			strip_time  = "true"
			custom_data = { region = "eu-west-1", who = "{{build_name}}" }
			keep_input_artifact = false
		}`,
		`{"type":"manifest","output":"m.json","strip_path":"false","strip_time":true,"custom_data":{"a":"1"},"only":["null"]}`,
		`{"type":"manifest","filename":"old-name.json"}`,
		`{"type":"manifest"}`,
		`post-processor "checksum" {
			checksum_types = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
			output         = "{{.BuildName}}/{{.BuilderType}}.{{.ChecksumType}}"
		}`,
		`{"type":"checksum","checksum_types":"sha1,sha256","output":"sums"}`,
		`post-processor "compress" {
			output              = "{{.BuildName}}-{{timestamp}}.tar.lz4"
			format              = "tar.gz"
			compression_level   = "9"
			keep_input_artifact = true
		}`,
		`{"type":"compress","output":"{{build_name}}.zip","compression_level":-1}`,
		`{"type":"compress","compression_level":12}`,
		`post-processor "shell-local" {
			inline             = ["true"]
			env                = { A = "1" }
			environment_vars   = ["B=2"]
			env_var_format     = "%s='%s' "
			execute_command    = ["bash", "-c", "{{.Vars}} {{.Script}} {{.Artifact}} {{.ArtifactId}} {{.ArtifactFiles}}"]
			inline_shebang     = "/bin/bash -e"
			only_on            = ["linux"]
			valid_exit_codes   = [0, 3]
			tempfile_extension = ".sh"
		}`,
		`{"type":"shell-local","scripts":["` + script + `"],"execute_command":"{{.Vars}} {{.Script}}","use_linux_pathing":true}`,
		`{"type":"shell-local","command":"true"}`,
		`post-processor "artifice" {
			files               = ["a", "b*"]
			keep_input_artifact = true
		}`,
		`{"type":"artifice","files":"a"}`,
	} {
		if _, err := load(t, text); err != nil {
			t.Errorf("%s\n%v", text, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`post-processor "artifice" {}`:                                                                     `needs option "files"`,
		"post-processor \"artifice\" {\nfiles = [\"[\"]\n}":                                                `:6:9: files: "[" is not a pattern`,
		"post-processor \"checksum\" {\nchecksum_types = [\"md5\", \"crc\"]\n}":                            `:6:18: checksum_types: "crc" is none of md5`,
		"post-processor \"checksum\" {\noutput = \"{{.BuildName\"\n}":                                      `output`,
		"post-processor \"compress\" {\ncompression_level = -2\n}":                                         `compression_level: -2 is no level`,
		"post-processor \"compress\" {\ncompression_level = \"much\"\n}":                                   `a whole number`,
		"post-processor \"compress\" {\noutptu = \"x\"\n}":                                                 `did you mean "output"`,
		"post-processor \"manifest\" {\ncustom_data = \"x\"\n}":                                            `custom_data`,
		`post-processor "shell-local" {}`:                                                                  `needs option "inline" or`,
		"post-processor \"shell-local\" {\nscript = \"/nonexistent\"\n}":                                   `:6:10: script: stat /nonexistent`,
		"post-processor \"shell-local\" {\ninline = [\"x\"]\nexecute_command = [\"sh\", \"{{.Path}}\"]\n}": `{{.Path}} is not known here`,
		"post-processor \"shell-local\" {\ninline = [\"x\"]\nonly_on = [\"beos\"]\n}":                      `"beos" is none of`,
	} {
		if _, err := load(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %q", text, err, want)
		}
	}
}

func TestArtifice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("box1", "1")
	b.write("box2", "2")
	out, keep, err := b.process(`{"type":"artifice","files":["DIR/box*","DIR/tree","DIR/none"]}`, b.image("disk.img"))
	if err != nil || keep != Prefer || out.MadeBy != "packer.post-processor.artifice" || out.Builder != "" {
		t.Errorf("%+v, %v, %v", out, keep, err)
	}
	if got := strings.Join(out.Files, " "); got != b.path("box1")+" "+b.path("box2")+" "+b.path("tree") {
		t.Error(got)
	}
	for text, want := range map[string]string{
		`{"type":"artifice","files":["DIR/none"]}`:       "no file is there that is called",
		`{"type":"compress","output":"DIR/none.tar.gz"}`: "there is no file to pack",
	} {
		if out, _, err = b.process(text, b.image()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", text, out, err)
		}
	}
}

func TestShellLocal(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.image("disk.img")
	in.ID, in.Digest = b.path("disk.img"), "sha256:abc"
	out, keep, err := b.process(`{"type":"shell-local","inline":["echo $PACKER_BUILD_NAME $PACKER_BUILDER_TYPE $PACKER_RUN_UUID $PROOFMARK_ARTIFACT_ID $A"],"environment_vars":["A=1"]}`, in)
	if err != nil || keep != Must || out.ID != in.ID {
		t.Errorf("%+v, %v, %v", out, keep, err)
	}
	for _, command := range []string{`"echo {{.Artifact}} {{.ArtifactId}} {{.ArtifactFiles}}"`, `["echo", "{{.Artifact}} {{.ArtifactId}} {{.ArtifactFiles}}"]`} {
		if _, _, err := b.process(`{"type":"shell-local","command":"x","execute_command":`+command+`}`, in); err != nil {
			t.Error(err)
		}
	}
	said := b.log.text.String()
	if line := "sha256:abc sha256:abc " + b.path("disk.img") + "\n"; !strings.Contains(said, "web null run-1 sha256:abc 1\n") || strings.Count(said, line) != 2 {
		t.Error(said)
	}
	if _, _, err := b.process(`{"type":"shell-local","command":"exit 3"}`, in); err == nil {
		t.Error("a status of 3 is no error")
	}
}

// A pipe in the place of what is to be written to is an error, and blocks nobody.
func TestPipesAreNoFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := syscall.Mkfifo(b.path("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`{"type":"manifest","output":"DIR/pipe"}`,
		`{"type":"checksum","output":"DIR/pipe"}`,
		`{"type":"compress","output":"DIR/pipe"}`,
	} {
		if _, _, err := b.process(text, b.image("disk.img")); err == nil || !strings.Contains(err.Error(), "not a file") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, _, err := b.process(`{"type":"compress","output":"DIR/x.gz"}`, b.image("pipe")); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Error(err)
	}
}
