package build

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// seal removes what must not be in an image.
func (r *runner) seal(ctx context.Context, s *state) (err error) {
	r.log.Say("Sealing")
	done := r.timed(kindSeal, "seal")
	defer func() { done(err) }()
	if err := s.ready(ctx); err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	if sealer, ok := s.m.(machine.Sealer); ok {
		err = sealer.Seal(ctx, r.sealRules())
	} else {
		err = r.sealInside(ctx, s.m)
	}
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}

// sealInside seals a machine by a script that runs in it.
func (r *runner) sealInside(ctx context.Context, m machine.Machine) error {
	c, err := m.Connect(ctx)
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

// sealRules are the rules for this build's image.
func (r *runner) sealRules() []machine.SealRule {
	var keep []string
	if k, ok := r.builder.(machine.Keeper); ok {
		keep = k.KeepResidue()
	}
	return machine.SealRules(keep)
}

// capture powers the machine off and makes the image: all of it, or what gate 2 starts.
func (r *runner) capture(ctx context.Context, s *state) (image.Image, error) {
	r.log.Say("Capturing")
	env := r.env()
	var err error
	if env.Output, err = r.makeOutput(ctx); err != nil {
		return image.Image{}, err
	}
	if r.prev != nil && !r.opts.NoCache {
		env.Before = r.prev.Image
	}
	r.late = r.lateVars(s.m)
	done := r.timed(kindCapture, "capture")
	img, err := s.m.Capture(ctx, env)
	done(err)
	if err != nil {
		s.close(ctx)
		return image.Image{}, fmt.Errorf("capture: %w", err)
	}
	img.Name = r.image
	r.report.ImageDigest, r.report.ImageFormat, r.report.Size = string(img.Digest), img.Format, img.Size
	r.log.Message("%s, %s, %s", img.ID, Size(img.Size), img.Digest)
	return img, nil
}
