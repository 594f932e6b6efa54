package verify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// ErrNoProbe is what Fact returns, with the reason, for a question that only a probe
// answers, where none can run and a shell takes its place.
var ErrNoProbe = errors.New("no probe can run")

// noProbe is an ErrNoProbe that says why and no more.
type noProbe struct{ why string }

func (e noProbe) Error() string        { return e.why }
func (e noProbe) Is(target error) bool { return target == ErrNoProbe }

// shell answers commands where the probe cannot run: all of a round in one script,
// which the machine's shell reads from its standard input. It leaves nothing behind,
// and writes nothing.
type shell struct {
	comm    machine.Communicator
	options Options
	why     string // why there is no probe
}

// startAsker brings a probe into the machine, or makes do with its shell.
func startAsker(ctx context.Context, c machine.Communicator, o Options) (asker, error) {
	a, err := startRemote(ctx, c, o, around(o.Around).Args())
	var gone *goneError
	switch {
	case errors.Is(err, machine.ErrBecome):
		return deny(err, o.UserHelp), nil
	case errors.As(err, &gone) && !gone.noShell:
		return &shell{comm: c, options: o, why: gone.why}, nil
	}
	return a, err
}

// Ask implements asker.
func (s *shell) Ask(ctx context.Context, qs []probe.Question) ([]probe.Answer, error) {
	answers := make([]probe.Answer, len(qs))
	var script shellScript
	for i, q := range qs {
		if q.Kind != probe.KindCommand {
			answers[i] = probe.Answer{Error: s.why, NoProbe: true}
			continue
		}
		if err := script.add(i, q); err != nil {
			answers[i] = probe.Answer{Error: err.Error()}
		}
	}
	if len(script.asked) == 0 {
		return answers, nil
	}
	mark := "proofmark-" + rand.Text()
	out, errs := newSections(mark), newSections(mark)
	exit, err := s.comm.Run(ctx, machine.Command{
		Line: s.options.asUser("exec /bin/sh -s"), User: s.options.User, Stdin: strings.NewReader(script.text(mark)), Stdout: out, Stderr: errs,
	})
	if errors.Is(err, machine.ErrBecome) {
		return deny(err, s.options.UserHelp).Ask(ctx, qs)
	}
	for _, c := range script.asked {
		o, e := out.section(c.index), errs.section(c.index)
		if o == nil || e == nil {
			if err != nil {
				return answers[:c.index], s.lost(ctx, err)
			}
			answers[c.index].Error = fmt.Sprintf("the shell ended with exit status %d before this command did", exit)
			continue
		}
		fact := probe.Command{Exit: o.status, Stdout: o.data, Stderr: e.data, Cut: o.cut || e.cut}
		if o.status == killed && o.took >= c.limit-c.limit/10 {
			fact.Exit, fact.TimedOut = -1, true
		}
		text, unencodable := json.Marshal(fact)
		if unencodable != nil {
			return answers[:c.index], unencodable
		}
		answers[c.index].Fact = text
	}
	if err != nil {
		return answers, s.lost(ctx, err)
	}
	return answers, nil
}

// killed is how a shell shows that a command was killed, by its timeout or otherwise.
const killed = 128 + 9

func (s *shell) lost(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("run commands: %w", err)
}

// Close implements asker.
func (s *shell) Close() error { return nil }

// shellCommand is one command of a script.
type shellCommand struct {
	index int // of its question
	limit time.Duration
}

// shellScript is a round of commands.
type shellScript struct {
	body  strings.Builder
	asked []shellCommand
}

// maxArgument is what Linux takes as one argument of a program.
const maxArgument = 128<<10 - 1

func (s *shellScript) add(index int, q probe.Question) error {
	limit := probe.Timeout(q)
	switch {
	case limit <= 0:
		return fmt.Errorf("read timeout %q: not a positive duration", q.Args["timeout"])
	case len(q.Name) > maxArgument:
		return fmt.Errorf("run command: its %d bytes are too many for a shell", len(q.Name))
	case strings.Contains(q.Name, "\x00"):
		return errors.New("run command: it has a zero byte")
	}
	seconds := int64((limit + time.Second - 1) / time.Second)
	dir := "/"
	if q.Args["here"] != "" {
		dir = `"$here"`
	}
	fmt.Fprintf(&s.body, "cd %s; run %d", dir, seconds)
	if env := q.Args["env"]; env != "" {
		s.body.WriteString(" env")
		for kv := range strings.SplitSeq(env, "\n") {
			s.body.WriteString(" " + machine.Quote(kv))
		}
	}
	fmt.Fprintf(&s.body, " /bin/sh -c %s; end %d $?\n", machine.Quote(q.Name), index)
	s.asked = append(s.asked, shellCommand{index, time.Duration(seconds) * time.Second})
	return nil
}

// shellPrelude defines run, which keeps a command to its time where there is a
// program for that, and end, which tells on both streams where its output ended. What
// the shell itself has to say, such as that a command was killed, is nobody's output.
const shellPrelude = `exec 3>&2 2>/dev/null
here=$PWD
if timeout -s KILL 9 true; then
  run() { (exec timeout -s KILL "$@" </dev/null 2>&3 3>&-); }
else
  run() { shift; (exec "$@" </dev/null 2>&3 3>&-); }
fi
end() { printf '%[1]s %%s %%s\n' "$1" "$2"; printf '%[1]s %%s %%s\n' "$1" "$2" >&3; }
end -1 0
`

func (s *shellScript) text(mark string) string {
	return fmt.Sprintf(shellPrelude, mark) + s.body.String() + "exit 0\n"
}
