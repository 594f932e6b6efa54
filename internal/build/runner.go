package build

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// cleanupLimit bounds each piece of clean-up after a build has ended or was cancelled.
const cleanupLimit = 2 * time.Minute

// Kind under which the flow's own resources stand in the ledger.
const ledgerKind = "build"

// runner is the state of one build while it runs.
type runner struct {
	*Plan
	*job
	log     *logger
	started time.Time
	res     *ledger.Scope // the builder's resources
	own     *ledger.Scope // the flow's resources: the image directory, processes on this host
	snap    machine.Snapshotter
	chain   []layer          // base, then one for each step
	key     cache.Key        // of the image
	proof   cache.Key        // of its proof
	post    cache.Key        // of what post-processors make of it
	prev    *catalog.Version // newest before this build; nil for the first
	report  Report
	output  string            // directory of the captured image
	files   *output.Files     // made where the template says
	late    map[string]string // values of build.*
	made    processing
	gone    []string  // what handOut deletes
	held    cache.Key // of the topmost cached layer that a machine of this build stands on
}

func newRunner(p *Plan, j *job) *runner {
	where := ledger.Where{}
	if l, ok := j.builder.(machine.Located); ok {
		where = l.Where()
	}
	r := &runner{Plan: p, job: j, started: time.Now(),
		res: p.kit.Ledger.Scope(p.run, j.Source.Type, where),
		own: p.kit.Ledger.Scope(p.run, ledgerKind, hostWhere()),
	}
	r.files = &output.Files{Scope: r.own, Build: r.id(), Owned: p.kit.ownsOutput}
	r.late = r.lateVars(nil)
	r.snap, _ = j.builder.(machine.Snapshotter)
	r.log = newLogger(p.kit.Sink, p.run, j.Name, filepath.Join(p.kit.Logs, r.id()+".log"), p.tmpl.Secrets())
	host, _ := os.Hostname()
	r.report = Report{Run: p.run, Build: j.Name, Name: j.image, Started: r.started, Tool: p.kit.Tool, Host: host,
		Template: p.tmpl.Path, Digest: p.tmpl.Digest, Labels: j.Labels}
	return r
}

// id names the build's log and report files.
func (r *runner) id() string { return buildID(r.run, r.Name) }

func buildID(run, name string) string { return run + "-" + fileName(name) }

// uuid is the run's id in the form in which programs know that of Packer. It tells
// the runs of a directory apart, as the id does.
func (p *Plan) uuid() string {
	h := sha256.Sum256([]byte("proofmark run " + p.run))
	h[6], h[8] = h[6]&0x0f|0x50, h[8]&0x3f|0x80 // made of a name
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
}

// fileName makes one path element of a name. Different names stay different.
func fileName(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.' && i > 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return b.String()
}

// env is what the builder gets to work with.
func (r *runner) env() machine.Env {
	return machine.Env{Res: r.res, Out: r.log, Run: r.run, Build: r.Name, Files: r.files, Force: r.opts.Force, Debug: r.opts.Debug, Now: r.started}
}

// begin makes the log, and reads what will be recorded of the image's origin: from
// here on the build leaves traces.
func (r *runner) begin(ctx context.Context) error {
	if err := r.log.begin(); err != nil {
		return err
	}
	r.log.emit(Event{Type: BuildStarted, Text: r.image})
	go r.gitCommit() // by the time it is recorded it is known
	for _, x := range r.tmpl.Variables {
		v := catalog.Variable{Name: x.Name, Value: r.log.mask.Replace(x.Value), Sensitive: x.Sensitive}
		if x.Sensitive {
			var err error
			if v.Value, err = r.kit.Cache.Keyed(x.Name, x.Value); err != nil {
				return err
			}
		}
		r.report.Variables = append(r.report.Variables, v)
	}
	prev, err := r.kit.Catalog.Get(ctx, r.image)
	switch {
	case errors.Is(err, catalog.ErrNotFound):
	case err != nil:
		return fmt.Errorf("look up the previous version: %w", err)
	case prev.Name == r.image: // and not another one, whose digest begins like this name
		r.prev = &prev
	}
	return nil
}
