package ledger

import (
	"context"
	"crypto/rand"
	"os"
	"strings"
	"time"
)

// Where says in which place a resource lies (a region, an endpoint, a state
// directory), without secrets. It is stored in the record.
type Where map[string]string

// Class is one kind of resource: how to find it by tag and how to destroy it by
// id, from the record alone. Ids hold no secrets.
type Class struct {
	Name string
	// Settle is how long an intent without an id must be looked for, because the
	// provider's listings lag. Zero for local resources.
	Settle time.Duration
	// Volatile is set for what ends with the kernel it was made under: processes,
	// mounts, namespaces, links, control groups. After a reboot its records are
	// released without Destroy, because their ids may name something else by then.
	// It is not set for what leaves anything on a disk.
	Volatile bool
	// Last is set for what must stay while anything newer of the same owner could not
	// be destroyed, because undoing that needs it.
	Last bool
	// Find returns the ids of all resources of this class that carry the tag,
	// half-made ones included.
	Find func(ctx context.Context, tag string) (ids []string, err error)
	// Destroy returns nil when the resource is already gone, and an ErrLeft when it is
	// not to be destroyed any more. It destroys what the
	// resource implies too (an AMI's snapshots, the processes of a cgroup). It may
	// be called more than once, and although something newer could not be
	// destroyed: a directory's Destroy must not reach through a mount in it.
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

// settled tells that a reaper has nothing to do with the record, now or later.
func (r Record) settled() bool {
	return r.State == Released || r.State == Kept && r.Expires.IsZero()
}

// newTag returns a name that nothing else carries: 12 lower case letters and
// digits, a letter first. It can be part of any name, and leaves three
// characters of a network link's.
func newTag() string { return "pm" + strings.ToLower(rand.Text()[:10]) }

// IsTag tells whether a name has the form of a tag.
func IsTag(name string) bool {
	rest, ok := strings.CutPrefix(name, "pm")
	return ok && len(rest) == 10 && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// BootID identifies the running kernel's boot, or is empty where that is unknown.
func BootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
