package build_test

import (
	"context"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// versioned is a step that does nothing, and a check that holds, of a version.
type versioned struct{ version string }

func (v versioned) Version() string { return v.version }

func (versioned) Fingerprint(context.Context, *cache.Hash) error { return nil }

func (versioned) Provision(context.Context, provision.Run, machine.Communicator) error { return nil }

func (versioned) Evaluate(context.Context, *verify.Session) []verify.Result {
	return []verify.Result{{Source: "versioned", Subject: "It", Description: "holds", Verdict: verify.Pass}}
}

func versionedStep(version *string) template.Kind[provision.Provisioner] {
	return template.Define("versioned", "", func(struct{}) (provision.Provisioner, error) { return versioned{*version}, nil })
}

func versionedChecks(version *string) template.Kind[verify.Spec] {
	return template.Define("versioned", "", func(struct{}) (verify.Spec, error) { return versioned{*version}, nil })
}

// TestVersionsOfKinds: what another version of Proofmark would do otherwise is done
// again.
func TestVersionsOfKinds(t *testing.T) {
	t.Parallel()
	const step = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  provisioner "shell" { inline = ["true"] }
  provisioner "versioned" {}
}`
	const checks = `
source "fake" "web" {}
build {
  sources = ["source.fake.web"]
  verify "versioned" {}
}`
	b := newBench(t)
	b.version = "1"
	b.build(step, build.Options{}).must(build.Built)
	b.build(step, build.Options{}).must(build.Unchanged)
	b.version = "2"
	b.build(step, build.Options{}).must(build.Built).wantSteps("base*", "shell*", "versioned")

	b.version = "1"
	b.build(checks, build.Options{}).must(build.Built)
	b.build(checks, build.Options{}).must(build.Unchanged)
	b.version = "2"
	b.build(checks, build.Options{}).must(build.ProvenAgain)
}
