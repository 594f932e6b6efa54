// Package term shows the events of a run: to people in the form that users of
// Packer know, and to programs as JSON. It alone writes to the terminal.
package term

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// Options of NewPeople. The zero value gives plain text, as for a log file.
type Options struct {
	Color      bool // see UseColor
	Timestamps bool // -timestamp-ui: the time in front of every line
	Verbose    bool // checks that pass and steps that ran are shown one by one
	// Width returns the columns of the terminal that the writer is; nil when it is
	// none: then there are no progress bars.
	Width func() int
}

// NewPeople returns a sink that writes lines for people. Every event is written at
// once, so lines of parallel builds never mix. Errors of w are ignored: a build
// does not fail because nobody looks on.
func NewPeople(w io.Writer, o Options) build.Sink {
	return &people{w: w, o: o, byName: map[string]*buildState{}}
}

type people struct {
	mu     sync.Mutex
	w      io.Writer
	o      Options
	out    bytes.Buffer // of the current event
	began  time.Time
	builds []*buildState // in the order in which they began
	byName map[string]*buildState
	bars   bars
}

// buildState is what is remembered of a build until the end of the run.
type buildState struct {
	name   string
	color  color
	images []build.Event
	made   []string // what else it leaves, for people
	err    string
}

func (p *people) Event(e build.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Type == build.Progress {
		if p.o.Width != nil && p.bars.update(e, p.state(e.Build).color) {
			p.flush()
		}
		return
	}
	p.show(e)
	if p.out.Len() > 0 {
		p.flush()
	}
}

// flush writes what the event gave above the progress bars, in one write.
func (p *people) flush() {
	defer p.out.Reset()
	if p.o.Width == nil {
		p.w.Write(p.out.Bytes())
		return
	}
	text := p.bars.erase()
	text = append(text, p.out.Bytes()...)
	p.w.Write(p.bars.draw(text, p.o.Width(), p.o.Color))
}

func (p *people) state(name string) *buildState {
	b := p.byName[name]
	if b == nil {
		b = &buildState{name: name, color: buildColors[len(p.builds)%len(buildColors)]}
		p.byName[name] = b
		if name != "" {
			p.builds = append(p.builds, b)
		}
	}
	return b
}

func (p *people) show(e build.Event) {
	b := p.state(e.Build)
	switch e.Type {
	case build.RunStarted:
		p.began = e.Time
		if len(e.Names) > 0 { // until a mirror has answered it is all that a person sees
			p.line(e, plain, "Building "+strings.Join(e.Names, ", "))
		}
	case build.BuildStarted:
		if p.o.Color {
			p.line(e, bold(b.color), b.name+": output will be in this color.")
		}
	case build.Say:
		p.say(e, bold(b.color), e.Text)
	case build.Message, build.Output:
		if e.Stderr {
			p.say(e, bold(red), e.Text)
			return
		}
		p.detail(e, paint{color: b.color}, e.Text)
	case build.Warning:
		p.say(e, bold(yellow), "Warning: "+e.Text)
	case build.StepFinished:
		p.step(e, b)
	case build.GateStarted:
		p.say(e, bold(b.color), gateTitle(e.Gate))
	case build.CheckDone:
		p.check(e, b)
	case build.GateFinished:
		p.gate(e, b)
	case build.ImageReady:
		b.images = append(b.images, e)
	case build.ArtifactMade:
		if !slices.Contains(b.made, e.Artifact.Text) {
			b.made = append(b.made, e.Artifact.Text)
		}
	case build.BuildDone:
		p.done(e, b)
	case build.RunFinished:
		p.summary(e)
	}
}

// step says what did not have to be done. A step that ran has spoken for itself.
func (p *people) step(e build.Event, b *buildState) {
	switch {
	case e.Cached:
		p.say(e, bold(b.color), cachedStep(e))
	case p.o.Verbose && e.Error == "":
		p.detail(e, paint{color: b.color}, fmt.Sprintf("%s took %s", stepName(e), build.Took(e.Took)))
	}
}

func stepName(e build.Event) string {
	if e.Step > 0 {
		return fmt.Sprintf("Step %d (%s)", e.Step, e.Name)
	}
	return e.Name
}

func cachedStep(e build.Event) string {
	return fmt.Sprintf("%s: unchanged, from a layer %s old", stepName(e), Age(e.Age))
}

func (p *people) done(e build.Event, b *buildState) {
	p.bars.drop(e.Build)
	took := Duration(e.Took)
	switch {
	case e.Error == "" && !e.Refused:
		p.line(e, bold(b.color), fmt.Sprintf("Build '%s' finished after %s.", e.Build, took))
		return
	case e.Refused:
		b.err = "refused: " + e.Error
		p.line(e, bold(red), fmt.Sprintf("Build '%s' refused after %s: %s", e.Build, took, e.Error))
	default:
		b.err = e.Error
		p.line(e, bold(red), fmt.Sprintf("Build '%s' errored after %s: %s", e.Build, took, e.Error))
	}
}

// summary ends the run: errors first, so that what was made stands last.
func (p *people) summary(e build.Event) {
	p.bars.drop("")
	took := e.Took
	if took == 0 && !p.began.IsZero() {
		took = e.Time.Sub(p.began)
	}
	p.blank()
	p.line(e, plain, "==> Wait completed after "+Duration(took))
	failed, made := false, false
	for _, b := range p.builds {
		failed = failed || b.err != ""
		made = made || b.err == "" && len(b.images)+len(b.made) > 0
	}
	if failed || e.Error != "" {
		p.blank()
		p.line(e, bold(red), "==> Some builds didn't complete successfully and had errors:")
		for _, b := range p.builds {
			if b.err != "" {
				p.line(e, bold(red), fmt.Sprintf("--> %s: %s", b.name, b.err))
			}
		}
		if e.Error != "" {
			p.line(e, bold(red), "--> "+e.Error)
		}
	}
	p.blank()
	if !made {
		p.line(e, plain, "==> Builds finished but no artifacts were created.")
		return
	}
	p.line(e, plain, "==> Builds finished. The artifacts of successful builds are:")
	for _, b := range p.builds {
		if b.err != "" {
			continue
		}
		for _, text := range b.made {
			if !slices.ContainsFunc(b.images, func(i build.Event) bool { return i.Text == text }) {
				p.line(e, plain, fmt.Sprintf("--> %s: %s", b.name, text))
			}
		}
		for _, i := range b.images {
			p.line(e, plain, fmt.Sprintf("--> %s: %s", b.name, i.Text))
			if i.Report != "" {
				p.line(e, plain, fmt.Sprintf("--> %s: report: %s", b.name, i.Report))
			}
		}
	}
}
