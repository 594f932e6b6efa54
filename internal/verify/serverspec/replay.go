package serverspec

import (
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// replay is the log of what specs did beside asking facts, in one generation of facts.
// An effect is known by what runs (the loading of files, an example, a hook), by its place
// in the text, and by the how manieth it is there. What an earlier evaluation did is not
// done again.
type replay struct {
	done       map[effect]any
	asked      map[string]int // the evaluation that first asked a question, by its key
	evaluation int            // from 1
}

type effect struct {
	scope      string
	pos        syntax.Pos
	kind       string
	occurrence int
}

func newReplay() *replay { return &replay{done: map[effect]any{}, asked: map[string]int{}} }

// ask gives the evaluation in which a question was first asked: this one, when none was.
func (l *replay) ask(key string) int {
	if l.asked[key] == 0 {
		l.asked[key] = l.evaluation
	}
	return l.asked[key]
}

// key is the effect as text, to tell apart commands of equal lines.
func (e effect) key() string {
	return fmt.Sprintf("%s %s:%d:%d %s %d", e.scope, shown(e.pos.File), e.pos.Line, e.pos.Column, e.kind, e.occurrence)
}

// counter counts the effects of one evaluation.
type counter struct {
	scope string
	seen  map[effect]int
}

func newCounter() *counter { return &counter{scope: "load", seen: map[effect]int{}} }

// enter begins another example or hook.
func (c *counter) enter(scope string) { c.scope = scope }

func (c *counter) at(pos syntax.Pos, kind string) effect {
	e := effect{scope: c.scope, pos: pos, kind: kind}
	n := c.seen[e]
	c.seen[e] = n + 1
	e.occurrence = n
	return e
}

// once does an effect, or gives what it gave in an earlier evaluation.
func once[T any](w *world, at ruby.Place, do func() (T, error)) (T, error) {
	e := w.counter.at(at.Pos, at.Kind)
	if v, ok := w.replay.done[e]; ok {
		return v.(T), nil
	}
	v, err := do()
	if err == nil {
		w.replay.done[e] = v
	}
	return v, err
}
