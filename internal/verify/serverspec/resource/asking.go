package resource

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// asking is one call while it is being answered. What is not known comes as a zero
// value, and the answer is then open whatever the row makes of it, so that rows read
// as if everything were known.
type asking struct {
	host   *Host
	r      Resource
	method string
	args   map[string]Value

	dry      bool // note the commands and ask nothing
	open     bool
	unknown  string
	raised   *Answer
	commands []string
}

func (h *Host) asking(r Resource, c Call, row *row) *asking {
	a := &asking{host: h, r: r, method: c.Method, args: maps.Clone(c.Chain)}
	if a.args == nil {
		a.args = map[string]Value{}
	}
	for i, name := range strings.Fields(row.params) {
		if i < len(c.Args) && c.Args[i] != nil {
			a.args[name] = c.Args[i]
		}
	}
	return a
}

// settled tells whether there is an answer whatever the row returns.
func (a *asking) settled() bool { return a.open || a.unknown != "" || a.raised != nil }

func (a *asking) answer(v Value) Answer {
	switch {
	case a.open:
		return Answer{State: Open, Commands: a.commands}
	case a.unknown != "":
		return Answer{State: Unknown, Reason: a.unknown, Commands: a.commands}
	case a.raised != nil:
		a.raised.Commands = a.commands
		return *a.raised
	}
	return Answer{State: Known, Value: v, Commands: a.commands}
}

// raise ends the call as an exception does, and the first one counts.
func (a *asking) raise(class, format string, args ...any) Value {
	if a.raised == nil {
		a.raised = &Answer{State: Raised, Class: class, Reason: fmt.Sprintf(format, args...)}
	}
	return nil
}

// fail says why there is no answer.
func (a *asking) fail(reason string) {
	if a.unknown == "" {
		a.unknown = reason
	}
}

func (a *asking) has(name string) bool { return a.args[name] != nil }

// arg returns an argument as text; "" when it was not given.
func (a *asking) arg(name string) string { return Text(a.args[name]) }

// argq returns an argument quoted for a shell.
func (a *asking) argq(name string) string { return escape(a.arg(name)) }

// plain returns the resource's name as it is, which some commands have.
func (a *asking) plain() string { return Text(a.r.Name) }

// name returns the resource's name quoted for a shell.
func (a *asking) name() string { return escape(a.plain()) }

// output is what a command came to.
type output struct {
	exit           int
	stdout, stderr string
	cut            bool
}

// run asks for a command that changes nothing.
func (a *asking) run(line string) output {
	return a.command(line, map[string]string{"passive": "1"})
}

// runAlone is run for commands that look at all processes, among which no other that
// is asked at the same time may be.
func (a *asking) runAlone(line string) output { return a.command(line, map[string]string{}) }

func (a *asking) command(line string, args map[string]string) output {
	a.commands = append(a.commands, line)
	if a.dry || a.settled() {
		return output{}
	}
	if a.host.Wrap != nil && a.r.Type != "command" {
		line = a.host.Wrap(line)
	}
	args["timeout"] = a.host.timeout().String()
	maps.Copy(args, a.host.Surroundings())
	c, ok, err := ask[probe.Command](a, probe.Question{Kind: probe.KindCommand, Name: line, Args: args})
	switch {
	case err != nil:
		a.fail(err.Error())
		return output{}
	case !ok:
		return output{}
	case c.TimedOut:
		a.fail(fmt.Sprintf("the command did not end within %v", a.host.timeout()))
		return output{}
	}
	return output{exit: c.Exit, stdout: a.host.Received(string(c.Stdout)), stderr: string(c.Stderr), cut: c.Cut}
}

// check runs a command and tells whether it succeeded.
func (a *asking) check(line string) Bool { return a.run(line).exit == 0 }

// stdout runs a command and returns what it printed.
func (a *asking) stdout(line string) string {
	out := a.run(line)
	if out.cut {
		a.fail("the command printed more than " + blobLimit)
	}
	return out.stdout
}

const blobLimit = "8 MiB"

// ask asks for a fact. It is not ok while the fact is not known, and with an error.
func ask[T any](a *asking, q probe.Question) (fact T, ok bool, err error) {
	if a.host.Place != nil {
		q = a.host.Place(q)
	}
	fact, known, err := verify.Fact[T](a.host.Session, q)
	if !known {
		a.open = true
	}
	return fact, known && err == nil, err
}

// know asks for a fact that has a command in its stead when it cannot be had.
func know[T any](a *asking, kind, name string, args map[string]string) (T, bool) {
	fact, ok, _ := ask[T](a, probe.Question{Kind: kind, Name: name, Args: args})
	return fact, ok
}

// insist asks for a fact whose command would tell no better: only a missing probe
// leaves the answer to it.
func insist[T any](a *asking, kind, name string) (T, bool) {
	fact, ok, err := ask[T](a, probe.Question{Kind: kind, Name: name})
	if err != nil && !errors.Is(err, verify.ErrNoProbe) {
		a.fail(err.Error())
	}
	return fact, ok
}

func (h *Host) timeout() time.Duration {
	if h.Timeout <= 0 {
		return time.Minute
	}
	return h.Timeout
}

// Surroundings are the arguments of a question for a command that say where and with
// which environment it runs.
func (h *Host) Surroundings() map[string]string {
	return map[string]string{"env": h.env(), "here": "1"}
}

// env returns the environment of commands as the probe takes it.
func (h *Host) env() string {
	all := map[string]string{"LANG": "C"}
	maps.Copy(all, h.Env)
	var lines []string
	for _, k := range slices.Sorted(maps.Keys(all)) {
		lines = append(lines, k+"="+strings.ReplaceAll(all[k], "\n", " "))
	}
	return strings.Join(lines, "\n")
}

func (h *Host) now() time.Time {
	if h.Now == nil {
		return time.Now()
	}
	return h.Now()
}
