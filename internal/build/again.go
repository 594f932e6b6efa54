package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// proveAgain runs both gates on an existing image whose checks have changed. Only a
// check that does not hold speaks against it: these bytes have started before, so
// when no machine starts now, or no answer comes, that is this host's affair, and
// what the catalog says of the image stays. The build fails all the same.
func (r *runner) proveAgain(ctx context.Context, old catalog.Version) error {
	r.log.Say("The image %s exists; its checks have changed: proving it again", ref(old))
	r.describe(old)
	r.report.Outcome = ProvenAgain
	err := r.gatesAgain(ctx, old)
	if err != nil && !errors.Is(err, ErrRefused) {
		return err
	}
	if err != nil && (errors.Is(err, errNoStart) || !r.failedCheck()) {
		why := strings.Replace(err.Error(), ErrRefused.Error()+": ", "", 1)
		return fmt.Errorf("%s could not be proven again, and stays %s: %s", ref(old), old.Status, why)
	}
	v := old
	v.ProofKey = string(r.proof)
	v.Status, v.Checks, v.Content = r.status(), r.report.Checks, r.report.Content
	v.Log, v.Report = r.log.path, r.reportPath(".html")
	if err != nil {
		v.Status, v.Content = catalog.Refused, old.Content
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	if e := r.kit.Catalog.Update(ctx, v); e != nil {
		return errors.Join(err, fmt.Errorf("record the new proof: %w", e))
	}
	r.describe(v)
	if err != nil {
		r.warnOfRefused(v)
		return err
	}
	r.log.emit(Event{Type: ImageReady, Name: ref(v), Text: v.Image.ID, Report: v.Report})
	return nil
}

// warnOfRefused names what post-processors made of an image that is refused now. It
// was handed out, and may be anywhere by this time: it is not Proofmark's to remove.
func (r *runner) warnOfRefused(v catalog.Version) {
	if v.Processed == nil {
		return
	}
	for _, path := range v.Processed.Outputs {
		if _, err := os.Lstat(path); err == nil {
			r.log.Warn("%s was made of the image %s, which is refused now: it stays", path, ref(v))
		}
	}
}

// gatesAgain asks a copy of the last layer, where that is still there, and the
// captured image.
func (r *runner) gatesAgain(ctx context.Context, old catalog.Version) error {
	s := &state{r: r}
	defer s.close(ctx)
	if r.useLayers() {
		if _, err := s.stand(ctx, len(r.chain)-1); err != nil {
			return fmt.Errorf("look up the last layer: %w", err)
		}
	}
	gone := s.ref == ""
	if !gone {
		err := r.gate1(ctx, s)
		if gone = errors.Is(err, machine.ErrGone); err != nil && !gone {
			return err
		}
		s.close(ctx)
	}
	if gone {
		r.log.Message("its last layer is gone; only the captured image is checked")
	}
	return r.gate2(ctx, old.Image)
}

// failedCheck tells whether some check was answered, and does not hold.
func (r *runner) failedCheck() bool {
	return slices.ContainsFunc(r.report.Checks, func(c catalog.Check) bool { return c.Verdict == string(verify.Fail) })
}
