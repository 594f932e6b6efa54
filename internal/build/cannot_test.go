package build_test

import (
	"context"
	"errors"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
)

// onlyValid is a step that can be checked and not run.
func onlyValid() template.Kind[provision.Provisioner] {
	return template.Valid[provision.Provisioner]("later", "", func(struct{}) error { return nil })
}

// TestCannot: what cannot be built can be neither entered nor explained, and says so.
func TestCannot(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	s := b.open()
	defer s.close()
	plan, err := s.plan(edit(t, three, `provisioner "shell"`, "provisioner \"later\" {}\n  provisioner \"shell\""), build.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, explained := plan.Explain(t.Context())
	entered := plan.At(t.Context(), "", func(context.Context, machine.Communicator, string) error { return nil })
	for name, err := range map[string]error{"explain": explained, "at": entered} {
		if d := (template.Diagnostics)(nil); !errors.As(err, &d) || d[0] != plan.Cannot()[0] {
			t.Errorf("%s: %v, want %v", name, err, plan.Cannot())
		}
	}
}
