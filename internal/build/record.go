package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Reapable gives a reaper the classes of every kind that a build writes into the
// ledger: its own, and those of the builders. What the catalog or the cache has
// recorded by now belongs to them, and is left: a build may die between recording
// a thing and noting in the ledger that it is kept.
func Reapable(kit Kit, builders func(kind string, w ledger.Where) []ledger.Class) func(kind string, w ledger.Where) []ledger.Class {
	return func(kind string, w ledger.Where) []ledger.Class {
		var classes []ledger.Class
		if kind == ledgerKind {
			classes = []ledger.Class{imageDir(kit.Images), hostProcesses(w)}
		} else {
			classes = builders(kind, w)
		}
		for i, c := range classes {
			classes[i].Destroy = func(ctx context.Context, id string) error {
				if owned, err := kit.owned(ctx, id); err != nil || owned {
					return err
				}
				return c.Destroy(ctx, id)
			}
		}
		return classes
	}
}

// owned tells whether id is an image of the catalog or a layer of the cache.
func (k Kit) owned(ctx context.Context, id string) (bool, error) {
	layers, err := k.Cache.List()
	if err != nil {
		return false, err
	}
	for _, e := range layers {
		if e.Ref == id {
			return true, nil
		}
	}
	images, err := k.Catalog.List(ctx, "")
	if err != nil {
		return false, err
	}
	for _, v := range images {
		if v.Image.ID == id || filepath.Dir(v.Image.ID) == id {
			return true, nil
		}
	}
	return false, nil
}

// imageDir is a directory below images that holds an image not yet in the catalog.
func imageDir(images string) ledger.Class {
	return ledger.Class{
		Name: "image-directory",
		Find: func(_ context.Context, tag string) ([]string, error) {
			return filepath.Glob(filepath.Join(images, "*", tag))
		},
		Destroy: func(_ context.Context, id string) error {
			if err := os.RemoveAll(id); err != nil {
				return err
			}
			_ = os.Remove(filepath.Dir(id)) // of the image's name; stays when it holds others
			return nil
		},
	}
}

// makeOutput makes the directory that the image is captured into.
func (r *runner) makeOutput(ctx context.Context) (string, error) {
	dir, err := r.own.Create(ctx, imageDir(r.kit.Images), func(_ context.Context, tag string) (string, error) {
		dir := filepath.Join(r.kit.Images, fileName(r.image), tag)
		return dir, os.MkdirAll(dir, 0o755)
	})
	if err != nil {
		return "", fmt.Errorf("make image directory: %w", err)
	}
	r.output = dir
	return dir, nil
}

// keepOutput makes the catalog the owner of the image, and of whatever else of the
// builder's is part of it.
func (r *runner) keepOutput() error {
	if err := r.own.Keep(r.output); err != nil {
		return fmt.Errorf("hand the image over to the catalog: %w", err)
	}
	return nil
}

// present tells whether a local image's files are still there. Remote images are
// believed to be.
func present(img image.Image) bool {
	for _, f := range img.Files {
		if _, err := os.Lstat(f); errors.Is(err, os.ErrNotExist) {
			return false
		}
	}
	return true
}

// version is the catalog entry of a new image.
func (r *runner) version(ctx context.Context, img image.Image, content catalog.Content) (catalog.Version, error) {
	parent, err := r.parentRef(ctx)
	if err != nil {
		return catalog.Version{}, err
	}
	v := catalog.Version{
		Name: r.image, Key: string(r.key), ProofKey: string(r.proof), Image: img, Status: r.status(), Created: r.started,
		Build: r.Name, Run: r.run, Template: r.tmpl.Path, TemplateDigest: r.tmpl.Digest, Commit: commitOf(ctx, r.tmpl.Dir),
		Labels: r.Labels, Parent: parent, Checks: r.report.Checks, Content: content,
		Log: r.log.path, Report: r.reportPath(".html"), Tool: r.kit.Tool,
	}
	for _, x := range r.tmpl.Variables {
		value := x.Value
		if x.Sensitive {
			if value, err = r.kit.Cache.Keyed(x.Name, x.Value); err != nil {
				return v, fmt.Errorf("digest variable %s: %w", x.Name, err)
			}
		}
		v.Variables = append(v.Variables, catalog.Variable{Name: x.Name, Value: value, Sensitive: x.Sensitive})
	}
	for _, s := range r.report.Steps {
		if s.Kind != "base" && s.Kind != "provisioner" {
			continue
		}
		v.Steps = append(v.Steps, catalog.Step{Name: s.Name, Took: s.Cost, Cached: s.Cached, Made: r.started.Add(-s.Age)})
	}
	return v, nil
}

// commitOf is the git commit of the template's directory, with "+dirty" when files
// in it differ from the commit; "" outside of git.
func commitOf(ctx context.Context, dir string) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "HEAD")
	if err != nil {
		return ""
	}
	if status, err := git("status", "--porcelain", "--", "."); err != nil || status != "" {
		commit += "+dirty"
	}
	return commit
}

// describe takes over into the report what the catalog knows of a version.
func (r *runner) describe(v catalog.Version) {
	r.report.Version, r.report.Status, r.report.Commit = v.Version, v.Status, v.Commit
	r.report.Variables, r.report.Parent = v.Variables, v.Parent
	r.report.Image, r.report.ImageDigest = v.Image.ID, string(v.Image.Digest)
	r.report.ImageFormat, r.report.Size = v.Image.Format, v.Image.Size
	r.report.Files = []string{v.Report}
}

// reused notes a step that came from a layer.
func (r *runner) reused(i int, e cache.Entry) {
	r.kit.Cache.Touch(e.Key)
	age := r.started.Sub(e.Created)
	r.report.Steps = append(r.report.Steps, ReportStep{Kind: stepKind(i), Name: r.chain[i].name,
		Start: time.Since(r.started), Cached: true, Age: max(age, 0), Cost: e.Took})
	r.log.emit(Event{Type: StepFinished, Step: i, Name: r.chain[i].name, Cached: true, Age: max(age, 0), Took: e.Took})
}

// timed puts a piece of work on the time line; the returned function ends it.
func (r *runner) timed(kind, name string) func(error) {
	i, began := len(r.report.Steps), time.Now()
	r.report.Steps = append(r.report.Steps, ReportStep{Kind: kind, Name: name, Start: began.Sub(r.started)})
	return func(err error) {
		s := &r.report.Steps[i]
		s.Took = time.Since(began)
		s.Cost = s.Took
		if err != nil {
			s.Error = r.log.mask.Replace(err.Error())
		}
	}
}

func stepKind(i int) string {
	if i == 0 {
		return "base"
	}
	return "provisioner"
}

func ref(v catalog.Version) string { return fmt.Sprintf("%s:%d", v.Name, v.Version) }

// Size renders a number of bytes for people.
func Size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
