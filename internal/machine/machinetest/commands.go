package machinetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// testCommands: this is what Run of a communicator must do.
func testCommands(t *testing.T, c inside, user string) {
	tests := []struct {
		name           string
		cmd            machine.Command
		exit           int
		stdout, stderr string
	}{
		{name: "nothing", cmd: machine.Command{Line: ""}},
		{name: "exit 3", cmd: machine.Command{Line: "exit 3"}, exit: 3},
		{name: "last command counts", cmd: machine.Command{Line: "true; false"}, exit: 1},
		{name: "unknown command", cmd: machine.Command{Line: "no-such-command-here 2>/dev/null"}, exit: 127},
		{name: "both outputs", cmd: machine.Command{Line: "echo out; echo err >&2; exit 4"}, exit: 4, stdout: "out\n", stderr: "err\n"},
		{name: "unfinished line", cmd: machine.Command{Line: "printf 'a b'"}, stdout: "a b"},
		{name: "no standard input", cmd: machine.Command{Line: "cat; echo end"}, stdout: "end\n"},
		{name: "standard input", cmd: machine.Command{Line: "cat", Stdin: strings.NewReader("one\ntwo")}, stdout: "one\ntwo"},
		{name: "standard input is not read", cmd: machine.Command{Line: "echo ready", Stdin: strings.NewReader(strings.Repeat("x", 1<<20))}, stdout: "ready\n"},
		{name: "a shell", cmd: machine.Command{Line: `x="a  b"; for i in 1 2; do echo "$i $x"; done | cat`}, stdout: "1 a  b\n2 a  b\n"},
		{name: "environment", cmd: machine.Command{
			Line: `printf '%s|%s|%s' "$ONE" "$TWO" "$THREE"`,
			Env:  map[string]string{"ONE": "1", "TWO": "a 'b' \"c\" $d `e` \\f", "THREE": "x\ny"},
		}, stdout: "1|a 'b' \"c\" $d `e` \\f|x\ny"},
		{name: "environment does not stay", cmd: machine.Command{Line: `printf "[$ONE]"`}, stdout: "[]"},
		{name: "directory does not stay", cmd: machine.Command{Line: `cd ` + machine.Quote(c.dir) + `; x=$(pwd); cd /; echo "$x"`}, stdout: c.dir + "\n"},
		{name: "many lines", cmd: machine.Command{Line: `i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done`}, stdout: manyLines(2000)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			tt.cmd.Stdout, tt.cmd.Stderr = &stdout, &stderr
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			exit, err := c.Run(ctx, tt.cmd)
			if err != nil {
				t.Fatal(err)
			}
			if exit != tt.exit {
				t.Errorf("exit = %d, want %d", exit, tt.exit)
			}
			if got := stdout.String(); got != tt.stdout {
				t.Errorf("stdout = %.300q, want %.300q", got, tt.stdout)
			}
			if got := stderr.String(); got != tt.stderr {
				t.Errorf("stderr = %.300q, want %.300q", got, tt.stderr)
			}
		})
	}
	t.Run("output nobody wants", func(t *testing.T) {
		if exit, err := c.Run(t.Context(), machine.Command{Line: "echo out; echo err >&2; exit 2"}); exit != 2 || err != nil {
			t.Errorf("exit %d, %v", exit, err)
		}
	})
	t.Run("user", func(t *testing.T) {
		if user == "" {
			return
		}
		out, exit, err := c.try(t.Context(), machine.Command{Line: "id -un", User: user})
		if out != user+"\n" || exit != 0 || err != nil {
			t.Errorf("id -un as %s: %q, exit %d, %v", user, out, exit, err)
		}
		_, exit, err = c.try(t.Context(), machine.Command{Line: "true", User: "nobody-has-this-name"})
		if exit == 0 && err == nil {
			t.Error("a command ran as a user who does not exist")
		}
	})
	t.Run("cancel", func(t *testing.T) { testCancel(t, c) })
	t.Run("background", func(t *testing.T) { testBackground(t, c) })
	t.Run("at the same time", func(t *testing.T) { testConcurrent(t, c) })
	t.Run("both outputs in one", func(t *testing.T) {
		var both bytes.Buffer
		line := "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done"
		if exit, err := c.Run(t.Context(), machine.Command{Line: line, Stdout: &both, Stderr: &both}); exit != 0 || err != nil {
			t.Errorf("exit %d, %v", exit, err)
		}
		if want := "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nout 4\nerr 4\nout 5\nerr 5\n"; both.String() != want {
			t.Errorf("output %q", both.String())
		}
	})
	t.Run("secrets", func(t *testing.T) { testSecrets(t, c) })
}

