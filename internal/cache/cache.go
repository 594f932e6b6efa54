// Package cache decides whether a provisioning step has to run again. It holds
// layer keys, the entries they lead to, one lease per key, and the answer to
// "why did this key change". What a layer is made of belongs to the builder;
// the cache knows it only by a reference.
package cache

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
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
	Key    Key     `json:"key"`
	Parent Key     `json:"parent,omitempty"` // empty for a base
	Kind   string  `json:"kind"`             // builder kind that owns Ref
	Ref    string  `json:"ref"`              // what Snapshotter.Snapshot returned; no two layers ever share one
	Build  string  `json:"build"`            // build name that made it, e.g. "rootfs.web"
	Step   string  `json:"step"`             // "base", or the provisioner's type and name
	Index  int     `json:"index"`            // 0 for the base, then from 1
	Inputs []Input `json:"inputs"`           // of this step alone, in order
	Secret bool    `json:"secret,omitempty"` // made with a secret, or a step that it covers was: never shared beyond this home

	// Covers are the steps between the parent and this one that left no layer of their
	// own, in their order: what they did is in this one.
	Covers []Covered `json:"covers,omitempty"`

	// ParentRef is the Ref of the parent that this very layer stands on. Commit
	// fills it in when it is empty.
	ParentRef string `json:"parent_ref,omitempty"`

	Created time.Time `json:"created"`
	// Since is when the oldest layer below this one, or this one itself, was made:
	// content is as old as what it stands on. Set by Commit; the age limit counts
	// from here.
	Since time.Time     `json:"since"`
	Used  time.Time     `json:"used"`
	Took  time.Duration `json:"took"` // wall time of the run that really made it
	Size  int64         `json:"size"` // bytes on disk of this layer alone

	// MaxAge is the age limit under which it was made, where that is longer than the
	// default, or NoMaxAge; else 0. Set by Commit; see PrunePlan.Implicit.
	MaxAge time.Duration `json:"max_age,omitempty"`

	// Retired entries are never found by Lookup; they only wait for Prune to
	// discard their layers.
	Retired bool `json:"retired,omitempty"`

	// Log is the output of the run that really made the layer, at most the last
	// MiB. Commit takes it; only Store.Log gives it back, since lookups must not
	// read so much.
	Log string `json:"log,omitempty"`
}

// Covered is a step that is in the layer of a later one.
type Covered struct {
	Key     Key           `json:"key"`
	Step    string        `json:"step"`
	Index   int           `json:"index"`
	Inputs  []Input       `json:"inputs"`
	Secret  bool          `json:"secret,omitempty"`
	Created time.Time     `json:"created"` // when it really ran
	Took    time.Duration `json:"took"`
}

const keyPrefix = "sha256:"

// hex returns the digits of a well-formed key. Keys become file names: anything
// else must not get that far.
func (k Key) hex() (string, error) {
	digits, ok := strings.CutPrefix(string(k), keyPrefix)
	if ok && len(digits) == 64 && strings.ToLower(digits) == digits {
		if _, err := hex.DecodeString(digits); err == nil {
			return digits, nil
		}
	}
	return "", fmt.Errorf("read layer key %q: want %q and 64 hexadecimal digits", string(k), keyPrefix)
}
