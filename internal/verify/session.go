package verify

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Session collects facts of one machine for any number of specs.
type Session struct {
	answer func(probe.Question) probe.Answer // canned answers, see Answered
}

// Options of a session. The zero value works except for Probe.
type Options struct {
	// Probe returns the static probe program for an architecture ("amd64").
	Probe func(arch string) (io.ReadCloser, error)
	// Retry is how long failing checks are asked again, as a whole new generation of facts. 0: not at all.
	Retry time.Duration
	// Deadline bounds the whole session; 0: 5 minutes.
	Deadline time.Duration
}

// NewSession makes a session over a communicator.
func NewSession(c machine.Communicator, o Options) *Session { return &Session{} }

// Run evaluates the specs until no check is open, in a handful of round trips,
// and returns all results in order. The error is for a run that could not be
// made at all; a fact that could not be had makes its checks Unknown instead.
// What the session put into the machine is gone afterwards.
func (s *Session) Run(ctx context.Context, specs []Spec) ([]Result, error) {
	return nil, errors.ErrUnsupported
}

// Inventory asks what is in the machine, for the catalog.
func (s *Session) Inventory(ctx context.Context) (Inventory, error) {
	return Inventory{}, errors.ErrUnsupported
}

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

// Sanity is the built-in set that every gate holds. booted says whether an init
// system was started; without one only what can be told of files is checked, and a line says so.
func Sanity(booted bool) Spec { return nil }

// Sealed turns what a captured image was found to hold, before its first boot,
// into one result for each rule.
func Sealed(rules []machine.SealRule, found []machine.Residue) []Result { return nil }
