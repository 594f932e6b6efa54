package build

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/ledger/output"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/template"
)

// processing is what the list of post-processors made, in the order in which users
// see it, while nothing has been deleted yet.
type processing []processedImage

// processedImage is what a builder or a post-processor made.
type processedImage struct {
	image.Image
	kept     bool
	seq, pos int // which sequence, and what number in it; -1 for the builder's image
}

// kept are the images that stay.
func (p processing) kept() (all []image.Image) {
	for _, i := range p {
		if i.kept {
			all = append(all, i.Image)
		}
	}
	return all
}

// deletes are the files that go with the images that do not stay, as absolute paths.
// What was made of an image, and stays, keeps the files that it names. A file stays as
// well when it is one of those in stay, or holds one, or lies in one, under any name.
func (p processing) deletes(stay []string) (paths []string) {
	for _, gone := range p {
		if gone.kept {
			continue
		}
		needed := stay
		for _, i := range p {
			if i.kept && (i.seq != gone.seq || i.pos > gone.pos) {
				needed = slices.Concat(needed, i.Files)
			}
		}
		for _, f := range gone.Files {
			f = output.Resolve(f)
			if !slices.Contains(paths, f) && !slices.ContainsFunc(needed, func(n string) bool { return overlap(f, n) }) {
				paths = append(paths, f)
			}
		}
	}
	return paths
}

// overlap tells whether removing one path could touch the other.
func overlap(a, b string) bool {
	for _, a := range names(a) {
		for _, b := range names(b) {
			if within(a, b) || within(b, a) {
				return true
			}
		}
	}
	return false
}

// names are a path's own name and, of a link, that of what it leads to.
func names(path string) []string {
	all := []string{output.Resolve(path)}
	if real, err := filepath.EvalSymlinks(all[0]); err == nil && real != all[0] {
		all = append(all, real)
	}
	return all
}

// deletable are the files that handOut may delete.
func (r *runner) deletable(ctx context.Context) ([]string, error) {
	images, err := r.kit.Catalog.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var stay []string
	for _, v := range images {
		stay = append(stay, v.Image.Files...)
		if v.Processed != nil && v.Name != r.image {
			stay = append(stay, v.Processed.Outputs...)
		}
	}
	for _, made := range r.files.Made() { // such as a manifest in a directory that goes
		if !slices.ContainsFunc(r.made, func(i processedImage) bool {
			return slices.ContainsFunc(i.Files, func(f string) bool { return output.Resolve(f) == made })
		}) {
			stay = append(stay, made)
		}
	}
	return r.made.deletes(stay), nil
}

// postKey is over all that decides what post-processors make of an image; "" when
// there are none. The files in without count as not there.
func (r *runner) postKey(ctx context.Context, without []string) (cache.Key, error) {
	if len(r.posts) == 0 {
		return "", nil
	}
	h := r.kit.Cache.Hash("", "post-processors")
	h.Add("build name", r.Label)
	for i, seq := range r.PostProcessors {
		for k, b := range seq {
			h.Add("sequence", fmt.Sprint(i))
			h.Add("post-processor", b.Type)
			if b.KeepInput != nil {
				h.Add("keep_input_artifact", fmt.Sprint(*b.KeepInput))
			}
			b.Hash(h)
			reader, ok := r.posts[i][k].(postprocess.Reader)
			if !ok {
				continue
			}
			if err := reader.Fingerprint(ctx, h, without); err != nil {
				return "", fmt.Errorf("%s: post-processor %s: %w", b.Pos, b.Type, err)
			}
		}
	}
	return h.Key(), h.Err()
}

// processed tells whether what the post-processors would make of a version now is
// what they made of it, and still there.
func (r *runner) processed(v catalog.Version) bool {
	if len(r.posts) == 0 {
		return true
	}
	if v.Processed == nil || v.Processed.Key != string(r.post) {
		return false
	}
	return !slices.ContainsFunc(v.Processed.Outputs, func(path string) bool {
		_, err := os.Lstat(path)
		return err != nil
	})
}

// postProcess runs every sequence on the image. It deletes nothing: that is for
// handOut, when all has succeeded.
func (r *runner) postProcess(ctx context.Context, img image.Image) error {
	// The catalog keeps an image that it has: its proof, its children and whoever
	// boots it stand on these bytes.
	owned := !r.imageless()
	keepFirst := owned || len(r.PostProcessors) == 0
	r.made = processing{{Image: img, seq: -1, pos: -1}}
	for i, seq := range r.PostProcessors {
		prior := img
		for k, b := range seq {
			out, keep, err := r.process(ctx, b, prior)
			if err != nil {
				return fmt.Errorf("post-processor %s: %w", b.Type, err)
			}
			stays := keep != postprocess.Drop
			if b.KeepInput != nil && keep != postprocess.Must {
				stays = *b.KeepInput
			}
			switch {
			case k == 0:
				keepFirst = keepFirst || stays
				if owned && b.KeepInput != nil && !stays {
					r.log.Message("the image stays, although keep_input_artifact is false: it is in the catalog; proofmark images rm removes it")
				}
			default:
				r.made = append(r.made, processedImage{prior, stays, i, k - 1})
			}
			prior = out
		}
		r.made = append(r.made, processedImage{prior, true, i, len(seq) - 1})
	}
	r.made[0].kept = keepFirst
	var err error
	if r.gone, err = r.deletable(ctx); err != nil {
		return fmt.Errorf("find what is not to be kept: %w", err)
	}
	// As the next build will find it: an artifice may name what this one made or deletes.
	if r.post, err = r.postKey(ctx, r.gone); err != nil {
		return err
	}
	return nil
}

