package build

import (
	"context"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Flow builds one image: keys, longest cached prefix, the remaining steps, gate 1,
// seal, capture, gate 2, publish, post-process, catalog. The durability order is fixed: intent,
// resource, id, image, catalog entry, keep.
func (r *runner) Flow(ctx context.Context) error {
	if err := r.keys(ctx); err != nil {
		return err
	}
	if r.imageless() {
		return r.withoutImage(ctx)
	}
	old, found, err := r.existing(ctx)
	if err != nil {
		return err
	}
	if found && !r.alwaysRuns() && r.proves(old) && r.processed(old) {
		return r.unchanged(old) // and nothing is written
	}

	if !found {
		if err := r.placeIsFree(); err != nil {
			return err
		}
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	release, err := r.kit.Cache.Lease(ctx, r.key, func() { r.log.Say("Waiting for another build of the same image") })
	if err != nil {
		return fmt.Errorf("wait for another build of the same image: %w", err)
	}
	defer release()
	if old, found, err = r.existing(ctx); err == nil && found {
		found, err = r.whole(ctx, old)
	}
	if err != nil {
		return err
	}
	if found && !r.alwaysRuns() {
		return r.stands(ctx, old)
	}

	state, err := r.provision(ctx)
	if err != nil {
		return err
	}
	defer state.close(ctx)
	if found { // only steps that act outside had to run
		state.close(ctx)
		return r.stands(ctx, old)
	}
	if err := r.gate1(ctx, state); err != nil {
		return err
	}
	if err := r.seal(ctx, state); err != nil {
		return err
	}
	img, err := r.capture(ctx, state)
	if err != nil {
		return err
	}
	rest := r.complete(ctx, state, img)
	if err := r.gate2(rest.gate, img); err != nil {
		return rest.abandon(err)
	}
	if img, err = rest.wait(); err != nil {
		return err
	}
	if pub, ok := r.builder.(machine.Publisher); ok {
		r.log.Say("Publishing")
		if img, err = pub.Publish(ctx, img, r.env()); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if err := r.postProcess(ctx, img); err != nil {
		return err
	}
	return r.record(ctx, img)
}

// placeIsFree tells before anything starts that publishing would be refused.
func (r *runner) placeIsFree() error {
	if r.opts.Force {
		return nil
	}
	for _, place := range r.places() {
		if _, err := os.Lstat(place); err == nil { // what else is wrong with it, publishing tells
			return fmt.Errorf("publish: %s exists: remove it, or build with -force", place)
		}
	}
	return nil
}

// existing looks for an image that was made from the same inputs and still stands
// for them. Once the build has begun, it says why one does not.
func (r *runner) existing(ctx context.Context) (catalog.Version, bool, error) {
	if r.opts.NoCache {
		return catalog.Version{}, false, nil
	}
	v, why, err := r.standing(ctx)
	if why != "" && v.Version > 0 && r.log.begun() {
		r.log.Say("Building %s anew: %s", ref(v), why)
	}
	return v, why == "" && err == nil, err
}

// proves tells whether a version was checked for all that would be asked now.
func (r *runner) proves(v catalog.Version) bool { return v.ProofKey == string(r.proof) }

// stands ends a build whose image is there already.
func (r *runner) stands(ctx context.Context, old catalog.Version) error {
	if !r.proves(old) {
		if err := r.proveAgain(ctx, old); err != nil {
			return err
		}
		if r.processed(old) {
			r.reportArtifacts(old)
			return nil
		}
		return r.processAgain(ctx, old)
	}
	if old.Status == catalog.Refused || r.processed(old) {
		return r.unchanged(old)
	}
	return r.processAgain(ctx, old)
}

// unchanged ends a build that has nothing to do.
func (r *runner) unchanged(old catalog.Version) error {
	r.describe(old)
	r.report.Outcome = Unchanged
	r.report.Checks, r.report.Content = old.Checks, old.Content
	if len(r.report.Steps) == 0 { // else this run took them, because some act outside
		for i, s := range old.Steps {
			r.report.Steps = append(r.report.Steps, ReportStep{Kind: stepKind(i), Name: s.Name, Cached: true, Age: max(0, r.started.Sub(s.Made)), Cost: s.Took})
		}
	}
	if old.Status == catalog.Refused {
		see := ""
		if report := reportOf(old); report != "" {
			see = ": see " + report
		}
		return fmt.Errorf("%w: %s was refused before, and nothing has changed since%s; --no-cache builds it anew", ErrRefused, ref(old), see)
	}
	r.reportArtifacts(old)
	r.log.emit(Event{Type: ImageReady, Name: ref(old), Text: old.Image.ID, Report: reportOf(old), Cached: true, Age: r.started.Sub(old.Created)})
	return nil
}
