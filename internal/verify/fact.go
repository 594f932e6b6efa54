package verify

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Ask returns the answer to a question, or notes the question and says that the
// answer is not known yet. It is safe for concurrent use.
func (s *Session) Ask(q probe.Question) (a probe.Answer, known bool) {
	if s.answer != nil {
		return s.answer(q), true
	}
	return s.facts.ask(q)
}

// Fact asks a question and decodes the answer. When it is not known yet the check
// is Open; an error is the reason why it could not be answered (Unknown), ErrNoProbe
// when a question of KindCommand still could.
func Fact[T any](s *Session, q probe.Question) (fact T, known bool, err error) {
	a, known := s.Ask(q)
	switch {
	case !known:
		return fact, false, nil
	case a.NoProbe:
		return fact, true, noProbe{a.Error}
	case a.Error != "":
		return fact, true, errors.New(a.Error)
	}
	if err := json.Unmarshal(a.Fact, &fact); err != nil {
		return fact, true, fmt.Errorf("read answer about %s %s: %w", q.Kind, q.Name, err)
	}
	return fact, true, nil
}

// Answered makes a session whose every question is answered by a function: for
// tests of specs.
func Answered(answer func(probe.Question) probe.Answer) *Session {
	return &Session{answer: answer}
}
