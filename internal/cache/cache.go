// Package cache decides whether a provisioning step has to run again. It holds
// layer keys, the entries they lead to, one lease per key, and the answer to
// "why did this key change". What a layer is made of belongs to the builder;
// the cache knows it only by a reference.
package cache

import (
	"errors"
	"time"
)

var (
	// ErrVolatile from a Fingerprint: the step's outcome cannot be known from its
	// inputs. It always runs, and so do all later steps.
	ErrVolatile = errors.New("volatile step")
	// ErrOutside from a Fingerprint: the step acts outside the machine. It always
	// runs, and the key passes through unchanged.
	ErrOutside = errors.New("step acts outside the machine")
)

// Key names a layer: "sha256:" and 64 hexadecimal digits.
type Key string

// Input is one named value that went into a key. Secret values appear as a
// keyed digest that is useless outside the home it was made in.
type Input struct {
	Name  string `json:"name"`
	Value string `json:"value"` // short values as they are, long ones and files as a digest
}

// Entry is one cached layer.
type Entry struct {
	Key     Key           `json:"key"`
	Parent  Key           `json:"parent,omitempty"` // empty for a base
	Kind    string        `json:"kind"`             // builder kind that owns Ref
	Ref     string        `json:"ref"`              // what Snapshotter.Snapshot returned
	Build   string        `json:"build"`            // build name that made it, e.g. "rootfs.web"
	Step    string        `json:"step"`             // "base", or the provisioner's type and name
	Index   int           `json:"index"`            // 0 for the base, then from 1
	Inputs  []Input       `json:"inputs"`           // of this step alone, in order
	Secret  bool          `json:"secret,omitempty"` // made with a secret: never shared beyond this home
	Created time.Time     `json:"created"`
	Used    time.Time     `json:"used"`
	Took    time.Duration `json:"took"` // wall time of the run that really made it
	Size    int64         `json:"size"` // bytes on disk of this layer alone
	Log     string        `json:"log"`  // output of the run that really made it, at most the last MiB
}
