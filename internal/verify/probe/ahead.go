package probe

import (
	"context"
	"maps"
)

// ahead has the questions of one segment that wait for a network, and the commands
// that change nothing, asked at the same time: ten dead addresses cost one timeout. The
// same command is run once: nothing between its first and its last place in the segment
// could change what it says.
type ahead struct {
	out   map[int]chan *outcome // by index of the question
	slots chan struct{}         // held from the start of an answer until it is taken
	same  map[int]int           // index of a question → of the earlier one that it repeats
	kept  map[int]*outcome      // of questions that are repeated, once taken; nil before
}

const maxAhead = 8

func startAhead(ctx context.Context, v *view, qs []Question) *ahead {
	a := &ahead{out: map[int]chan *outcome{}, slots: make(chan struct{}, maxAhead), same: map[int]int{}, kept: map[int]*outcome{}}
	var order []int
	first := map[string]int{}
	for i, q := range qs {
		switch {
		case q.Kind == KindAddr, q.Kind == KindDNS, q.Kind == KindHTTP,
			q.Kind == KindCommand && isSet(q.Args["passive"]):
			key := askedNow(q).Key()
			if j, ok := first[key]; ok {
				a.same[i], a.kept[j] = j, nil
				continue
			}
			first[key] = i
			a.out[i] = make(chan *outcome, 1)
			order = append(order, i)
		}
	}
	if len(order) > 0 {
		go a.start(ctx, v, qs, order)
	}
	return a
}

// start takes slots in the order in which take gives them back, so the two can
// never wait for each other.
func (a *ahead) start(ctx context.Context, v *view, qs []Question, order []int) {
	for _, i := range order {
		select {
		case a.slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		go func() { a.out[i] <- v.answer(ctx, qs[i]) }()
	}
}

// askedNow is a question without what tells it from the same one at another time.
func askedNow(q Question) Question {
	args := maps.Clone(q.Args)
	delete(args, "after")
	delete(args, "instance")
	q.Args = args
	return q
}

// take waits for the answer to question i; nil when it was not asked ahead or ctx ended. It is called for each question in order.
func (a *ahead) take(ctx context.Context, i int) *outcome {
	if j, ok := a.same[i]; ok {
		return a.kept[j]
	}
	out, ok := a.out[i]
	if !ok {
		return nil
	}
	select {
	case o := <-out:
		<-a.slots
		if _, repeated := a.kept[i]; repeated {
			a.kept[i] = o
		}
		return o
	case <-ctx.Done():
		return nil
	}
}
