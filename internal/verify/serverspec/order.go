package serverspec

import (
	"maps"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// order tells facts apart that are asked for again after a command which may have changed
// them. Questions are answered in the order in which they are asked, and one that was
// asked before keeps its answer: so a question that comes again after another command is
// made another question. So is one that an earlier evaluation asked before it knew that
// there is a command in front of it.
type order struct {
	log   *replay
	after string            // the last command that was run or is to be run, or ""
	begun map[string]bool   // commands of this evaluation
	first map[string]string // after which command a question was first asked, by its key
	// as, when not nil, says as whom a question is asked.
	as func(probe.Question) probe.Question
}

func newOrder(log *replay) *order {
	log.evaluation++
	return &order{log: log, begun: map[string]bool{}, first: map[string]string{}}
}

// place returns the question as it is asked at this point of the evaluation.
func (o *order) place(q probe.Question) probe.Question {
	if o.as != nil {
		q = o.as(q)
	}
	key := q.Key()
	if q.Kind == probe.KindCommand && q.Args["passive"] == "" {
		if !o.begun[key] {
			o.begun[key], o.after = true, key
			o.log.ask(key)
		}
		return q
	}
	asked := o.log.ask(key)
	early := o.after != "" && asked < o.log.ask(o.after)
	before, ok := o.first[key]
	if !ok {
		o.first[key], before = o.after, o.after
	}
	if before == o.after && !early {
		return q
	}
	args := maps.Clone(q.Args)
	if args == nil {
		args = map[string]string{}
	}
	args["after"] = o.after
	q.Args = args
	return q
}
