package probe

import "context"

// ahead has the questions of one segment that wait for a network, and the commands
// that change nothing, asked at the same time: ten dead addresses cost one timeout.
type ahead struct {
	out   map[int]chan *outcome // by index of the question
	slots chan struct{}         // held from the start of an answer until it is taken
}

const maxAhead = 8

func startAhead(ctx context.Context, v *view, qs []Question) *ahead {
	a := &ahead{out: map[int]chan *outcome{}, slots: make(chan struct{}, maxAhead)}
	var order []int
	for i, q := range qs {
		switch {
		case q.Kind == KindAddr, q.Kind == KindDNS, q.Kind == KindHTTP,
			q.Kind == KindCommand && isSet(q.Args["passive"]):
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

// take waits for the answer to question i; nil when it was not asked ahead or ctx ended.
func (a *ahead) take(ctx context.Context, i int) *outcome {
	out, ok := a.out[i]
	if !ok {
		return nil
	}
	select {
	case o := <-out:
		<-a.slots
		return o
	case <-ctx.Done():
		return nil
	}
}
