package spec

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// retry is the option that the verifiers with checks share.
type retry struct {
	Retry time.Duration `opt:"retry_timeout" default:"10s" doc:"how long checks of what runs, in a machine that has just booted, are asked again until they hold; 0s: not at all"`
}

// set sets how long the checks are waited for.
func (r retry) set(c *checks) (verify.Spec, error) {
	if r.Retry < 0 {
		return nil, template.At("retry_timeout", fmt.Errorf("%s: a time cannot be negative", r.Retry))
	}
	c.wait = r.Retry
	return c, nil
}

type gossConfig struct {
	retry
	File       string            `opt:"file" doc:"goss file, YAML or JSON, relative to the current directory"`
	Files      []string          `opt:"files" doc:"more goss files; * ? and [ ] stand for parts of names"`
	Vars       string            `opt:"vars" doc:"file of variables, YAML or JSON, for {{.Vars.name}} in goss files"`
	VarsFiles  []string          `opt:"vars_files" doc:"more files of variables, later ones over earlier ones"`
	VarsInline string            `opt:"vars_inline" doc:"variables as YAML or JSON, over those of files"`
	Env        map[string]string `opt:"env" doc:"variables for {{.Env.NAME}} and getEnv, over those of the environment"`
}

// Goss is the verifier "goss": checks in goss files.
func Goss() template.Kind[verify.Spec] {
	return template.Define("goss", "checks in goss files", openGoss)
}

func openGoss(c gossConfig) (verify.Spec, error) {
	o := GossOptions{VarsInline: c.VarsInline}
	if c.Vars != "" {
		o.Vars = append(o.Vars, c.Vars)
	}
	o.Vars = append(o.Vars, c.VarsFiles...)
	o.Environ = os.Environ()
	for _, k := range slices.Sorted(maps.Keys(c.Env)) {
		o.Environ = append(o.Environ, k+"="+c.Env[k])
	}
	if c.File == "" && len(c.Files) == 0 {
		return nil, fmt.Errorf(`name the goss file: file = "goss.yaml"`)
	}
	var specs []*checks
	if c.File != "" {
		s, err := readGoss(c.File, o)
		if err != nil {
			return nil, at("file", err)
		}
		specs = append(specs, s)
	}
	for _, pattern := range c.Files {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, template.At("files", fmt.Errorf("bad pattern %q: %w", pattern, err))
		}
		if len(matches) == 0 {
			return nil, template.At("files", fmt.Errorf("no file matches %q", pattern))
		}
		for _, m := range matches {
			s, err := readGoss(m, o)
			if err != nil {
				return nil, at("files", err)
			}
			specs = append(specs, s)
		}
	}
	return c.set(join(specs))
}

// at marks an error as one of an option, unless it says itself where it belongs.
func at(option string, err error) error {
	if d := (template.Diagnostics)(nil); errors.As(err, &d) {
		return err
	}
	return template.At(option, err)
}

type inlineConfig struct {
	retry
	Checks template.Tree `opt:",remain" doc:"resources as in goss files: service \"nginx\" { running = true }"`
}

// Inline is the verifier "inline": checks in the template itself.
func Inline() template.Kind[verify.Spec] {
	return template.Define("inline", "checks in the template itself", func(c inlineConfig) (verify.Spec, error) {
		checks, err := fromInline(c.Checks)
		if err != nil {
			return nil, err
		}
		return c.set(checks)
	})
}
