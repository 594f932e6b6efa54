package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// record writes the catalog entry and hands the image over to it.
func (r *runner) record(ctx context.Context, img image.Image) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// From here on the image exists for others: a late cancel must not tear it apart.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
	defer cancel()
	if len(img.Files) > 0 { // as the next build will find it
		size, err := img.Measure()
		if err != nil {
			return fmt.Errorf("measure image: %w", err)
		}
		img.Size = size
	}
	v, err := r.kit.Catalog.Add(ctx, r.version(img))
	if err != nil {
		return fmt.Errorf("record image: %w", err)
	}
	if err := r.keepImage(img); err != nil { // the end of the build destroys it
		_, gone := r.kit.Catalog.Remove(ctx, ref(v), true)
		return errors.Join(fmt.Errorf("hand the image over to the catalog: %w", err), gone)
	}
	if err := r.handOver(ctx, img); err != nil {
		return fmt.Errorf("hand the image over to the catalog: %w", err)
	}
	if err := r.handOut(ctx); err != nil {
		return err
	}
	r.describe(v)
	r.report.Outcome = Built
	r.reportArtifacts(v)
	r.log.emit(Event{Type: ImageReady, Name: ref(v), Text: v.Image.ID, Report: v.Report})
	return nil
}

// keepImage gives to the catalog what the builder wrote into the ledger under the
// image's id, or a file of it, such as an image in a cloud.
func (r *runner) keepImage(img image.Image) error {
	for _, id := range append([]string{img.ID}, img.Files...) {
		if !r.res.Holds(id) {
			continue
		}
		if err := r.res.Keep(id); err != nil {
			return err
		}
	}
	return nil
}

// handOver gives the image directory to the catalog. Nothing is left of one whose
// image lies elsewhere.
func (r *runner) handOver(ctx context.Context, img image.Image) error {
	if slices.ContainsFunc(img.Files, func(f string) bool { return within(r.output, f) }) {
		return r.own.Keep(r.output)
	}
	return r.own.Destroy(ctx, r.output)
}

// version is the catalog entry of an image as far as it is known.
func (r *runner) version(img image.Image) catalog.Version {
	v := catalog.Version{
		Name: r.image, Key: string(r.key), ProofKey: string(r.proof), Image: img, Status: r.status(), Created: r.started,
		Build: r.Name, Run: r.run, Template: r.tmpl.Path, TemplateDigest: r.tmpl.Digest, Commit: r.gitCommit(),
		Labels: r.report.Labels, Variables: r.report.Variables, Parent: r.report.Parent,
		Checks: r.report.Checks, Content: r.report.Content,
		Log: r.log.path, Report: r.reportPath(".html"), Tool: r.kit.Tool,
		Processed: r.processedNow(),
	}
	for _, s := range r.report.Steps {
		if s.Kind == kindBase || s.Kind == kindProvisioner {
			v.Steps = append(v.Steps, catalog.Step{Name: s.Name, Took: s.Cost, Cached: s.Cached, Made: s.made})
		}
	}
	return v
}

// describe takes over into the report what the catalog knows of a version.
func (r *runner) describe(v catalog.Version) {
	r.report.Version, r.report.Status, r.report.Commit = v.Version, v.Status, v.Commit
	r.report.Variables, r.report.Parent = v.Variables, v.Parent
	r.report.Image, r.report.ImageDigest = v.Image.ID, string(v.Image.Digest)
	r.report.ImageFormat, r.report.Size, r.report.Disks = v.Image.Format, v.Image.Size, v.Image.Disks
	r.report.Log, r.report.Files = v.Log, nil
	if report := reportOf(v); report != "" {
		r.report.Files = []string{report}
	}
}

// reportOf is where a version's report lies; "" when it was not written yet, or could not
// be.
func reportOf(v catalog.Version) string {
	if _, err := os.Lstat(v.Report); err != nil {
		return ""
	}
	return v.Report
}

func ref(v catalog.Version) string { return fmt.Sprintf("%s:%d", v.Name, v.Version) }

// commitOf is the git commit of the template's directory, with "+dirty" when files
// in it differ from the commit; "" outside of git. Nothing is written there.
func commitOf(dir string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"--no-optional-locks", "-C", dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "--verify", "HEAD")
	if err != nil {
		return ""
	}
	if status, err := git("status", "--porcelain", "--", "."); err != nil || status != "" {
		commit += "+dirty"
	}
	return commit
}
