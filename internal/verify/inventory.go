package verify

import (
	"context"
	"encoding/json"
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

// Inventory asks what is in the machine, for the catalog. An inventory that
// cannot be had is an error.
func (s *Session) Inventory(ctx context.Context) (Inventory, error) {
	var inv Inventory
	q := probe.Question{Kind: probe.KindInventory}
	a, err := s.askOne(ctx, q)
	if err != nil {
		return inv, fmt.Errorf("take inventory: %w", err)
	}
	if a.Error != "" {
		return inv, fmt.Errorf("take inventory: %s", a.Error)
	}
	if err := json.Unmarshal(a.Fact, &inv); err != nil {
		return inv, fmt.Errorf("take inventory: %w", err)
	}
	return inv, nil
}

func (s *Session) askOne(ctx context.Context, q probe.Question) (probe.Answer, error) {
	if s.answer != nil {
		return s.answer(q), nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.options.Deadline, errDeadline)
	defer cancel()
	defer s.close()
	s.facts.forget()
	if err := s.ask(ctx, []probe.Question{q}); err != nil {
		return probe.Answer{}, err
	}
	a, known := s.facts.ask(q)
	if !known {
		return a, errors.New("the probe gives no answer")
	}
	return a, nil
}
