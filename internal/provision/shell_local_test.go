package provision

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/template"
)

func newShellLocal(t *testing.T, c shellLocalConfig) Provisioner {
	t.Helper()
	if c.InlineShebang == "" {
		c.InlineShebang = "/bin/sh -e"
	}
	p, err := openShellLocal(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShellLocal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := write(t, dir+"/a b's.sh", "#!/bin/sh\necho file $A \"$0\"\n", 0o755)
	a := envConfig{EnvironmentVars: []string{"A=it's"}}
	for _, tt := range []struct {
		name   string
		config shellLocalConfig
		output string
		err    string
	}{
		{name: "command", config: shellLocalConfig{Command: "echo $PACKER_BUILD_NAME; cat"}, output: "web\n"},
		{name: "inline", config: shellLocalConfig{scriptConfig: scriptConfig{Inline: []string{"echo 1", "false", "echo 2"}}}, output: "1\n", err: "script inline (3 lines) ended with exit status 1"},
		{name: "script", config: shellLocalConfig{scriptConfig: scriptConfig{Script: script}, envConfig: a}, output: "file it's " + script + "\n"},
		{name: "scripts", config: shellLocalConfig{scriptConfig: scriptConfig{Scripts: []string{script, script}}}, output: strings.Repeat("file "+script+"\n", 2)},
		{
			name: "execute command",
			config: shellLocalConfig{
				Command: "echo no", envConfig: a,
				ExecuteCommand: []template.Late{late(t, "/bin/sh"), late(t, "-c"), late(t, "{{.Vars}} eval 'echo $A $1; wc -l <$2'"), late(t, "sh"), late(t, "{{.Command}}"), late(t, "{{.Script}}")},
			},
			output: "it's echo no\n2\n",
		},
		{name: "exit codes", config: shellLocalConfig{Command: "exit 4", scriptConfig: scriptConfig{ValidExitCodes: []int{4}}}},
		{name: "signal", config: shellLocalConfig{Command: "kill -9 $$"}, output: "Killed\n", err: "exit status 137"},
		{name: "no such program", config: shellLocalConfig{Command: "x", ExecuteCommand: []template.Late{late(t, "/nonexistent")}}, err: "no such file"},
		{name: "this system", config: shellLocalConfig{Command: "echo here", OnlyOn: []string{"windows", runtime.GOOS}}, output: "here\n"},
		{name: "other system", config: shellLocalConfig{Command: "echo here", OnlyOn: []string{"windows"}}},
		{name: "background", config: shellLocalConfig{Command: "sleep 60 >/dev/null 2>&1 & echo $!"}, output: "PID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newShellLocal(t, tt.config)
			run, log := run(t)
			err := p.Provision(t.Context(), run, nil)
			if tt.err != "" {
				wantError(t, err, tt.err)
			} else if err != nil {
				t.Fatal(err)
			}
			if tt.output == "PID" {
				if err := syscall.Kill(log.pid(), syscall.SIGKILL); err != nil {
					t.Errorf("nothing was left in the background, or it was waited for: %v", err)
				}
				return
			}
			if d := cmp.Diff(tt.output, log.output.String()); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestShellLocalEnvironment: other users can read command lines, and no environment.
func TestShellLocalEnvironment(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self/cmdline"); err != nil {
		t.Skipf("needs /proc: %v", err)
	}
	script := scriptConfig{Inline: []string{`printf '%s\n' "$SECRET" "$ALSO"`, `tr '\0' ' ' </proc/$PPID/cmdline`, `tr '\0' ' ' </proc/$$/cmdline`}}
	env := envConfig{EnvironmentVars: []string{"SECRET=it's $HOME", "ALSO=x"}, Env: map[string]string{"ALSO": "canary"}}
	for name, tt := range map[string]struct {
		config shellLocalConfig
		shown  bool // as in Packer
	}{
		"default":         {shellLocalConfig{scriptConfig: script, envConfig: env}, false},
		"execute command": {shellLocalConfig{scriptConfig: script, envConfig: env, ExecuteCommand: []template.Late{late(t, "/bin/sh"), late(t, "-c"), late(t, "{{.Vars}} {{.Script}}; true")}}, true},
		"format":          {shellLocalConfig{scriptConfig: script, envConfig: envConfig{EnvironmentVars: env.EnvironmentVars, Env: env.Env, EnvVarFormat: "export %s='%s'; "}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, log := run(t)
			if err := newShellLocal(t, tt.config).Provision(t.Context(), run, nil); err != nil {
				t.Fatal(err)
			}
			values, lines, _ := strings.Cut(log.output.String(), "canary\n")
			if values != "it's $HOME\n" {
				t.Errorf("the script sees %q", values)
			}
			if !tt.shown && strings.Contains(lines, "canary") {
				t.Errorf("everybody sees %q", lines)
			}
		})
	}
}

func TestShellLocalOptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		config shellLocalConfig
		want   []string
	}{
		{"nothing", shellLocalConfig{}, []string{`needs option "inline" or "script" or "scripts" or "command"`}},
		{"both", shellLocalConfig{Command: "x", scriptConfig: scriptConfig{Inline: []string{"x"}}}, []string{"command", "inline"}},
		{"no such script", shellLocalConfig{scriptConfig: scriptConfig{Script: "/nonexistent"}}, []string{"script", "/nonexistent"}},
		{"linux paths", shellLocalConfig{Command: "x", UseLinuxPathing: true}, []string{"use_linux_pathing", "script files"}},
		{"system", shellLocalConfig{Command: "x", OnlyOn: []string{"beos"}}, []string{"only_on", "beos"}},
		{"placeholder", shellLocalConfig{Command: "x", ExecuteCommand: []template.Late{late(t, "{{.Path}}")}}, []string{"execute_command", "Path"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := openShellLocal(tt.config)
			wantError(t, err, tt.want...)
		})
	}
	p := newShellLocal(t, shellLocalConfig{Command: "x"})
	if err := p.Fingerprint(t.Context(), nil); !errors.Is(err, cache.ErrOutside) {
		t.Error(err)
	}
}

// TestShellLocalStopped: neither a deaf program nor its children outlive the step.
func TestShellLocalStopped(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"willing": "sleep 60 & echo $!; wait",
		"deaf":    "trap '' TERM; sleep 60 & echo $!; while :; do wait; done",
		"child":   "(trap '' TERM; while :; do sleep 1; done) & echo $!; wait",
		"left":    "sleep 60 & echo $!",
		"closed":  "sleep 60 & echo $!; exec >/dev/null 2>&1; wait",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newShellLocal(t, shellLocalConfig{Command: command})
			run, log := run(t)
			cause := errors.New("received interrupt")
			ctx, cancel := context.WithCancelCause(t.Context())
			begun := make(chan struct{})
			run.Out = &whenOutput{log, begun}
			pidfd := make(chan int, 1)
			go func() {
				defer cancel(cause)
				<-begun
				fd, err := unix.PidfdOpen(log.pid(), 0)
				if err != nil {
					t.Errorf("find the child: %v", err)
				}
				pidfd <- fd
			}()
			if err := p.Provision(ctx, run, nil); !errors.Is(err, cause) {
				t.Errorf("got %v", err)
			}
			fd := <-pidfd
			defer unix.Close(fd)
			// It was killed, but may take a moment to go.
			n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 60_000)
			for err == unix.EINTR { // the end of a child is a signal
				n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 60_000)
			}
			if n != 1 || err != nil {
				syscall.Kill(log.pid(), syscall.SIGKILL)
				t.Errorf("a child is left running: %v", err)
			}
		})
	}
}

