package build_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/spec"
)

func TestMain(m *testing.M) {
	syscall.Umask(0o022) // modes are compared
	if fi, err := os.Stat("/dev/shm"); err == nil && fi.IsDir() && os.Getenv("TMPDIR") == "" {
		os.Setenv("TMPDIR", "/dev/shm") // much is synced, and nothing of it has to last
	}
	os.Exit(m.Run())
}

// stride is from one enumerated point to the next: with -short some are left out.
func stride() int {
	if testing.Short() {
		return 13
	}
	return 1
}

// bench is a home in which builds run, and a directory with a template. Its
// builders are of kind "fake", and "plain" without any optional ability.
type bench struct {
	t    testing.TB
	home string
	dir  string

	// What follows may be changed between builds.
	fault    func(ctx context.Context, call fake.Call) error
	observe  func(ledger.Point)
	now      func() time.Time // of the cache
	maxAge   time.Duration    // of the cache
	load     template.Options
	attach   []string // paths given to --verify
	sees     func(build.Event)
	version  string               // of the step and the checks "versioned"
	probe    func() bool          // false: the probe that was started greets, and dies
	probeErr error                // why there is no probe for the machines
	cost     func() time.Duration // of a layer of what goes on running; nil: nothing
}

func newBench(t testing.TB) *bench {
	b := &bench{t: t, home: filepath.Join(t.TempDir(), "home"), dir: t.TempDir()}
	b.load.Environ = []string{}
	return b
}

// path is a path in the home.
func (b *bench) path(elem ...string) string {
	return filepath.Join(append([]string{b.home}, elem...)...)
}

