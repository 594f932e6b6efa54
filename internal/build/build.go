// Package build holds the one flow: a template goes in, a proven image comes out.
// Flow (flow.go) reads top to bottom; everything else here serves it.
package build

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// ErrRefused is in the chain of a build's error when a gate refused the image.
var ErrRefused = errors.New("refused by its checks")

// Kit is what builds stand on. All fields are needed.
type Kit struct {
	Builders     template.Set[machine.Builder]
	Provisioners template.Set[provision.Provisioner]
	Verifiers    template.Set[verify.Spec]
	Ledger       *ledger.Ledger
	Cache        *cache.Store
	Catalog      *catalog.Catalog
	Probe        func(arch string) (io.ReadCloser, error)
	ProbeVersion string // an input of every proof
	Images       string // directory of finished images, by name and run
	Logs         string // directory of complete logs
	Reports      string // directory of reports
	Tool         string // version of Proofmark
	Sink         Sink
}

// OnError says what happens to the machine of a step that failed.
type OnError string

const (
	Cleanup OnError = "cleanup" // destroy it
	Abort   OnError = "abort"   // leave everything for AbortKeep
	Shell   OnError = "shell"   // offer a shell in it, then destroy it
)

// AbortKeep is how long -on-error=abort leaves a machine to be looked at.
const AbortKeep = 24 * time.Hour

// Options of one run. The zero value builds everything, with layers.
type Options struct {
	Parallel int // builds at the same time; 0: no limit
	OnError  OnError
	Force    bool
	Debug    bool
	NoCache  bool          // use no layers and leave none
	Keep     time.Duration // how long a failed machine stays; 0: not at all
	Timeout  time.Duration // of the whole run; 0: none
	Verify   []verify.Spec // checks attached from outside, to every build
	// Interact runs a shell in the machine for a person; needed for Shell.
	Interact func(ctx context.Context, c machine.Communicator, where string) error
}

// Plan is a template opened for building: every component is configured, every
// file a component names has been looked for, and nothing has been started.
type Plan struct {
	kit    Kit
	opts   Options
	tmpl   *template.Template
	run    string
	builds []*job
}

// job is one build of the plan.
type job struct {
	*template.Build
	image   string // name in the catalog
	parent  string // name of the image it starts from, or ""
	builder machine.Builder
	steps   []provision.Provisioner // as known before connect: validated, and fingerprinted
	specs   []verify.Spec

	done chan struct{} // closed when the build has ended
	err  error         // valid after done
}

// NewPlan opens every component of the template. The error is
// template.Diagnostics when the template is at fault.
func NewPlan(t *template.Template, kit Kit, opts Options) (*Plan, error) {
	p := &Plan{kit: kit, opts: opts, tmpl: t, run: newRunID(time.Now())}
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
	names := map[string]*job{}
	for _, b := range t.Builds {
		j := &job{Build: b, done: make(chan struct{})}
		var err error
		j.builder, err = kit.Builders.Open(b.Source, nil)
		note(err)
		for _, s := range b.Provisioners {
			step, err := kit.Provisioners.Open(s.Block, nil)
			note(err)
			j.steps = append(j.steps, step)
		}
		if b.ErrorCleanup != nil {
			_, err := kit.Provisioners.Open(b.ErrorCleanup.Block, nil)
			note(err)
		}
		for _, v := range b.Verifiers {
			spec, err := kit.Verifiers.Open(v, nil)
			note(err)
			j.specs = append(j.specs, spec)
		}
		j.specs = append(j.specs, opts.Verify...)
		for _, seq := range b.PostProcessors {
			diags = append(diags, template.Diagnostic{Pos: seq[0].Pos,
				Summary: fmt.Sprintf("post-processor %q is valid, but this version cannot run it", seq[0].Type),
				Detail:  "remove the block; the image lies in the catalog: proofmark images list"})
		}
		if j.builder == nil {
			continue
		}
		j.image = b.Label
		if o, ok := j.builder.(machine.Outputter); ok && o.ImageName() != "" {
			j.image = o.ImageName()
		}
		if c, ok := j.builder.(machine.Child); ok {
			j.parent = c.Parent()
		}
		if other := names[j.image]; other != nil {
			diags = append(diags, template.Diagnostic{Pos: b.Source.Pos,
				Summary: fmt.Sprintf("builds %s and %s both make an image named %q", other.Name, b.Name, j.image),
				Detail:  "give one of them another image_name, or choose one with -only"})
		}
		names[j.image] = j
		p.builds = append(p.builds, j)
	}
	diags = append(diags, p.cycles(names)...)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	if len(p.builds) == 0 {
		return nil, errors.New("find a build: the template has none, or -only and -except leave none")
	}
	return p, nil
}

// cycles finds builds that would wait for each other.
func (p *Plan) cycles(names map[string]*job) (diags template.Diagnostics) {
	for _, j := range p.builds {
		path := j.image
		for at, n := names[j.parent], 0; at != nil && n <= len(p.builds); at, n = names[at.parent], n+1 {
			path += " <- " + at.image
			if at == j {
				diags = append(diags, template.Diagnostic{Pos: j.Source.Pos,
					Summary: "images are each other's parent: " + path,
					Detail:  "let one of them start from a suite, an archive or an OCI image"})
				break
			}
		}
	}
	return diags
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
