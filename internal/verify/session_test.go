package verify

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// scripted answers rounds by a function and notes what it was asked.
type scripted struct {
	answer func(round int, q probe.Question) probe.Answer
	fail   func(round int) error // after the answers of this round but the last
	rounds [][]string            // names asked in each round
	closed int
}

func (s *scripted) Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error) {
	round := len(s.rounds)
	var names []string
	var answers []probe.Answer
	for _, q := range qs {
		names = append(names, q.Name)
		answers = append(answers, s.answer(round, q))
	}
	s.rounds = append(s.rounds, names)
	if s.fail != nil {
		if err := s.fail(round); err != nil {
			return answers[:len(answers)-1], err
		}
	}
	return answers, ctx.Err()
}

func (s *scripted) Close() error { s.closed++; return nil }

func (s *scripted) session(o Options) *Session {
	if o.Deadline == 0 {
		o.Deadline = 5 * time.Minute
	}
	return &Session{options: o, connect: func(context.Context, bool) (asker, error) { return s, nil }}
}

// yes answers that every group exists.
func yes(int, probe.Question) probe.Answer {
	return probe.Answer{Fact: []byte(`{"exists":true,"gid":1}`)}
}

// spec is made of checks, each a function of the session.
type spec []func(s *Session) Result

func (sp spec) Evaluate(_ context.Context, s *Session) []Result {
	var all []Result
	for _, c := range sp {
		all = append(all, c(s))
	}
	return all
}

// exists is a check that a group exists, and, when it does, the checks that follow from it.
func exists(name string, then ...string) func(*Session) Result {
	return func(s *Session) Result {
		r := Result{Subject: name, Verdict: Pass}
		for _, n := range append([]string{name}, then...) {
			g, known, err := Fact[probe.Group](s, probe.Question{Kind: probe.KindGroup, Name: n})
			switch {
			case !known:
				r.Verdict = Open
				return r
			case err != nil:
				r.Verdict, r.Reason = Unknown, err.Error()
				return r
			case !g.Exists:
				r.Verdict = Fail
				return r
			}
		}
		return r
	}
}

func verdicts(results []Result) string {
	var s []string
	for _, r := range results {
		s = append(s, r.Subject+"="+string(r.Verdict))
	}
	return strings.Join(s, " ")
}

func TestRunAsksInRounds(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: yes}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{
		spec{exists("a"), exists("b", "c"), exists("a")},
		spec{exists("c"), exists("d", "a", "e")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if v := verdicts(got); v != "a=pass b=pass a=pass c=pass d=pass" {
		t.Error(v)
	}
	// All open questions together, each once, in the order asked.
	if diff := cmp.Diff([][]string{{"a", "b", "c", "d"}, {"e"}}, p.rounds); diff != "" {
		t.Error(diff)
	}
	if p.closed != 1 {
		t.Errorf("closed %d times", p.closed)
	}
}

func TestRunWithoutQuestionsConnectsToNothing(t *testing.T) {
	t.Parallel()
	s := &Session{options: Options{Deadline: time.Minute}, connect: func(context.Context, bool) (asker, error) { return nil, errors.New("connected") }}
	got, err := s.Run(t.Context(), []Spec{spec{func(*Session) Result { return Result{Verdict: Fail} }}})
	if err != nil || len(got) != 1 || got[0].Verdict != Fail {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	p := &scripted{answer: yes, fail: func(int) error { return lost }}
	if got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{exists("a")}}); !errors.Is(err, lost) || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if p.closed != 1 {
		t.Errorf("closed %d times", p.closed)
	}
}

// TestRunLost: of a machine that is lost what was known by then stands.
func TestRunLost(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	p := &scripted{answer: yes, fail: func(int) error { return lost }}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{exists("a"), exists("b", "c"), exists("d")}})
	if !errors.Is(err, lost) || verdicts(got) != "a=pass b=could not check d=could not check" || got[2].Reason != "connection lost" {
		t.Errorf("got %+v, %v", got, err)
	}
	synctest.Test(t, func(t *testing.T) {
		no := func(int, probe.Question) probe.Answer { return probe.Answer{Fact: []byte(`{"exists":false}`)} }
		p := &scripted{answer: no, fail: func(round int) error { return []error{nil, lost}[round] }}
		got, err := p.session(Options{Retry: time.Hour}).Run(t.Context(), []Spec{spec{exists("a")}})
		if !errors.Is(err, lost) || verdicts(got) != "a=fail" {
			t.Errorf("while asking again: got %+v, %v", got, err)
		}
	})
}

func TestRunProbeGone(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: yes, fail: func(round int) error { return &goneError{why: "killed"} }}
	got, err := p.session(Options{Retry: time.Hour}).Run(t.Context(), []Spec{spec{exists("a"), exists("b", "c"), exists("d")}})
	if err != nil {
		t.Fatal(err)
	}
	// What was answered before it went stands.
	if v := verdicts(got); v != "a=pass b=could not check d=could not check" {
		t.Error(v)
	}
	if got[1].Reason != "killed" {
		t.Errorf("reason %q", got[1].Reason)
	}
	if len(p.rounds) != 1 {
		t.Errorf("asked %d times", len(p.rounds))
	}
}

