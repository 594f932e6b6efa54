package main

import (
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
	"github.com/proofmark-build/proofmark/internal/verify/spec"
)

// specOptions are how checks are read that stand beside any template.
type specOptions struct {
	goss       spec.GossOptions
	serverspec serverspec.Options
}

func newSpecOptions() specOptions {
	return specOptions{serverspec: serverspec.Options{Environ: os.Environ(), Wait: verify.DefaultWait, Timeout: time.Minute}}
}

// readSpecs reads the checks of all paths: goss files, ServerSpec files, and directories
// of either. ServerSpec files of one project are one program, as they are to rspec.
func readSpecs(paths []string, o specOptions) (specs []verify.Spec, err error) {
	var ruby []string
	for i, path := range paths {
		same := func(other string) bool { return filepath.Clean(other) == filepath.Clean(path) }
		switch {
		case slices.ContainsFunc(paths[:i], same): // each is asked once
			continue
		case serverspec.Is(path):
			ruby = append(ruby, path)
			continue
		}
		more, err := spec.ReadPath(path, o.goss)
		if err != nil {
			return nil, err
		}
		specs = append(specs, more...)
	}
	if len(ruby) > 0 {
		s, err := serverspec.Open(ruby, o.serverspec)
		if err != nil {
			return nil, err
		}
		specs = append(specs, s)
	}
	return specs, nil
}
