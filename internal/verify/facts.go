package verify

import (
	"sync"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// facts is one generation of answers, and the questions that are still open.
type facts struct {
	mu      sync.Mutex
	known   map[string]probe.Answer
	open    []probe.Question // in the order asked, each once
	noted   map[string]bool  // keys of open
	nothing string           // why no question will be answered any more
}

func (f *facts) ask(q probe.Question) (probe.Answer, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := q.Key()
	if a, ok := f.known[key]; ok {
		return a, true
	}
	if f.nothing != "" {
		return probe.Answer{Error: f.nothing}, true
	}
	if err := q.Valid(); err != nil {
		return probe.Answer{Error: err.Error()}, true
	}
	if !f.noted[key] {
		if f.noted == nil {
			f.noted = map[string]bool{}
		}
		f.noted[key] = true
		f.open = append(f.open, q)
	}
	return probe.Answer{}, false
}

// take returns the open questions, which are then no longer noted.
func (f *facts) take() []probe.Question {
	f.mu.Lock()
	defer f.mu.Unlock()
	qs := f.open
	f.open, f.noted = nil, nil
	return qs
}

// learn stores answers; questions beyond them stay unknown.
func (f *facts) learn(qs []probe.Question, answers []probe.Answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		f.known = map[string]probe.Answer{}
	}
	for i, a := range answers {
		f.known[qs[i].Key()] = a
	}
}

// any tells whether anything is known.
func (f *facts) any() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.known) > 0
}

// giveUp makes every question that has no answer unanswerable, in later
// generations too.
func (f *facts) giveUp(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.nothing = why
}

func (f *facts) givenUp() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nothing != ""
}

// forget begins a new generation.
func (f *facts) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known, f.open, f.noted = nil, nil, nil
}