// write writes a file beside the template and returns its path.
func (b *bench) write(name, text string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// session is a kit, as a process of its own would open it.
type session struct {
	build.Kit
	b *bench

	mu     sync.Mutex
	events []build.Event
}

func (s *session) Event(e build.Event) {
	s.mu.Lock()
	s.events = append(s.events, e)
	s.mu.Unlock()
	if s.b.sees != nil {
		s.b.sees(e)
	}
}

func (b *bench) open() *session {
	b.t.Helper()
	s := &session{b: b}
	var opts []ledger.Option
	if b.observe != nil {
		opts = append(opts, ledger.WithObserver(b.observe))
	}
	l, err1 := ledger.Open(b.path("ledger"), opts...)
	store, err2 := cache.Open(b.path("cache"), cache.Options{Now: b.now, MaxAge: b.maxAge, Warn: func(f string, a ...any) { b.t.Logf(f, a...) }})
	images, err3 := catalog.Open(b.path("catalog.db"))
	if err := errors.Join(err1, err2, err3); err != nil {
		b.t.Fatal(err)
	}
	s.Kit = build.Kit{
		Builders: template.NewSet(
			template.Define("fake", "", func(c config) (machine.Builder, error) { return b.builder(c, images) }),
			template.Define("cloud", "", func(c config) (machine.Builder, error) {
				inner, err := b.builder(c, images)
				return cloud{inner, b.path("cloud")}, err
			}),
			template.Define("plain", "", func(c config) (machine.Builder, error) {
				inner, err := b.builder(c, images)
				return plain{inner, c.Keep, b.path("fake")}, err
			}),
			template.Define("going", "", func(c config) (machine.Builder, error) {
				inner, err := b.builder(c, images)
				return going{inner, b.cost}, err
			}),
			template.Define("single", "", func(c config) (machine.Builder, error) {
				inner, err := b.builder(c, images)
				return single{going{inner, b.cost}}, err
			}),
			template.Define("leaf", "", func(c leaf) (machine.Builder, error) { return c, nil }),
		),
		Provisioners: template.NewSet(provision.File(), provision.Shell(), provision.ShellLocal(), versionedStep(&b.version), onlyValid(),
			provision.Breakpoint(func(context.Context) error { return nil })),
		Posts: template.NewSet(postprocess.Artifice(), postprocess.Checksum(), postprocess.Compress(), postprocess.Manifest(),
			postprocess.ShellLocal()),
		Verifiers: template.NewSet(spec.Inline(), spec.Goss(), versionedChecks(&b.version)),
		Ledger:    l, Cache: store, Catalog: images,
		Probe: func(string) (io.ReadCloser, error) {
			if b.probeErr != nil {
				return nil, b.probeErr
			}
			return io.NopCloser(strings.NewReader("#!/usr/bin/" + probeCommand + "\n")), nil
		},
		ProbeVersion: "1", Images: b.path("images"), Logs: b.path("logs"), Reports: b.path("reports"), Tool: "test", Sink: s,
	}
	return s
}

func (s *session) close() {
	s.b.t.Helper()
	if err := errors.Join(s.Ledger.Close(), s.Catalog.Close()); err != nil {
		s.b.t.Error(err)
	}
}

// config of the builders.
type config struct {
	ImageName string            `opt:"image_name"`
	Format    string            `opt:"format"`
	Parent    string            `opt:"parent"`
	Files     map[string]string `opt:"files"`
	Keep      []string          `opt:"keep"`
	ProveBoot bool              `opt:"prove_boot"`
	LateDisk  bool              `opt:"late_disk"`
}

func (b *bench) builder(c config, images *catalog.Catalog) (*fake.Builder, error) {
	f := fake.Config{Home: b.path("fake"), Name: c.ImageName, Format: c.Format, Files: c.Files, ParentName: c.Parent, ProveBoot: c.ProveBoot, LateDisk: c.LateDisk,
		Commands: map[string]fake.Command{probeCommand: b.runProbe, "find": runFind}, Fault: func(ctx context.Context, call fake.Call) error {
			if b.fault == nil {
				return nil
			}
			return b.fault(ctx, call)
		}}
	if c.Parent != "" {
		f.Parent = func(ctx context.Context) (image.Image, error) {
			v, err := images.Get(ctx, c.Parent)
			return v.Image, err
		}
	}
	return fake.New(f)
}

// plain is a builder without the abilities of whole platforms: no layers, no way to
// boot an image. Its machines are sealed from the inside, and say where they are.
type plain struct {
	machine.Builder
	keep []string
	home string
}

func (p plain) KeepResidue() []string { return p.keep }
func (p plain) Where() ledger.Where   { return fake.Where(p.home) }

func (p plain) Start(ctx context.Context, env machine.Env) (machine.Machine, error) {
	m, err := p.Builder.Start(ctx, env)
	if err != nil {
		return nil, err
	}
	return plainMachine{m, m.(machine.Gater)}, nil
}

type plainMachine struct {
	machine.Machine
	machine.Gater
}

func (plainMachine) Vars() map[string]string { return map[string]string{"Host": "192.0.2.7"} }
func (plainMachine) EnterCommand() string    { return "ssh root@192.0.2.7" }

// probeCommand is the probe of the machines: it runs in this process, and what
// needs a running system cannot be answered.
const probeCommand = "proofmark-test-probe"

func (b *bench) runProbe(ctx context.Context, p *fake.Process) int {
	unlinked := p.Files.Remove(p.Args[1]) == nil
	if b.probe != nil && !b.probe() {
		fmt.Fprintf(p.Stdout, `{"proofmark-probe":%q,"unlinked":true}`+"\n", probe.Version)
		return 1
	}
	if err := probe.NewProber(p.Root()).Serve(ctx, p.Stdin, p.Stdout, unlinked); err != nil {
		return 1
	}
	return 0
}

// runFind is "find DIR … ! -type d -exec rm": all that the script needs that seals
// a machine from the inside.
func runFind(_ context.Context, p *fake.Process) int {
	var clear func(dir string) error
	clear = func(dir string) error {
		entries, err := p.Files.ReadDir(dir)
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			if e.IsDir() {
				err = errors.Join(err, clear(name))
			} else {
				err = errors.Join(err, p.Files.Remove(name))
			}
		}
		return err
	}
	if clear(p.Path(p.Args[1])) != nil {
		return 1
	}
	return 0
}

// result is what came out of a build.
type result struct {
	t       testing.TB
	reports []build.Report
	err     error
	events  []build.Event
}

