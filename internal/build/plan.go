package build

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Plan is a template opened for building: every component is configured, every
// file a component names has been looked for, and nothing has been started.
type Plan struct {
	kit       Kit
	opts      Options
	tmpl      *template.Template
	run       string
	gitCommit func() string // of the template's directory; asked once
	builds    []*job
	cannot    template.Diagnostics // blocks that are valid, but that this version cannot run
	clashes   template.Diagnostics // builds that are valid, but not for one run

	terminal Terminal
}

// job is one build of the plan.
type job struct {
	*template.Build
	image   string // name in the catalog
	parent  string // reference of the image it starts from, or ""
	builder machine.Builder
	posts   [][]postprocess.PostProcessor // as steps
	steps   []provision.Provisioner       // as known before connect: validated, and fingerprinted
	specs   []verify.Spec                 // of the Verifiers, in order, then those attached from outside
	digests []string                      // of specs

	done chan struct{} // closed when the build has ended
	err  error         // valid after done
}

// NewPlan opens every component of the template. The error is
// template.Diagnostics when the template is at fault. What this version cannot run
// is no fault: see Cannot.
func NewPlan(t *template.Template, kit Kit, opts Options) (*Plan, error) {
	p := &Plan{kit: kit, opts: opts, tmpl: t, run: newRunID(time.Now()), terminal: kit.Terminal,
		gitCommit: sync.OnceValue(func() string { return commitOf(t.Dir) })}
	if p.terminal == nil {
		p.terminal = NewTerminal()
	}
	var diags template.Diagnostics
	names, places := map[string]*job{}, map[string]*job{}
	for _, b := range t.Builds {
		j, wrong := p.open(b)
		for _, d := range wrong { // blocks that several builds share are opened for each
			if !slices.Contains(diags, d) {
				diags = append(diags, d)
			}
		}
		if j.builder == nil {
			continue // at fault, or not to be run
		}
		if other := names[j.image]; other != nil && !j.imageless() {
			diags = append(diags, template.Diagnostic{Pos: b.Source.Pos,
				Summary: fmt.Sprintf("builds %s and %s both make an image named %q", other.Name, b.Name, j.image),
				Detail:  "give one of them another image_name, or choose one with -only"})
		}
		if !j.imageless() {
			names[j.image] = j
		}
		for _, place := range j.places() {
			abs, err := filepath.Abs(place)
			if err != nil {
				continue // publishing tells
			}
			if other := places[abs]; other != nil && other != j {
				p.clashes = append(p.clashes, template.Diagnostic{Pos: b.Source.Pos,
					Summary: fmt.Sprintf("builds %s and %s both put their image at %s", other.Name, b.Name, place),
					Detail:  "give one of them another place, or choose one with -only"})
			}
			places[abs] = j
		}
		p.builds = append(p.builds, j)
	}
	diags = append(diags, p.cycles()...)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	if len(t.Builds) == 0 {
		return nil, errors.New("nothing to build: the template has no build, or -only and -except leave none")
	}
	return p, nil
}

// open opens the components of one build. Without a builder little is known of it.
func (p *Plan) open(b *template.Build) (*job, template.Diagnostics) {
	j := &job{Build: b, image: b.Source.Name, done: make(chan struct{})}
	var diags template.Diagnostics
	note := func(err error) {
		var d template.Diagnostics
		switch {
		case errors.As(err, &d):
			diags = append(diags, d...)
		case err != nil:
			diags = append(diags, template.Diagnostic{Summary: err.Error()})
		}
	}
	var err error
	j.builder, err = p.kit.Builders.Open(b.Source, nil)
	note(p.able("builder", b.Source, err))
	for _, s := range b.Provisioners {
		step, err := p.kit.Provisioners.Open(s.Block, nil)
		note(p.able("provisioner", s.Block, err))
		j.steps = append(j.steps, step)
	}
	if b.ErrorCleanup != nil {
		_, err := p.kit.Provisioners.Open(b.ErrorCleanup.Block, nil)
		note(p.able("provisioner", b.ErrorCleanup.Block, err))
	}
	for _, v := range b.Verifiers {
		spec, err := p.kit.Verifiers.Open(v, nil)
		note(err)
		if err == nil {
			j.specs = append(j.specs, spec)
		}
	}
	j.specs = append(j.specs, p.opts.Verify...)
	for _, s := range j.specs {
		d, err := specDigest(s)
		note(err)
		j.digests = append(j.digests, d)
	}
	for _, seq := range b.PostProcessors {
		opened := make([]postprocess.PostProcessor, len(seq))
		for i, b := range seq {
			var err error
			opened[i], err = p.kit.Posts.Open(b, nil)
			note(p.able("post-processor", b, err))
		}
		j.posts = append(j.posts, opened)
	}
	if j.machineless() {
		note(j.noChecks(p.opts.Verify))
	}
	if o, ok := j.builder.(machine.Outputter); ok && o.ImageName() != "" {
		j.image = o.ImageName()
	}
	if c, ok := j.builder.(machine.Child); ok {
		j.parent = c.Parent()
	}
	return j, diags
}

// places are the paths outside of the home that the image will be at.
func (j *job) places() []string {
	if p, ok := j.builder.(machine.Placer); ok {
		return p.Places(j.Name)
	}
	return nil
}

// able notes a block that is valid and that this version cannot run; any other
// error is returned.
func (p *Plan) able(kind string, b *template.Block, err error) error {
	if !errors.Is(err, template.ErrOnlyValid) {
		return err
	}
	d := template.Diagnostic{Pos: b.Pos, Summary: fmt.Sprintf("%s %q is valid; this version cannot run it", kind, b.Type)}
	if !slices.Contains(p.cannot, d) { // several builds may share it
		p.cannot = append(p.cannot, d)
	}
	return nil
}

// Cannot says which blocks this version cannot run, by their places; empty when the
// plan can be executed.
func (p *Plan) Cannot() template.Diagnostics { return p.cannot }

// Clashes says which builds would put their images at one place; empty when the plan can be
// executed. A template may mean them to be built one at a time.
func (p *Plan) Clashes() template.Diagnostics { return p.clashes }

// Run is the run's id.
func (p *Plan) Run() string { return p.run }

// Builds returns the names of the planned builds, in template order.
func (p *Plan) Builds() (names []string) {
	for _, j := range p.builds {
		names = append(names, j.Name)
	}
	return names
}
