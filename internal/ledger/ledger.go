// Package ledger records every external resource before it is made, so that a
// later process can find and destroy what a killed one left behind.
//
// The order is fixed: intent, resource, id, …, keep. It is written down (and
// synced to disk) that a resource is about to be made; it is made; its id is
// written down. Destroying goes the other way. A reaper reads what dead owners
// left, newest first.
package ledger

import (
	"context"
	"time"
)

// Where says in which place a resource lies (a region, an endpoint, a state
// directory), without secrets. It is stored in the record.
type Where map[string]string

// Class is one kind of resource: how to find it by tag and how to destroy it by
// id, from the record alone.
type Class struct {
	Name string
	// Settle is how long an intent without an id must be looked for, because the
	// provider's listings lag. Zero for local resources.
	Settle time.Duration
	// Find returns the ids of all resources of this class that carry the tag.
	Find func(ctx context.Context, tag string) (ids []string, err error)
	// Destroy returns nil when the resource is already gone. It destroys what the
	// resource implies too (an AMI's snapshots, the processes of a cgroup).
	Destroy func(ctx context.Context, id string) error
}

// State of a record.
type State string

const (
	Intended State = "intended" // about to be made; may or may not exist
	Made     State = "made"     // exists, under ID
	Released State = "released" // destroyed, or never came to be
	Kept     State = "kept"     // someone else's now: the catalog's, the cache's, the user's
)

// Record is one resource as the ledger knows it.
type Record struct {
	Owner   string    `json:"owner"` // the process's ledger file
	Seq     int       `json:"seq"`   // position within the owner, from 1
	Run     string    `json:"run"`   // the build run
	Kind    string    `json:"kind"`  // builder kind whose Resources know the class
	Class   string    `json:"class"` // Class.Name
	Where   Where     `json:"where"` // for Resources(where)
	Tag     string    `json:"tag"`   // unique; the resource carries it
	ID      string    `json:"id"`    // known once made
	State   State     `json:"state"` //
	Created time.Time `json:"created"`
	// Expires is set for what is kept for a while (build --keep): the reaper
	// leaves it until then, although its owner is dead.
	Expires time.Time `json:"expires,omitzero"`
	// Boot is the kernel's boot id at creation: records of processes, mounts and
	// namespaces of an earlier boot have nothing left to destroy.
	Boot string `json:"boot,omitempty"`
}