// TestShellLocalWaitsForOutput: what a process in the background writes is part of the
// step, as in Packer, and who looks on is told what is waited for.
func TestShellLocalWaitsForOutput(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newShellLocal(t, shellLocalConfig{Command: "(read x < " + pipe + "; echo late $x) & echo started"})
	p.(*shellLocal).patience = 0
	run, log := run(t)
	run.Out = &whenMessage{log, func() {
		if err := os.WriteFile(pipe, []byte("word\n"), 0); err != nil {
			t.Error(err)
		}
	}}
	if err := p.Provision(t.Context(), run, nil); err != nil {
		t.Fatal(err)
	}
	if got := log.output.String(); got != "started\nlate word\n" {
		t.Errorf("output %q", got)
	}
	if got := strings.Join(log.lines, "\n"); !strings.Contains(got, "has ended; waiting for a process that it left") {
		t.Errorf("said %q", got)
	}
}

// TestShellLocalLeavesDaemons: one with a session of its own that holds the output open
// does not hold up the end of a build that is cancelled.
func TestShellLocalLeavesDaemons(t *testing.T) {
	t.Parallel()
	p := newShellLocal(t, shellLocalConfig{Command: "setsid sleep 60 & echo $!"})
	p.(*shellLocal).patience = 0
	run, log := run(t)
	cause := errors.New("received interrupt")
	ctx, cancel := context.WithCancelCause(t.Context())
	run.Out = &whenMessage{log, func() { cancel(cause) }}
	if err := p.Provision(ctx, run, nil); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	// Whoever runs the step finds it by the tag.
	if err := syscall.Kill(log.pid(), syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}

// whenMessage calls a function at each message.
type whenMessage struct {
	*record
	do func()
}

func (w *whenMessage) Message(format string, args ...any) {
	w.record.Message(format, args...)
	w.do()
}

// TestShellLocalStreams: the log gets the two streams apart.
func TestShellLocalStreams(t *testing.T) {
	t.Parallel()
	run, log := run(t)
	apart := &twoStreams{record: log}
	run.Out = apart
	if err := newShellLocal(t, shellLocalConfig{Command: "echo out; echo err >&2"}).Provision(t.Context(), run, nil); err != nil {
		t.Fatal(err)
	}
	if out, err := log.output.String(), apart.err.String(); out != "out\n" || err != "err\n" {
		t.Errorf("output %q, errors %q", out, err)
	}
}

type twoStreams struct {
	*record
	err strings.Builder
}

func (t *twoStreams) ErrorOutput() io.WriteCloser { return errorStream{&t.err} }

type errorStream struct{ io.Writer }

func (errorStream) Close() error { return nil }

// pid reads the output as a process id.
func (r *record) pid() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, _ := strconv.Atoi(strings.TrimSpace(r.output.String()))
	return n
}
