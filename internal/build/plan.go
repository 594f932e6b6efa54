package build

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
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

	terminal chan struct{} // held by the build that shows a shell
}

// job is one build of the plan.
type job struct {
	*template.Build
	image   string // name in the catalog
	parent  string // reference of the image it starts from, or ""
	builder machine.Builder
	steps   []provision.Provisioner // as known before connect: validated, and fingerprinted
	specs   []verify.Spec           // of the Verifiers, in order, then those attached from outside
	digests []string                // of specs

	done chan struct{} // closed when the build has ended
	err  error         // valid after done
}

// NewPlan opens every component of the template. The error is
// template.Diagnostics when the template is at fault.
func NewPlan(t *template.Template, kit Kit, opts Options) (*Plan, error) {
	p := &Plan{kit: kit, opts: opts, tmpl: t, run: newRunID(time.Now()), terminal: make(chan struct{}, 1),
		gitCommit: sync.OnceValue(func() string { return commitOf(t.Dir) })}
	var diags template.Diagnostics
	names := map[string]*job{}
	for _, b := range t.Builds {
		j, wrong := p.open(b)
		for _, d := range wrong { // blocks that several builds share are opened for each
			if !slices.Contains(diags, d) {
				diags = append(diags, d)
			}
		}
		if j.builder == nil {
			continue
		}
		if other := names[j.image]; other != nil {
			diags = append(diags, template.Diagnostic{Pos: b.Source.Pos,
				Summary: fmt.Sprintf("builds %s and %s both make an image named %q", other.Name, b.Name, j.image),
				Detail:  "give one of them another image_name, or choose one with -only"})
		}
		names[j.image] = j
		p.builds = append(p.builds, j)
	}
	diags = append(diags, p.cycles()...)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	if len(p.builds) == 0 {
		return nil, errors.New("nothing to build: the template has no build, or -only and -except leave none")
	}
	return p, nil
}

// open opens the components of one build. Without a builder little is known of it.
func (p *Plan) open(b *template.Build) (*job, template.Diagnostics) {
	j := &job{Build: b, image: b.Label, done: make(chan struct{})}
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
	note(err)
	for _, s := range b.Provisioners {
		step, err := p.kit.Provisioners.Open(s.Block, nil)
		note(err)
		j.steps = append(j.steps, step)
	}
	if b.ErrorCleanup != nil {
		_, err := p.kit.Provisioners.Open(b.ErrorCleanup.Block, nil)
		note(err)
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
		diags = append(diags, template.Diagnostic{Pos: seq[0].Pos,
			Summary: fmt.Sprintf("post-processor %q is valid, but this version cannot run it", seq[0].Type),
			Detail:  "remove the block; the image lies in the catalog: proofmark images list"})
	}
	if o, ok := j.builder.(machine.Outputter); ok && o.ImageName() != "" {
		j.image = o.ImageName()
	}
	if c, ok := j.builder.(machine.Child); ok {
		j.parent = c.Parent()
	}
	return j, diags
}

// Run is the run's id.
func (p *Plan) Run() string { return p.run }

// Builds returns the names of the planned builds, in template order.
func (p *Plan) Builds() (names []string) {
	for _, j := range p.builds {
		names = append(names, j.Name)
	}
	return names
}
