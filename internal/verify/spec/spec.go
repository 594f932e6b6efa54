// Package spec reads checks that are written as data: goss files, and the inline
// checks of a template. Both become the same list of resources, each with checks
// that compare one attribute of the machine with a matcher.
//
// Everything that can be wrong with a spec is found when it is read, before
// anything is started, and reported with its place as template.Diagnostics.
//
// Of goss's own the resource registry (Windows) and the matcher xml are refused,
// and a file must have an absolute path. Retries of a single resource are read and
// left to the session, which asks again what may come to hold while a system starts.
//
// Where a spec says less than goss demands, it gets the obvious expectation: a
// resource without attributes means that a file, user, group, mount or interface
// exists, a package is installed, a service is enabled and running, a port
// listens, a process runs, a command exits with 0, an address is reachable, a
// name resolves, and a URL answers with status 200.
package spec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// checks is a list of resources from one place. It implements verify.Spec and
// verify.Files, and has a Digest.
type checks struct {
	resources []*resource
	files     []string
	digest    string
	wait      time.Duration // for what may come to hold while the system starts
}

// version of matchers, defaults and the reading of specs: see verify.Versioned.
const version = "1"

// Version implements verify.Versioned.
func (c *checks) Version() string { return version }

// Evaluate judges all checks in the order in which they are written.
func (c *checks) Evaluate(_ context.Context, s *verify.Session) []verify.Result {
	var results []verify.Result
	for _, r := range c.resources {
		results = append(results, r.evaluate(s, c.wait)...)
	}
	return results
}

// Files returns the goss files, the files of variables, and what templates in
// them read, sorted.
func (c *checks) Files() []string { return c.files }

// Digest is over the text of the checks after templates in them were filled in:
// unlike the content of Files it also tells of changed variables and environment.
// It is empty for inline checks, which are part of the template.
func (c *checks) Digest() string { return c.digest }

// join makes one spec of several.
func join(specs []*checks) *checks {
	if len(specs) == 1 {
		return specs[0]
	}
	all, sum := &checks{wait: specs[0].wait}, sha256.New()
	for _, s := range specs {
		all.resources = append(all.resources, s.resources...)
		all.files = append(all.files, s.files...)
		sum.Write([]byte(s.digest))
	}
	slices.Sort(all.files)
	all.files = slices.Compact(all.files)
	all.digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	return all
}