// TestRunInvalid: what would arrive as another question is not asked.
func TestRunInvalid(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: yes}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{exists("a\xff"), exists("b\x00c"), exists("d")}})
	if err != nil || got[0].Verdict != Unknown || got[1].Verdict != Unknown || got[2].Verdict != Pass {
		t.Errorf("got %+v, %v", got, err)
	}
	if got[0].Reason != `ask about "a\xff": it is not UTF-8` || got[1].Reason != `ask about "b\x00c": it has a zero byte` || len(p.rounds[0]) != 1 {
		t.Errorf("got %+v, asked %q", got, p.rounds)
	}
}

func TestRunAnswerErrors(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: func(_ int, q probe.Question) probe.Answer {
		if q.Name == "b" {
			return probe.Answer{Fact: []byte(`"no group"`)}
		}
		return probe.Answer{Error: "no permission"}
	}}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{exists("a"), exists("b")}})
	if err != nil || verdicts(got) != "a=could not check b=could not check" || got[0].Reason != "no permission" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRunOpenForNothing(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: yes}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{func(*Session) Result { return Result{Verdict: Open} }}})
	if err != nil || got[0].Verdict != Unknown || got[0].Reason == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRunEndlessQuestions(t *testing.T) {
	t.Parallel()
	p := &scripted{answer: yes}
	endless := func(s *Session) Result {
		for n := 0; ; n++ {
			_, known, err := Fact[probe.Group](s, probe.Question{Kind: probe.KindGroup, Name: fmt.Sprint(n)})
			switch {
			case !known:
				return Result{Verdict: Open}
			case err != nil:
				return Result{Verdict: Unknown, Reason: err.Error()}
			}
		}
	}
	got, err := p.session(Options{}).Run(t.Context(), []Spec{spec{endless}})
	if err != nil || got[0].Verdict != Unknown || !strings.Contains(got[0].Reason, "100 rounds") {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRunRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		// b comes into being after 1.2 s.
		p := &scripted{answer: func(_ int, q probe.Question) probe.Answer {
			if q.Name == "b" && time.Since(begin) < 1200*time.Millisecond {
				return probe.Answer{Fact: []byte(`{"exists":false}`)}
			}
			return yes(0, q)
		}}
		got, err := p.session(Options{Retry: 10 * time.Second}).Run(t.Context(), []Spec{spec{exists("a"), exists("b", "c")}})
		if err != nil || verdicts(got) != "a=pass b=pass" {
			t.Errorf("got %v, %v", verdicts(got), err)
		}
		if d := time.Since(begin); d != 1500*time.Millisecond {
			t.Errorf("took %v", d)
		}
		// Each generation asks for everything again.
		want := [][]string{{"a", "b"}, {"a", "b"}, {"a", "b"}, {"c"}}
		if diff := cmp.Diff(want, p.rounds); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRunRetryEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		p := &scripted{answer: func(int, probe.Question) probe.Answer { return probe.Answer{Fact: []byte(`{"exists":false}`)} }}
		got, err := p.session(Options{Retry: 1200 * time.Millisecond}).Run(t.Context(), []Spec{spec{exists("a")}})
		if err != nil || verdicts(got) != "a=fail" {
			t.Errorf("got %v, %v", verdicts(got), err)
		}
		if d := time.Since(begin); d != 1200*time.Millisecond || len(p.rounds) != 3 {
			t.Errorf("%d rounds in %v", len(p.rounds), d)
		}
	})
}

// TestRunWaits: what may come to hold by itself is asked again in a machine that has
// just booted, and no longer than anything waits for it.
func TestRunWaits(t *testing.T) {
	t.Parallel()
	waiting := func(name string, d time.Duration) func(*Session) Result {
		return func(s *Session) Result {
			r := exists(name)(s)
			r.Wait = d
			return r
		}
	}
	never := time.Hour
	tests := map[string]struct {
		booted bool
		after  time.Duration // b comes into being
		checks spec
		want   string
		took   time.Duration
	}{
		"holds later":         {true, 3 * time.Second, spec{exists("a"), waiting("b", 10*time.Second)}, "a=pass b=pass", 3500 * time.Millisecond},
		"never holds":         {true, never, spec{exists("a"), waiting("b", 4*time.Second)}, "a=pass b=fail", 4 * time.Second},
		"not booted":          {false, time.Second, spec{waiting("b", 10*time.Second)}, "b=fail", 0},
		"holds at once":       {true, 0, spec{waiting("b", 10*time.Second)}, "b=pass", 0},
		"is not waited for":   {true, time.Second, spec{waiting("a", 10*time.Second), exists("b")}, "a=pass b=fail", 0},
		"fails, another late": {true, 400 * time.Millisecond, spec{exists("x"), waiting("b", 10*time.Second)}, "x=fail b=pass", 500 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				p := &scripted{answer: func(_ int, q probe.Question) probe.Answer {
					if q.Name == "x" || q.Name == "b" && time.Since(begin) < tt.after {
						return probe.Answer{Fact: []byte(`{"exists":false}`)}
					}
					return yes(0, q)
				}}
				told := 0
				s := p.session(Options{Booted: tt.booted, Waiting: func(n int, limit time.Duration) {
					if told++; n != 1 || limit != 10*time.Second && limit != 4*time.Second {
						t.Errorf("waits for %d, %s", n, limit)
					}
				}})
				got, err := s.Run(t.Context(), []Spec{tt.checks})
				if err != nil || verdicts(got) != tt.want {
					t.Errorf("got %v, %v", verdicts(got), err)
				}
				if took := time.Since(begin); took != tt.took || (told == 1) != (took > 0) {
					t.Errorf("took %s, told %d times", took, told)
				}
			})
		})
	}
}

