package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// Flow builds one image: keys, longest cached prefix, the remaining steps, gate 1,
// seal, capture, gate 2, publish, catalog. The durability order is fixed: intent,
// resource, id, image, catalog entry, keep.
func (r *runner) Flow(ctx context.Context) error {
	if err := r.keys(ctx); err != nil {
		return err
	}
	old, found, err := r.existing(ctx)
	if err != nil {
		return err
	}
	if found && !r.alwaysRuns() && old.ProofKey == string(r.proof) {
		return r.unchanged(old)
	}

	if err := r.log.begin(); err != nil {
		return err
	}
	r.log.emit(Event{Type: BuildStarted, Text: r.image})
	release, err := r.kit.Cache.Lease(ctx, r.key, func() { r.log.Say("Waiting for another build of the same image") })
	if err != nil {
		return fmt.Errorf("wait for another build of the same image: %w", err)
	}
	defer release()
	if old, found, err = r.existing(ctx); err != nil {
		return err
	}
	if found && !r.alwaysRuns() {
		if old.ProofKey == string(r.proof) {
			return r.unchanged(old)
		}
		return r.proveAgain(ctx, old)
	}

	state, err := r.provision(ctx)
	if err != nil {
		return err
	}
	if found { // only steps that act outside had to run
		state.close(ctx)
		if old.ProofKey == string(r.proof) {
			return r.unchanged(old)
		}
		return r.proveAgain(ctx, old)
	}
	if err := r.gate1(ctx, state); err != nil {
		state.close(ctx)
		return err
	}
	if err := r.seal(ctx, state); err != nil {
		state.close(ctx)
		return err
	}
	img, err := r.capture(ctx, state)
	if err != nil {
		return err
	}
	content, err := r.gate2(ctx, img)
	if err != nil {
		return err
	}
	if pub, ok := r.builder.(machine.Publisher); ok {
		r.log.Say("Publishing")
		if img, err = pub.Publish(ctx, img, r.env()); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	return r.record(ctx, img, content)
}

// existing looks for an image that was made from the same inputs and is still
// where the catalog says.
func (r *runner) existing(ctx context.Context) (catalog.Version, bool, error) {
	if r.opts.NoCache {
		return catalog.Version{}, false, nil
	}
	v, err := r.kit.Catalog.ByKey(ctx, r.image, string(r.key))
	switch {
	case errors.Is(err, catalog.ErrNotFound):
		return v, false, nil
	case err != nil:
		return v, false, fmt.Errorf("look up image: %w", err)
	}
	return v, present(v.Image), nil
}

// unchanged ends a build that has nothing to do. It writes nothing.
func (r *runner) unchanged(old catalog.Version) error {
	r.describe(old)
	r.report.Outcome = Unchanged
	r.report.Log, r.report.Checks, r.report.Content = old.Log, old.Checks, old.Content
	for i, s := range old.Steps {
		r.report.Steps = append(r.report.Steps, ReportStep{Kind: stepKind(i), Name: s.Name, Cached: true, Age: r.started.Sub(s.Made), Cost: s.Took})
	}
	r.log.emit(Event{Type: ImageReady, Name: ref(old), Text: old.Image.ID, Report: old.Report, Cached: true, Age: r.started.Sub(old.Created)})
	if old.Status == catalog.Refused {
		return fmt.Errorf("%w: %s was refused before and nothing has changed since; see %s", ErrRefused, ref(old), old.Report)
	}
	return nil
}

// proveAgain runs both gates on an existing image whose checks have changed.
func (r *runner) proveAgain(ctx context.Context, old catalog.Version) error {
	r.log.Say("The image %s exists; its checks have changed: proving it again", ref(old))
	r.describe(old)
	r.report.Outcome = ProvenAgain
	state, ok, err := r.cachedState(ctx)
	if err != nil {
		return err
	}
	if ok {
		err = r.gate1(ctx, state)
		state.close(ctx)
	} else {
		r.log.Message("its last layer is gone; only the captured image is checked")
	}
	var content catalog.Content
	if err == nil {
		content, err = r.gate2(ctx, old.Image)
	}
	if err != nil && !errors.Is(err, ErrRefused) {
		return err
	}
	old.Status, old.ProofKey = r.status(), string(r.proof)
	old.Checks, old.Log, old.Report = r.report.Checks, r.log.path, r.reportPath(".html")
	if err == nil {
		old.Content = content
	} else {
		old.Status = catalog.Refused
	}
	if e := r.kit.Catalog.Update(context.WithoutCancel(ctx), old); e != nil {
		return errors.Join(err, fmt.Errorf("record the new proof: %w", e))
	}
	r.describe(old)
	if err == nil {
		r.log.emit(Event{Type: ImageReady, Name: ref(old), Text: old.Image.ID, Report: old.Report})
	}
	return err
}

// seal removes what must not be in an image.
func (r *runner) seal(ctx context.Context, s *state) error {
	r.log.Say("Sealing")
	done := r.timed("seal", "seal")
	err := r.sealMachine(ctx, s)
	done(err)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

func (r *runner) sealMachine(ctx context.Context, s *state) error {
	if err := r.ready(ctx, s); err != nil {
		return err
	}
	if sealer, ok := s.m.(machine.Sealer); ok {
		return sealer.Seal(ctx, r.sealRules())
	}
	c, err := s.m.Connect(ctx)
	if err != nil {
		return err
	}
	out := r.log.Output()
	defer out.Close()
	exit, err := c.Run(ctx, machine.Command{Line: machine.SealScript(r.sealRules()), Stdout: out, Stderr: out})
	if err == nil && exit != 0 {
		err = fmt.Errorf("the sealing script ended with exit status %d", exit)
	}
	return err
}

// capture powers the machine off and makes the image. The machine is gone afterwards.
func (r *runner) capture(ctx context.Context, s *state) (image.Image, error) {
	r.log.Say("Capturing")
	dir, err := r.makeOutput(ctx)
	if err != nil {
		s.close(ctx)
		return image.Image{}, err
	}
	env := r.env()
	env.Output = dir
	done := r.timed("capture", "capture")
	img, err := s.m.Capture(ctx, env)
	done(err)
	s.close(ctx)
	if err != nil {
		return img, fmt.Errorf("capture: %w", err)
	}
	img.Name = r.image
	r.log.Message("%s, %s, %s", img.ID, Size(img.Size), img.Digest)
	return img, nil
}

// record writes the catalog entry and hands the image over to it.
func (r *runner) record(ctx context.Context, img image.Image, content catalog.Content) error {
	v, err := r.version(ctx, img, content)
	if err != nil {
		return err
	}
	// From here on the image exists for others: a late cancel must not tear it apart.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	prev, prevErr := r.kit.Catalog.Get(ctx, r.image)
	if v, err = r.kit.Catalog.Add(ctx, v); err != nil {
		return fmt.Errorf("record image: %w", err)
	}
	if err := r.keepOutput(); err != nil {
		return err
	}
	if prevErr == nil {
		d := catalog.Diff(prev, v)
		r.report.Changes = &d
	}
	r.describe(v)
	r.report.Outcome = Built
	r.log.emit(Event{Type: ImageReady, Name: ref(v), Text: img.ID, Report: v.Report})
	return nil
}
