package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Session collects facts of one machine for any number of specs. Run and
// Inventory are for one goroutine at a time.
type Session struct {
	answer  func(probe.Question) probe.Answer // canned answers, see Answered
	options Options
	facts   facts
	connect func(ctx context.Context, asLogin bool) (asker, error)
	askers  map[bool]asker // made with the first question; by whether it asks as the one who logs in
	count   int            // generations of facts that have begun
	secret  string         // see OfferPassword
}

// Generation counts the generations of facts: it is another one when what was known has
// been forgotten, and everything is asked again.
func (s *Session) Generation() int { return s.count }

// asker answers rounds of questions about one machine.
type asker interface {
	// Ask returns the answers in order. With an error come the answers until then;
	// a *goneError means that the machine is well and the probe is not.
	Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error)
	// Close ends the asker and removes what it put into the machine.
	Close() error
}

// goneError says why facts cannot be had of a machine that can be reached.
type goneError struct {
	why     string
	said    string // by a probe, or what was to become one, on its standard error
	noShell bool   // commands cannot be run either
}

func (e *goneError) Error() string { return e.why }

// Options of a session. The zero value works except for Probe.
type Options struct {
	// Probe returns the static probe program for an architecture ("amd64"); see Packed.
	Probe func(arch string) (io.ReadCloser, error)
	// User is who the machine is asked as, but for questions with AsLogin; "": as who
	// the communicator logs in as.
	User string
	// UserHelp, when there is one, is what to do when the machine does not let that be.
	UserHelp string
	// Asking, when not nil, tells whether somebody is being asked for what the machine
	// wants before it lets the communicator in: the start of a probe waits for that. It is
	// called from any goroutine.
	Asking func() bool
	// Around is what the machine has around it that is not its own.
	Around machine.Surroundings
	// Retry is how long failing checks are asked again, as a whole new generation of facts. 0: not at all.
	Retry time.Duration
	// Booted says that the machine has just started its services: results that do not
	// hold are waited for as long as their Wait.
	Booted bool
	// Waiting, when not nil, is told once that n checks do not hold yet, and for how
	// long they are asked again.
	Waiting func(n int, limit time.Duration)
	// Deadline bounds the whole session, but for the time that commands and others take
	// within their own timeouts; 0: 5 minutes.
	Deadline time.Duration
	// Began, when set, makes Deadline the limit of all that has happened since then, the
	// time of commands included.
	Began time.Time
}

const (
	// maxRounds ends a spec that goes on asking for ever. Real ones take two or three.
	maxRounds = 100
	// poll is the time before the second generation of facts; it doubles up to maxPoll,
	// so that asking does not hold up what is waited for.
	poll    = 500 * time.Millisecond
	maxPoll = 2 * time.Second
)

var errDeadline = errors.New("time for checks is over")

// NewSession makes a session over a communicator, which stays the caller's.
func NewSession(c machine.Communicator, o Options) *Session {
	return NewSessionOver(func(context.Context) (machine.Communicator, error) { return c, nil }, o)
}

// NewSessionOver makes a session over the communicator that reach returns. Reach is
// called when there is something to ask, so specs are read while a machine is being
// reached. Its error ends Run, and is wrapped there.
func NewSessionOver(reach func(ctx context.Context) (machine.Communicator, error), o Options) *Session {
	return newSession(o, func(ctx context.Context, asLogin bool) (asker, error) {
		c, err := reach(ctx)
		if err != nil {
			return nil, err
		}
		o := o
		if asLogin {
			o.User = ""
		}
		return startAsker(ctx, c, o)
	})
}

func newSession(o Options, connect func(context.Context, bool) (asker, error)) *Session {
	if o.Deadline <= 0 {
		o.Deadline = 5 * time.Minute
	}
	return &Session{options: o, connect: connect}
}

// around says to the probe what the seam of machines says.
func around(s machine.Surroundings) probe.Around {
	return probe.Around{HostKernel: s.HostKernel, Ports: s.Ports}
}

