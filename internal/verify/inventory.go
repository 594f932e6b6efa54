package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Inventory of an image. All lists are sorted.
type Inventory struct {
	OS       string            `json:"os"`   // PRETTY_NAME
	Arch     string            `json:"arch"` // GOARCH name
	Packages []Package         `json:"packages"`
	Etc      map[string]string `json:"etc"`      // files below /etc: path → sha256 digest (hex), or "-> target"
	Services map[string]string `json:"services"` // enabled units: name → active state ("" when not booted)
	Ports    []string          `json:"ports"`    // "tcp:80", listening
	Users    []string          `json:"users"`    // "name:uid:gid:home:shell"
}

// Package installed in the machine.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Arch    string `json:"arch"`
	Manager string `json:"manager"` // dpkg, rpm, apk
}

// Census is a spec without checks: it takes the machine's inventory among the
// questions of the specs that it is run with. Run last, it tells of the machine as
// their commands left it in the first round.
type Census struct {
	Inventory Inventory
	Err       error // why there is no inventory
}

// Evaluate implements Spec.
func (c *Census) Evaluate(_ context.Context, s *Session) []Result {
	inv, known, err := Fact[Inventory](s, probe.Question{Kind: probe.KindInventory})
	if !known {
		err = errors.New("the probe gives no answer")
	}
	if c.Inventory, c.Err = inv, err; err != nil {
		c.Err = fmt.Errorf("take inventory: %w", err)
	}
	return nil
}

// Inventory asks what is in the machine, and nothing else. An inventory that cannot
// be had is an error.
func (s *Session) Inventory(ctx context.Context) (Inventory, error) {
	var c Census
	if _, err := s.Run(ctx, []Spec{&c}); err != nil {
		return Inventory{}, err
	}
	return c.Inventory, c.Err
}
