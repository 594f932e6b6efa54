package fake

import (
	"context"
	"errors"
	"sync"
)

// errKilled is what a process gets that is no more.
var errKilled = errors.New("process was killed")

// life is the time between a machine's power-on and power-off.
type life struct {
	ctx    context.Context
	cancel context.CancelCauseFunc

	mu     sync.Mutex
	dead   bool
	groups map[*group]struct{}
}

func newLife() *life {
	l := &life{groups: map[*group]struct{}{}}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	return l
}

// group is a command with all that it started. Whatever its processes do to files
// they do under its read lock, so that after kill nothing happens any more.
type group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	mu     sync.RWMutex
	dead   bool
}

// group begins a group; nil when the life is over.
func (l *life) group() *group {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		return nil
	}
	g := &group{}
	g.ctx, g.cancel = context.WithCancelCause(l.ctx)
	l.groups[g] = struct{}{}
	return g
}

// end kills everything. It returns when nothing can touch a file any more.
func (l *life) end() {
	l.mu.Lock()
	l.dead = true
	groups := l.groups
	l.groups = nil
	l.mu.Unlock()
	l.cancel(errKilled)
	for g := range groups {
		g.kill()
	}
}

func (l *life) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

func (g *group) kill() {
	g.cancel(errKilled)
	g.mu.Lock()
	g.dead = true
	g.mu.Unlock()
}

// do runs f, which does not block, unless the group is dead.
func (g *group) do(f func() error) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.dead {
		return errKilled
	}
	return f()
}
