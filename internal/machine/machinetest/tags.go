package machinetest

import (
	"slices"
	"sync"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// Tags collects the tags of all that the owner of a ledger makes: by them its
// leftovers are told from what others have on the same host at the same time. It
// is safe for concurrent use.
type Tags struct {
	mu   sync.Mutex
	list []string
}

// Watch is an option for the ledger.
func (g *Tags) Watch() ledger.Option {
	return ledger.WithObserver(func(p ledger.Point) { g.add(p.Tag) })
}

func (g *Tags) add(tag string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if tag != "" && !slices.Contains(g.list, tag) {
		g.list = append(g.list, tag)
	}
}

// List returns the tags so far.
func (g *Tags) List() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.list)
}