// build builds a template in a process of its own.
func (b *bench) build(hcl string, opts build.Options) result {
	b.t.Helper()
	return b.buildIn(b.t.Context(), hcl, opts)
}

func (b *bench) buildIn(ctx context.Context, hcl string, opts build.Options) result {
	b.t.Helper()
	s := b.open()
	defer s.close()
	plan, err := s.plan(hcl, opts)
	if err != nil {
		b.t.Fatalf("plan: %v", err)
	}
	reports, err := plan.Execute(ctx)
	return result{b.t, reports, err, s.events}
}

func (s *session) plan(hcl string, opts build.Options) (*build.Plan, error) {
	s.b.t.Helper()
	name := "image.pkr.hcl"
	if strings.HasPrefix(strings.TrimSpace(hcl), "{") {
		name = "image.json"
	}
	tmpl, err := template.Load(s.b.write(name, hcl), s.b.load)
	if err != nil {
		s.b.t.Fatalf("load: %v", err)
	}
	for _, path := range s.b.attach {
		specs, err := spec.ReadPath(path, spec.GossOptions{})
		if err != nil {
			s.b.t.Fatal(err)
		}
		opts.Verify = append(opts.Verify, specs...)
	}
	return build.NewPlan(tmpl, s.Kit, opts)
}

// must ends the test unless the build went well with these outcomes.
func (r result) must(outcomes ...string) result {
	r.t.Helper()
	if r.err != nil {
		r.t.Fatalf("build: %v\n%s", r.err, r.text())
	}
	r.outcomes(outcomes...)
	return r
}

// fails ends the test unless the build failed for the reason, with these outcomes
// where they are given.
func (r result) fails(reason string, outcomes ...string) result {
	r.t.Helper()
	if r.err == nil || !strings.Contains(r.err.Error(), reason) {
		r.t.Fatalf("err = %v, want one with %q\n%s", r.err, reason, r.text())
	}
	if len(outcomes) > 0 {
		r.outcomes(outcomes...)
	}
	return r
}

// refused ends the test unless checks refused the image.
func (r result) refused(reason string) result {
	r.t.Helper()
	if !errors.Is(r.err, build.ErrRefused) {
		r.t.Fatalf("err = %v, want a refusal\n%s", r.err, r.text())
	}
	return r.fails(reason, build.Refused)
}

func (r result) outcomes(want ...string) {
	r.t.Helper()
	var got []string
	for _, report := range r.reports {
		got = append(got, report.Outcome)
	}
	if !slices.Equal(got, want) {
		r.t.Fatalf("outcomes = %q, want %q; err = %v\n%s", got, want, r.err, r.text())
	}
}

// steps lists the steps that a build really ran ("shell"), or took from a layer
// ("shell*"), in order and by their types.
func (r result) steps(name string) (steps []string) {
	for _, e := range r.events {
		kind, _, _ := strings.Cut(e.Name, " ")
		switch {
		case e.Build != name:
		case e.Type == build.StepStarted:
			steps = append(steps, kind)
		case e.Type == build.StepFinished && e.Cached:
			steps = append(steps, kind+"*")
		}
	}
	return steps
}

func (r result) wantSteps(want ...string) {
	r.t.Helper()
	if got := r.steps(r.reports[0].Build); !slices.Equal(got, want) {
		r.t.Errorf("steps = %q, want %q", got, want)
	}
}

// text is what the build said.
func (r result) text() string {
	var b strings.Builder
	for _, e := range r.events {
		b.WriteString(strings.TrimSpace(strings.Join([]string{string(e.Type), e.Name, e.Text, e.Error}, " ")) + "\n")
		if e.Check != nil && e.Check.Verdict != verify.Pass {
			b.WriteString("    " + string(e.Check.Verdict) + ": " + e.Check.Subject + " " + e.Check.Description + ": " +
				e.Check.Found + e.Check.Reason + "\n")
		}
	}
	return b.String()
}

func (r result) wantSaid(parts ...string) {
	r.t.Helper()
	text := r.text()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			r.t.Errorf("the build did not say %q:\n%s", part, text)
		}
	}
}
