package term

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// Sink returns a sink that writes the events of a run as Packer writes them: ui lines
// for what people see, and at the end what failed and what was made, by build. Checks
// and gates have lines of their own types, which programs written for Packer pass over.
func (m *Machine) Sink() build.Sink {
	return &machineSink{m: m, byName: map[string]*machineBuild{}}
}

type machineSink struct {
	m *Machine

	mu     sync.Mutex
	began  build.Event
	builds []*machineBuild // in the order in which they began
	byName map[string]*machineBuild
}

// machineBuild is what is remembered of a build until the end of the run.
type machineBuild struct {
	name string
	made []*catalog.Artifact
	err  string
}

func (s *machineSink) Event(e build.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Type {
	case build.RunStarted:
		s.began = e
		for _, name := range e.Names {
			s.build(name)
		}
	case build.Say:
		s.say(e, e.Text)
	case build.Message, build.Output:
		if e.Stderr {
			s.ui(e, uiError, prefixLines("==> ", speaker(e), e.Text))
			return
		}
		s.ui(e, uiMessage, prefixLines("    ", speaker(e), e.Text))
	case build.Warning:
		s.say(e, "Warning: "+e.Text)
	case build.StepFinished:
		if e.Cached {
			s.say(e, cachedStep(e))
		}
	case build.GateStarted:
		s.say(e, gateTitle(e.Gate))
	case build.CheckDone:
		s.check(e)
	case build.GateFinished:
		s.line(e, "gate", strconv.Itoa(e.Gate), strconv.Itoa(e.Passed), strconv.Itoa(e.Failed), strconv.Itoa(e.Unknown), strconv.Itoa(e.Skipped))
		if e.Failed > 0 || e.Unknown > 0 {
			s.ui(e, uiError, prefixLines("==> ", e.Build, gateRefuses(e)))
			return
		}
		s.ui(e, uiMessage, prefixLines("    ", e.Build, gatePassed(e)))
	case build.ArtifactMade:
		b := s.build(e.Build)
		b.made = append(b.made, e.Artifact)
	case build.ImageReady:
		s.line(e, "image", e.Name, e.Text, e.Report)
	case build.BuildDone:
		s.done(e)
	case build.RunFinished:
		s.finish(e)
	}
}

func (s *machineSink) build(name string) *machineBuild {
	b := s.byName[name]
	if b == nil {
		b = &machineBuild{name: name}
		s.byName[name] = b
		s.builds = append(s.builds, b)
	}
	return b
}

func (s *machineSink) line(e build.Event, typ string, data ...string) {
	s.m.write(e.Time, e.Build, typ, data...)
}

// ui writes a line of no build, since the build is named in its text.
func (s *machineSink) ui(e build.Event, kind, text string) {
	s.m.write(e.Time, "", "ui", kind, text)
}

func (s *machineSink) say(e build.Event, text string) {
	s.ui(e, uiSay, prefixLines("==> ", speaker(e), text))
}

// prefixLines puts what people see in front of every line. What would do something to
// a terminal goes: programs show these texts to people.
func prefixLines(prefix, name, text string) string {
	if name != "" {
		prefix += name + ": "
	}
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(prefix+clean(l, false), " \t")
	}
	return strings.Join(lines, "\n")
}

// check writes a check, and an error for people when it does not hold.
func (s *machineSink) check(e build.Event) {
	r := e.Check
	if r == nil {
		return
	}
	s.line(e, "check", strconv.Itoa(e.Gate), string(r.Verdict), r.Subject, r.Description, r.Pos.String(), r.Wanted, r.Found, r.Reason)
	what := checkName(r)
	switch r.Verdict {
	case verify.Fail:
		s.ui(e, uiError, prefixLines("==> ", e.Build, "FAILED: "+what))
	case verify.Unknown:
		s.ui(e, uiError, prefixLines("==> ", e.Build, "COULD NOT CHECK: "+what))
	}
}

func (s *machineSink) done(e build.Event) {
	took := Duration(e.Took)
	switch {
	case e.Refused:
		s.build(e.Build).err = "refused: " + e.Error
		s.ui(e, uiError, fmt.Sprintf("Build '%s' refused after %s: %s", e.Build, took, e.Error))
	case e.Error != "":
		s.build(e.Build).err = e.Error
		s.ui(e, uiError, fmt.Sprintf("Build '%s' errored after %s: %s", e.Build, took, e.Error))
	default:
		s.ui(e, uiSay, fmt.Sprintf("Build '%s' finished after %s.", e.Build, took))
	}
}

// finish writes what failed, and then what was made.
func (s *machineSink) finish(e build.Event) {
	took := e.Took
	if took == 0 && !s.began.Time.IsZero() {
		took = e.Time.Sub(s.began.Time)
	}
	s.ui(e, uiSay, "\n==> Wait completed after "+Duration(took))
	failed, made := 0, false
	for _, b := range s.builds {
		if b.err != "" {
			failed++
		}
		made = made || b.err == "" && len(b.made) > 0
	}
	if failed > 0 {
		s.line(e, "error-count", strconv.Itoa(failed))
		s.ui(e, uiError, "\n==> Some builds didn't complete successfully and had errors:")
		for _, b := range s.builds {
			if b.err != "" {
				s.m.write(e.Time, b.name, "error", b.err)
				s.ui(e, uiError, "--> "+b.name+": "+b.err)
			}
		}
	}
	if e.Error != "" {
		s.ui(e, uiError, "--> "+e.Error)
	}
	if !made {
		s.ui(e, uiSay, "\n==> Builds finished but no artifacts were created.")
		return
	}
	s.ui(e, uiSay, "\n==> Builds finished. The artifacts of successful builds are:")
	for _, b := range s.builds {
		if b.err == "" && len(b.made) > 0 {
			s.artifacts(e, b)
		}
	}
}

// artifacts writes what a build made.
func (s *machineSink) artifacts(e build.Event, b *machineBuild) {
	line := func(data ...string) { s.m.write(e.Time, b.name, "artifact", data...) }
	s.m.write(e.Time, b.name, "artifact-count", strconv.Itoa(len(b.made)))
	for i, a := range b.made {
		n := strconv.Itoa(i)
		line(n, "builder-id", a.Builder)
		line(n, "id", a.ID)
		line(n, "string", a.Text)
		line(n, "files-count", strconv.Itoa(len(a.Files)))
		for k, f := range a.Files {
			line(n, "file", strconv.Itoa(k), f)
		}
		line(n, "end")
		s.ui(e, uiSay, "--> "+b.name+": "+a.Text)
	}
}
