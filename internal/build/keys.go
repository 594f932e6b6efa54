package build

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// keysVersion changes when the flow itself changes what a key means.
const keysVersion = "1"

// layer is what is known of one step before anything runs.
type layer struct {
	name    string    // for people: "base", "shell", "file site"
	key     cache.Key // "" for what has no key: a volatile step and all after it
	inputs  []cache.Input
	secret  bool
	outside bool // acts outside the machine: runs always, leaves no layer, has the key of the one below
}

// keys computes the key of the base and of each step, and from there those of the
// image and of its proof. Nothing is run.
func (r *runner) keys(ctx context.Context) (err error) {
	if r.report.Parent, err = r.parentRef(ctx); err != nil {
		return err
	}
	var last cache.Key
	for i := range len(r.Provisioners) + 1 {
		l, err := r.layerOf(ctx, i, last)
		if err != nil {
			return err
		}
		if !l.outside {
			last = l.key
		}
		r.chain = append(r.chain, l)
	}
	r.key = r.imageKey(last)
	if r.proof, err = r.proofKey(); err != nil {
		return err
	}
	r.post, err = r.postKey(ctx, nil)
	return err
}

// layerOf tells what is known now of the base (0) or a step, on top of a key.
func (r *runner) layerOf(ctx context.Context, i int, below cache.Key) (layer, error) {
	if i == 0 {
		return r.baseLayer(ctx)
	}
	step, p := r.Provisioners[i-1], r.steps[i-1]
	l := layer{name: step.Type}
	if step.Name != "" {
		l.name += " " + r.log.mask.Replace(step.Name)
	} else if d, ok := p.(provision.Describer); ok {
		l.name += " " + brief(r.log.mask.Replace(d.Describe()))
	}
	h := r.kit.Cache.Hash(below, "provisioner "+step.Type)
	if v, ok := p.(provision.Versioned); ok {
		h.Add("version", v.Version())
	}
	var places []string
	if hp, ok := p.(provision.HostPaths); ok {
		places = hp.HostPaths()
	}
	step.Hash(h, places...)
	if u, ok := p.(provision.UsesNames); ok && u.UsesNames() {
		h.Add("build name", r.Label)
		h.Add("builder type", r.Source.Type)
	}
	err := p.Fingerprint(ctx, h)
	switch {
	case errors.Is(err, cache.ErrOutside):
		l.key, l.outside = below, true
	case errors.Is(err, cache.ErrVolatile), err == nil && step.NoCache:
	case err != nil:
		return l, fmt.Errorf("%s: fingerprint %s: %w", step.Pos, l.name, err)
	case h.Err() != nil:
		return l, fmt.Errorf("%s: key of %s: %w", step.Pos, l.name, h.Err())
	case below != "":
		l.key, l.inputs, l.secret = h.Key(), r.shown(h), h.Secret()
	}
	return l, nil
}

func (r *runner) baseLayer(ctx context.Context) (layer, error) {
	h := r.kit.Cache.Hash("", "builder "+r.Source.Type)
	h.Add("flow", keysVersion)
	if err := r.builder.Fingerprint(ctx, h); err != nil {
		return layer{}, fmt.Errorf("%s: base of %s: %w", r.Source.Pos, r.Name, err)
	}
	if err := h.Err(); err != nil {
		return layer{}, fmt.Errorf("key of base: %w", err)
	}
	return layer{name: "base", key: h.Key(), inputs: r.shown(h), secret: h.Secret()}, nil
}

// shown is what is stored of a key's inputs. Steps add sensitive options as keyed
// digests; a builder does not know which of its own are.
func (r *runner) shown(h *cache.Hash) []cache.Input {
	inputs := h.Inputs()
	for i, in := range inputs {
		inputs[i] = cache.Input{Name: r.log.mask.Replace(in.Name), Value: r.log.mask.Replace(in.Value)}
	}
	return inputs
}

// imageKey is over everything that decides the captured bytes and the labels they
// are recorded with. Without a key of the last layer no two images are the same.
func (r *runner) imageKey(last cache.Key) cache.Key {
	h := r.kit.Cache.Hash(last, "image")
	if last == "" {
		h.Add("run", r.run)
	}
	h.Add("name", r.image)
	for _, rule := range r.sealRules() {
		h.Add("seal", fmt.Sprint(rule))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Labels)) {
		h.Add("label "+name, r.Labels[name])
	}
	if o, ok := r.builder.(machine.Outputter); ok {
		o.OutputKey(h)
	}
	return h.Key()
}

// proofKey is over everything that decides what the gates ask: specs are an input
// of the image, not of its layers.
func (r *runner) proofKey() (cache.Key, error) {
	h := r.kit.Cache.Hash("", "proof")
	h.Add("probe", r.kit.ProbeVersion)
	h.Add("sanity", verify.SanityVersion)
	for _, v := range r.Verifiers {
		v.Hash(h)
	}
	for i, d := range r.digests {
		h.Add("checks", d)
		if v, ok := r.specs[i].(verify.Versioned); ok {
			h.Add("version of checks", v.Version())
		}
	}
	return h.Key(), h.Err()
}

// specDigest is over the checks of a spec as they were read. It is taken when they
// are: a file that changes later, while a parent is built, is not what is asked.
func specDigest(s verify.Spec) (string, error) {
	if d, ok := s.(verify.Digester); ok && d.Digest() != "" {
		return d.Digest(), nil
	}
	files, ok := s.(verify.Files)
	if !ok {
		return "", nil
	}
	h := cache.NewHash("", "spec", nil)
	for _, f := range files.Files() {
		if err := h.AddFile(f, f); err != nil {
			return "", fmt.Errorf("read spec: %w", err)
		}
	}
	return string(h.Key()), nil
}

// alwaysRuns tells whether some step has to run even when nothing changed.
func (r *runner) alwaysRuns() bool {
	return slices.ContainsFunc(r.chain, func(l layer) bool { return l.outside || l.key == "" })
}

// brief cuts what describes a step to the length of a column.
func brief(s string) string {
	const width = 32
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return s
}