// process runs one post-processor.
func (r *runner) process(ctx context.Context, b *template.Block, in image.Image) (out image.Image, keep postprocess.Keep, err error) {
	if ctx.Err() != nil {
		return out, keep, context.Cause(ctx)
	}
	name := b.Type
	if b.Name != "" {
		name = fmt.Sprintf("%s (type %s)", r.log.mask.Replace(b.Name), b.Type)
	}
	r.log.Say("Running post-processor: %s", name)
	done := r.timed(kindPost, name)
	defer func() { done(err) }()
	p, err := r.kit.Posts.Open(b, r.late)
	if err != nil {
		return out, keep, err
	}
	run := postprocess.Run{Files: r.files, Res: r.own, Out: partLog{r.log, b.Type}, ID: r.uuid(), BuildName: r.Label, BuildType: r.Source.Type,
		Force: r.opts.Force, Vars: r.late}
	err = r.files.Changing(func() error {
		return r.onHost(ctx, func(tag string) (err error) {
			run.Tag = tag
			out, keep, err = p.Process(ctx, run, in)
			return err
		})
	})
	return out, keep, err
}

// handOut gives what was made to the users, and deletes what is not to be kept. What
// replaced something else does so for good now.
func (r *runner) handOut(ctx context.Context) error {
	if err := r.files.Keep(ctx); err != nil {
		return err
	}
	for _, f := range r.gone {
		if err := r.files.Drop(ctx, f); err != nil {
			return fmt.Errorf("delete what is not to be kept: %w", err)
		}
	}
	return nil
}

// processedNow is what the catalog records of what was made; nil when there are no
// post-processors.
func (r *runner) processedNow() *catalog.Processed {
	if len(r.posts) == 0 {
		return nil
	}
	p := &catalog.Processed{Key: string(r.post), By: r.id()}
	for _, img := range r.made.kept() {
		a := artifactOf(img)
		for i, f := range a.Files {
			a.Files[i] = absolute(f)
		}
		p.Artifacts = append(p.Artifacts, a)
	}
	for _, path := range r.files.Made() {
		if !slices.Contains(r.gone, path) && !slices.Contains(p.Outputs, path) {
			p.Outputs = append(p.Outputs, path)
		}
	}
	return p
}

// reportArtifacts tells what a build leaves to its users, where an image is
// recorded as v.
func (r *runner) reportArtifacts(v catalog.Version) {
	all := []catalog.Artifact{artifactOf(v.Image)}
	if v.Processed != nil && len(r.posts) > 0 {
		all = v.Processed.Artifacts
	}
	r.announce(all)
}

func (r *runner) announce(all []catalog.Artifact) {
	for i, a := range all {
		r.report.Artifacts = append(r.report.Artifacts, r.log.maskArtifact(a))
		r.log.emit(Event{Type: ArtifactMade, Artifact: &a, Done: int64(i), Total: int64(len(all))})
	}
}

func artifactOf(img image.Image) catalog.Artifact {
	a := catalog.Artifact{Builder: img.MadeBy, ID: img.ArtifactID(), Text: img.About, Files: slices.Clone(img.Files)}
	if a.Builder == "" {
		a.Builder = "proofmark." + img.Builder
	}
	if a.Text == "" {
		a.Text = img.ID
	}
	return a
}

// lateVars are the values of build.*, as far as a machine tells them; it may be nil.
func (r *runner) lateVars(m machine.Machine) map[string]string {
	vars := map[string]string{"ID": r.uuid(), "PackerRunUUID": r.uuid()}
	if d, ok := m.(machine.Describer); ok {
		for k, v := range d.Vars() {
			vars[k] = v
		}
	}
	return vars
}

// ownsOutput tells whether the catalog has recorded a path as made by a build: then
// it is the user's. A directory is while something in it is.
func (k Kit) ownsOutput(ctx context.Context, build, path string) (bool, error) {
	images, err := k.Catalog.List(ctx, "")
	if err != nil {
		return false, err
	}
	has := func(o string) bool { return within(path, o) }
	for _, v := range images {
		if buildID(v.Run, v.Build) == build && slices.ContainsFunc(v.Image.Files, has) ||
			v.Processed != nil && v.Processed.By == build && slices.ContainsFunc(v.Processed.Outputs, has) {
			return true, nil
		}
	}
	return false, nil
}

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return abs
}