// Run evaluates the specs until no check is open, in a handful of round trips,
// and returns all results in order. The error is for a run that could not be
// made, or not to its end because the machine was lost: with it come the results
// of what was known by then, the rest Unknown; none when nothing was. A fact that
// could not be had makes its checks Unknown, without an error.
// What the session put into the machine is gone afterwards.
func (s *Session) Run(ctx context.Context, specs []Spec) ([]Result, error) {
	if s.answer != nil {
		return settle(evaluate(ctx, s, specs)), nil
	}
	limited := newBudget(ctx, s.options.Deadline, s.options.Began)
	defer limited.cancel()
	defer s.close()

	begin := time.Now()
	var last []Result
	for pause := poll; ; pause = min(2*pause, maxPoll) {
		s.facts.forget()
		s.count++
		results, err := s.generation(limited, specs)
		late := errors.Is(err, errDeadline)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("verify: %w", context.Cause(ctx))
		case late && last != nil: // a retry that could not finish changes nothing
			return last, nil
		case late:
			s.facts.giveUp(fmt.Sprintf("not answered within %v", s.options.Deadline))
			return settle(evaluate(ctx, s, specs)), nil
		case err != nil:
			if last == nil && s.facts.any() {
				s.facts.giveUp(err.Error())
				last = settle(evaluate(ctx, s, specs))
			}
			return last, fmt.Errorf("verify: %w", err)
		}
		n, limit := s.waits(results)
		left := limit - time.Since(begin)
		if n == 0 || s.facts.givenUp() || left <= 0 {
			return results, nil
		}
		if last == nil && s.options.Waiting != nil {
			s.options.Waiting(n, limit)
		}
		last = results
		if !sleep(limited.ctx, min(pause, left)) {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("verify: %w", context.Cause(ctx))
			}
			return last, nil
		}
	}
}

// generation asks round after round until every check has its facts.
func (s *Session) generation(limited *budget, specs []Spec) ([]Result, error) {
	for round := 0; ; round++ {
		results := evaluate(limited.ctx, s, specs)
		qs := s.facts.take()
		if len(qs) == 0 {
			return settle(results), nil
		}
		if round == maxRounds {
			s.facts.giveUp(fmt.Sprintf("asks for more after %d rounds of questions", maxRounds))
			continue
		}
		done := limited.without(allowance(qs))
		err := s.ask(limited.ctx, qs)
		done()
		if err != nil {
			return nil, err
		}
	}
}

// ask learns the answers to one round of questions. Those for one user and those for
// another take turns, so that the order holds.
func (s *Session) ask(ctx context.Context, qs []probe.Question) error {
	for len(qs) > 0 && !s.facts.givenUp() {
		login := s.asLogin(qs[0])
		n := slices.IndexFunc(qs, func(q probe.Question) bool { return s.asLogin(q) != login })
		if n < 0 {
			n = len(qs)
		}
		if err := s.askOne(ctx, login, qs[:n]); err != nil {
			return err
		}
		qs = qs[n:]
	}
	return nil
}

func (s *Session) askOne(ctx context.Context, login bool, qs []probe.Question) error {
	var answers []probe.Answer
	var err error
	if s.askers[login] == nil {
		var a asker
		if a, err = s.connect(ctx, login); err == nil {
			if s.askers == nil {
				s.askers = map[bool]asker{}
			}
			s.askers[login] = a
		}
	}
	if err == nil {
		answers, err = s.askers[login].Ask(ctx, qs)
		s.facts.learn(qs, answers)
	}
	var gone *goneError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &gone):
		s.facts.giveUp(gone.why)
		return nil
	}
	return err
}

func (s *Session) close() {
	for login, a := range s.askers {
		// What is left in a machine that cannot be reached any more is lost with it,
		// and the verdicts stand.
		_ = a.Close()
		delete(s.askers, login)
	}
}

func evaluate(ctx context.Context, s *Session, specs []Spec) []Result {
	var all []Result
	for _, spec := range specs {
		all = append(all, spec.Evaluate(ctx, s)...)
	}
	return all
}

// settle closes checks that are open though nothing was asked.
func settle(results []Result) []Result {
	for i := range results {
		if r := &results[i]; r.Verdict == Open {
			r.Verdict, r.Reason = Unknown, "the check was left open and asks for nothing"
		}
	}
	return results
}

// waits counts the results that do not hold and are asked again, and tells until when
// since the beginning.
func (s *Session) waits(results []Result) (n int, limit time.Duration) {
	for _, r := range results {
		wait := s.options.Retry
		if s.options.Booted {
			wait = max(wait, r.Wait)
		}
		if wait > 0 && (r.Verdict == Fail || r.Verdict == Unknown && !s.hopeless(r)) {
			n, limit = n+1, max(limit, wait)
		}
	}
	return n, limit
}

// hopeless tells whether a check could not be made because there is no probe, or none
// that may ask, which waiting does not change.
func (s *Session) hopeless(r Result) bool {
	for _, a := range s.askers {
		switch a := a.(type) {
		case *shell:
			if strings.Contains(r.Reason, a.why) {
				return true
			}
		case *denied:
			if strings.Contains(r.Reason, a.why) {
				return true
			}
		}
	}
	return false
}

// allowance is what questions may take by their own timeouts, one after the other.
func allowance(qs []probe.Question) (d time.Duration) {
	for _, q := range qs {
		d += probe.Timeout(q)
	}
	return d
}

// sleep waits and tells whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