// testSecrets: what a command gets is nowhere among the arguments of processes.
func testSecrets(t *testing.T, c inside) {
	out, _, err := c.try(t.Context(), machine.Command{
		Line: ": not-for-others-1; cat /proc/[0-9]*/cmdline 2>/dev/null || :",
		Env:  map[string]string{"SECRET": "not-for-others-2"},
	})
	if i := strings.Index(out, "not-for-others"); i >= 0 || err != nil {
		t.Errorf("%v, arguments of processes: %q", err, out)
	}
}

func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// testCancel: when ctx ends Run returns, and nothing of the command goes on.
func testCancel(t *testing.T, c inside) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := c.Run(ctx, machine.Command{
		Line: `cd ` + machine.Quote(c.dir) + `; beat() { while :; do echo x >> $1; sleep 0.02; done; }
			beat background & beat foreground & echo started; sleep 100000`,
		Stdout: writerFunc(func([]byte) { cancel() }),
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that it was cancelled", err)
	}
	wantNoBeat(t, c, c.at("background"), c.at("foreground"))

	if _, err := c.Run(cancelled(t), machine.Command{Line: "touch " + c.at("too-late")}); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want that it was cancelled before", err)
	}
	c.wantMissing("too-late")
}

// wantNoBeat checks that nothing goes on writing to the files.
func wantNoBeat(t *testing.T, c inside, files ...string) {
	t.Helper()
	list := "cat " + strings.Join(files, " ") + " 2>/dev/null || :"
	before := c.sh(list)
	c.sh("sleep 0.3")
	if after := c.sh(list); after != before {
		t.Errorf("a process goes on: %d bytes, then %d", len(before), len(after))
	}
}

// testBackground: a process that holds on to the output does not delay Run.
func testBackground(t *testing.T, c inside) {
	var out bytes.Buffer
	began := time.Now()
	exit, err := c.Run(t.Context(), machine.Command{
		Line: "(until [ -e " + machine.Quote(c.at("go")) + " ]; do sleep 0.05; done; echo late; sleep 100) & echo done; exit 5", Stdout: &out, Stderr: io.Discard,
	})
	if exit != 5 || err != nil || out.String() != "done\n" {
		t.Errorf("exit %d, %v, output %q", exit, err, out.String())
	}
	// One second is the contract; the rest is for a busy host.
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("returned after %v", took)
	}
	c.sh(": > " + machine.Quote(c.at("go")) + "; sleep 0.4")
	if out.String() != "done\n" {
		t.Errorf("after Run returned its output went on: %q", out.String())
	}
}

func testConcurrent(t *testing.T, c inside) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			file := c.at(fmt.Sprintf("suite-%d", i))
			text := strings.Repeat(fmt.Sprint(i), 1000)
			if err := c.Put(t.Context(), file, 0o600, strings.NewReader(text)); err != nil {
				t.Errorf("put: %v", err)
			}
			out, exit, err := c.try(t.Context(), machine.Command{Line: fmt.Sprintf("cat %s; exit %d", file, i)})
			if out != text || exit != i || err != nil {
				t.Errorf("run %d: exit %d, %v, %d bytes", i, exit, err, len(out))
			}
			var b bytes.Buffer
			if err := c.Get(t.Context(), file, &b); err != nil || b.String() != text {
				t.Errorf("get: %v, %d bytes", err, b.Len())
			}
		})
	}
	wg.Wait()
}

type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}
