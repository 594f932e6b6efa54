package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// machineless tells whether the build makes its artifact without a machine.
func (j *job) machineless() bool {
	m, ok := j.builder.(machine.Machineless)
	return ok && m.Machineless()
}

// imageless tells whether the build makes nothing that the catalog could hold: it has
// no machine, or one that is not its own.
func (j *job) imageless() bool {
	m, ok := j.builder.(machine.Imageless)
	return j.machineless() || ok && m.Imageless()
}

// noChecks reports the checks of a build in which nothing can be asked.
func (j *job) noChecks(attached []verify.Spec) error {
	var diags template.Diagnostics
	for _, v := range j.Verifiers {
		diags = append(diags, template.Diagnostic{Pos: v.Pos,
			Summary: fmt.Sprintf("build %s makes no machine that could be checked", j.Name),
			Detail:  fmt.Sprintf("leave it out with except = [%q], or remove the block", j.Name)})
	}
	if len(attached) > 0 {
		diags = append(diags, template.Diagnostic{Pos: j.Source.Pos,
			Summary: fmt.Sprintf("build %s makes no machine that could be checked", j.Name),
			Detail:  "choose builds with -only, or leave --verify out"})
	}
	return diags.Err()
}

// withoutImage runs the steps, asks the checks where there are some and a machine to ask
// them in, takes the artifact and post-processes it. Nothing that the catalog could
// record is proven: such a build runs every time.
func (r *runner) withoutImage(ctx context.Context) error {
	if err := r.begin(ctx); err != nil {
		return err
	}
	s, err := r.provision(ctx)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	// The built-in checks alone would judge a machine that nobody asked about.
	if len(r.specs) > 0 {
		if err := r.gate1(ctx, s); err != nil {
			return err
		}
	}
	r.late = r.lateVars(s.m)
	img, err := s.m.Capture(ctx, r.env())
	if err != nil {
		return fmt.Errorf("capture: %w", err)
	}
	img.Name = r.image
	if err := r.postProcess(ctx, img); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// From here on what was made is the user's: a late cancel must not tear it apart.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	if err := r.handOut(ctx); err != nil {
		return err
	}
	r.report.Outcome = Built
	r.report.Image, r.report.ImageFormat, r.report.Size, r.report.Log = img.ID, img.Format, img.Size, r.log.path
	var all []catalog.Artifact
	for _, img := range r.made.kept() {
		all = append(all, artifactOf(img))
	}
	r.announce(all)
	return nil
}

// processAgain runs the post-processors on an image that exists: they have changed,
// or what they made is gone.
func (r *runner) processAgain(ctx context.Context, old catalog.Version) error {
	r.log.Say("The image %s exists; what post-processors make of it does not: running them", ref(old))
	old, err := r.kit.Catalog.Get(ctx, ref(old)) // it may have been proven anew
	if err != nil {
		return err
	}
	outcome := r.report.Outcome
	r.describe(old)
	if r.report.Checks == nil {
		r.report.Checks, r.report.Content = old.Checks, old.Content
	}
	if err := r.postProcess(ctx, old.Image); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	old.Processed = r.processedNow()
	old.Log, old.Report = r.log.path, r.reportPath(".html")
	if err := r.kit.Catalog.Update(ctx, old); err != nil {
		return errors.Join(fmt.Errorf("record what post-processors made: %w", err))
	}
	if err := r.handOut(ctx); err != nil {
		return err
	}
	r.describe(old)
	r.report.Outcome = outcome
	r.reportArtifacts(old)
	if outcome == ProvenAgain {
		return nil // which has said what is ready
	}
	r.report.Outcome = Processed
	r.log.emit(Event{Type: ImageReady, Name: ref(old), Text: old.Image.ID, Report: old.Report})
	return nil
}