// slow answers commands after a while, or never.
type slow struct {
	*scripted
	takes time.Duration
}

func (c *slow) Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error) {
	if !sleep(ctx, c.takes) {
		return nil, ctx.Err()
	}
	return c.scripted.Ask(ctx, qs)
}

// TestRunLongCommands: a command gets the time that it was given, and no more.
func TestRunLongCommands(t *testing.T) {
	t.Parallel()
	command := func(timeout string) func(*Session) Result {
		return func(s *Session) Result {
			_, known, err := Fact[probe.Group](s, probe.Question{Kind: probe.KindCommand, Name: timeout, Args: map[string]string{"timeout": timeout}})
			switch {
			case !known:
				return Result{Subject: timeout, Verdict: Open}
			case err != nil:
				return Result{Subject: timeout, Verdict: Unknown}
			}
			return Result{Subject: timeout, Verdict: Pass}
		}
	}
	tests := map[string]struct {
		takes time.Duration
		want  string
		took  time.Duration
	}{
		"in time":       {14 * time.Minute, "10m=pass 5m=pass g=pass", 14 * time.Minute},
		"late":          {15*time.Minute + 30*time.Second, "10m=pass 5m=pass g=pass", 15*time.Minute + 30*time.Second},
		"much too late": {time.Hour, "10m=could not check 5m=could not check g=could not check", 16 * time.Minute},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &slow{&scripted{answer: yes}, tt.takes}
				s := p.session(Options{Deadline: time.Minute})
				s.connect = func(context.Context, bool) (asker, error) { return p, nil }
				begin := time.Now()
				got, err := s.Run(t.Context(), []Spec{spec{command("10m"), command("5m"), exists("g")}})
				if err != nil || verdicts(got) != tt.want {
					t.Errorf("got %v, %v", verdicts(got), err)
				}
				if took := time.Since(begin); took != tt.took {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// hanging answers nothing from the given round on.
type hanging struct {
	*scripted
	from int
}

func (h *hanging) Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error) {
	if len(h.rounds) < h.from {
		return h.scripted.Ask(ctx, qs)
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestRunDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &hanging{&scripted{answer: yes}, 1}
		s := p.session(Options{Deadline: time.Minute})
		s.connect = func(context.Context, bool) (asker, error) { return p, nil }
		begin := time.Now()
		got, err := s.Run(t.Context(), []Spec{spec{exists("a"), exists("b", "c")}})
		if err != nil || verdicts(got) != "a=pass b=could not check" || got[1].Reason != "not answered within 1m0s" {
			t.Errorf("got %+v, %v", got, err)
		}
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("took %v", d)
		}
		if p.closed != 1 {
			t.Error("not closed")
		}
	})
}

func TestRunDeadlineWhileRetrying(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		no := func(int, probe.Question) probe.Answer { return probe.Answer{Fact: []byte(`{"exists":false}`)} }
		p := &hanging{&scripted{answer: no}, 2}
		s := p.session(Options{Deadline: time.Minute, Retry: time.Hour})
		s.connect = func(context.Context, bool) (asker, error) { return p, nil }
		got, err := s.Run(t.Context(), []Spec{spec{exists("a")}})
		if err != nil || verdicts(got) != "a=fail" {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestRunCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &hanging{&scripted{answer: yes}, 0}
		s := p.session(Options{})
		s.connect = func(context.Context, bool) (asker, error) { return p, nil }
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("interrupted")
		time.AfterFunc(time.Second, func() { cancel(why) })
		if _, err := s.Run(ctx, []Spec{spec{exists("a")}}); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		if p.closed != 1 {
			t.Error("not closed")
		}
	})
}

func TestAnswered(t *testing.T) {
	t.Parallel()
	s := Answered(func(q probe.Question) probe.Answer { return yes(0, q) })
	got, err := s.Run(t.Context(), []Spec{spec{exists("a", "b")}})
	if err != nil || verdicts(got) != "a=pass" {
		t.Errorf("got %v, %v", got, err)
	}
}
