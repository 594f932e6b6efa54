package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// newShell opens a shell provisioner with the defaults of its tags, which
// decoding sets, and an upload folder below the test's directory.
func newShell(t *testing.T, c shellConfig) (*shell, string) {
	t.Helper()
	folder := t.TempDir()
	if c.InlineShebang == "" {
		c.InlineShebang = "/bin/sh -e"
	}
	if c.RemoteFolder == "" {
		c.RemoteFolder = folder
	}
	if c.StartRetryTimeout == 0 {
		c.StartRetryTimeout = 5 * time.Minute
	}
	p, err := openShell(c)
	if err != nil {
		t.Fatal(err)
	}
	return p.(*shell), folder
}

func late(t *testing.T, text string) template.Late {
	t.Helper()
	l, err := template.LateText(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func inline(lines ...string) shellConfig {
	return shellConfig{scriptConfig: scriptConfig{Inline: lines}}
}

func TestShell(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := write(t, dir+"/one.sh", "#!/bin/sh\r\necho one\r\n", 0o644)
	two := write(t, dir+"/it's two", "#!/bin/sh\necho two $A\n", 0o644)
	env := `printf '%s|' "$A" "$B" "$PACKER_BUILD_NAME" "$PACKER_BUILDER_TYPE" "$PACKER_RUN_UUID" "$PACKER_HTTP_ADDR" "$PACKER_HTTP_IP" "$PACKER_HTTP_PORT"`
	envOut := "it's \"$HOME\" \\ \n end|map|web|rootfs|run-1|10.0.0.1:8080|10.0.0.1|8080|"
	vars := envConfig{
		EnvironmentVars: []string{"A=it's \"$HOME\" \\ \n end", "B=list"},
		Env:             map[string]string{"B": "map"},
	}
	for _, tt := range []struct {
		name   string
		config shellConfig
		output string
		err    string
	}{
		{name: "inline is one script", config: inline("x=1", "echo $x; echo err >&2"), output: "1\nerr\n"},
		{name: "inline stops at the first failure", config: inline("false", "echo no"), err: "script inline (2 lines) ended with exit status 1 (allowed: 0)"},
		{
			name: "shebang",
			config: shellConfig{scriptConfig: scriptConfig{
				Inline: []string{"false", "echo yes"}, InlineShebang: "/bin/sh",
			}},
			output: "yes\n",
		},
		{name: "own shebang", config: inline("#!/bin/cat", "text"), output: "#!/bin/cat\ntext\n"},
		{name: "script", config: shellConfig{scriptConfig: scriptConfig{Script: one}}, output: "one\n"},
		{name: "no script", config: shellConfig{scriptConfig: scriptConfig{Scripts: []string{os.DevNull, one}}}, output: "one\n"},
		{
			name: "scripts",
			config: shellConfig{
				scriptConfig: scriptConfig{Scripts: []string{one, two}},
				envConfig:    envConfig{EnvironmentVars: []string{"A=a"}},
			},
			output: "one\ntwo a\n",
		},
		{name: "binary", config: shellConfig{scriptConfig: scriptConfig{Script: one}, Binary: true}, err: one + " ended with exit status 127"},
		{name: "environment", config: shellConfig{scriptConfig: scriptConfig{Inline: []string{env}}, envConfig: vars}, output: envOut},
		{
			name:   "environment file",
			config: shellConfig{scriptConfig: scriptConfig{Inline: []string{env}}, envConfig: vars, UseEnvVarFile: true},
			output: envOut,
		},
		{
			name: "environment format",
			config: shellConfig{
				scriptConfig:   scriptConfig{Inline: []string{"echo $A"}},
				envConfig:      envConfig{EnvironmentVars: []string{"A=a"}, EnvVarFormat: "export %s='%s' ;"},
				ExecuteCommand: late(t, "{{.Vars}} sh {{.Path}}"),
			},
			output: "a\n",
		},
		{
			name: "execute command",
			config: shellConfig{
				scriptConfig:   scriptConfig{Inline: []string{"echo $A"}},
				envConfig:      envConfig{EnvironmentVars: []string{"A=a"}},
				ExecuteCommand: late(t, "env {{.Vars}} A=b sh {{.Path}}"),
			},
			output: "b\n",
		},
		{
			name:   "valid exit codes",
			config: shellConfig{scriptConfig: scriptConfig{Inline: []string{"exit 3"}, ValidExitCodes: []int{0, 3}}},
		},
		{
			name:   "invalid exit code",
			config: shellConfig{scriptConfig: scriptConfig{Inline: []string{"exit 4"}, ValidExitCodes: []int{0, 3}}},
			err:    "exit status 4 (allowed: 0, 3)",
		},
		{
			name: "the first failure ends it",
			config: shellConfig{scriptConfig: scriptConfig{Scripts: []string{
				write(t, dir+"/bad.sh", "exit 7", 0o644), one,
			}}},
			err: dir + "/bad.sh ended with exit status 7",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, folder := newShell(t, tt.config)
			run, log := run(t)
			h := &host{}
			err := s.Provision(t.Context(), run, h)
			if tt.err == "" && err != nil {
				t.Fatal(err)
			}
			if tt.err != "" {
				wantError(t, err, tt.err)
			} else if d := cmp.Diff(tt.output, log.output.String()); d != "" {
				t.Error(d)
			}
			if left := names(t, folder); len(left) > 0 {
				t.Errorf("left in the machine: %q", left)
			}
			if strings.Contains(log.said(), "HOME") {
				t.Errorf("a value was said: %s", log.said())
			}
		})
	}
}

func TestShellPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		config shellConfig
		want   string // pattern of puts, $D the folder
	}{
		{"default", shellConfig{}, "0755 $D/script_*.sh"},
		{"file", shellConfig{RemoteFile: "x.sh"}, "0755 $D/x.sh"},
		{"path", shellConfig{RemotePath: "$D/a b"}, "0755 $D/a b"},
		{"environment", shellConfig{UseEnvVarFile: true}, "0600 $D/varfile_*.sh,0755 $D/script_*.sh"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := tt.config
			c.Inline, c.RemoteFolder, c.SkipClean = []string{"true"}, dir, true
			c.RemotePath = strings.ReplaceAll(c.RemotePath, "$D", dir)
			if c.RemotePath != "" {
				c.ExecuteCommand = late(t, "sh '{{.Path}}'")
			}
			s, _ := newShell(t, c)
			run, _ := run(t)
			h := &host{}
			if err := s.Provision(t.Context(), run, h); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(h.puts, ",")
			if ok, _ := filepath.Match(strings.ReplaceAll(tt.want, "$D", dir), got); !ok {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if n := len(names(t, dir)); n != len(h.puts) {
				t.Errorf("skip_clean: %d files are left of %d", n, len(h.puts))
			}
		})
	}
}

func TestShellSays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := write(t, dir+"/a.sh", "#!/bin/sh\n", 0o644)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		p := &shell{shellConfig: shellConfig{PauseAfter: 30 * time.Second}}
		run, log := run(t)
		if err := p.Provision(t.Context(), run, nil); err != nil {
			t.Fatal(err)
		}
		if log.said() != "Pausing 30s after this provisioner..." || time.Since(start) != 30*time.Second {
			t.Errorf("%s after %s", log.said(), time.Since(start))
		}
	})
	s, _ := newShell(t, shellConfig{scriptConfig: scriptConfig{Script: script}})
	run, log := run(t)
	if err := s.Provision(t.Context(), run, &host{}); err != nil {
		t.Fatal(err)
	}
	if want := "Provisioning with shell script: " + script; log.said() != want {
		t.Errorf("said %q", log.said())
	}
}

func TestShellOptions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := write(t, dir+"/a.sh", "", 0o644)
	for _, tt := range []struct {
		name   string
		config shellConfig
		want   []string
	}{
		{"nothing", shellConfig{}, []string{`needs option "inline" or "script" or "scripts"`}},
		{"two of a kind", shellConfig{scriptConfig: scriptConfig{Script: script, Scripts: []string{script}}}, []string{"scripts", "not both"}},
		{"inline and script", shellConfig{scriptConfig: scriptConfig{Script: script, Inline: []string{"x"}}}, []string{"inline", "not both"}},
		{"no such script", shellConfig{scriptConfig: scriptConfig{Scripts: []string{script, dir + "/b.sh"}}}, []string{"scripts", dir + "/b.sh", "no such file"}},
		{"a directory", shellConfig{scriptConfig: scriptConfig{Script: dir}}, []string{"script", "not a file"}},
		{"an endless device", shellConfig{scriptConfig: scriptConfig{Script: "/dev/zero"}}, []string{"script", "not a file"}},
		{"no name", shellConfig{scriptConfig: scriptConfig{Script: script}, envConfig: envConfig{EnvironmentVars: []string{"A=1", "secret"}}}, []string{"environment_vars", "NAME=value"}},
		{"no name in map", shellConfig{scriptConfig: scriptConfig{Script: script}, envConfig: envConfig{Env: map[string]string{"": "x"}}}, []string{"env", "no name"}},
		{"format", shellConfig{scriptConfig: scriptConfig{Script: script}, envConfig: envConfig{EnvVarFormat: "%s"}}, []string{"env_var_format"}},
		{"placeholder", shellConfig{scriptConfig: scriptConfig{Script: script}, ExecuteCommand: late(t, "{{.Pth}}")}, []string{"Pth"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := openShell(tt.config)
			wantError(t, err, tt.want...)
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("repeats a value: %v", err)
			}
		})
	}
}

// TestNoScript: templates that take a script from outside name /dev/null for none.
func TestNoScript(t *testing.T) {
	t.Parallel()
	p, err := openShell(shellConfig{scriptConfig: scriptConfig{Scripts: []string{os.DevNull}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Fingerprint(t.Context(), cache.NewHash("", "shell", nil)); err != nil {
		t.Error(err)
	}
}

func TestShellDisconnect(t *testing.T) {
	t.Parallel()
	lost := fmt.Errorf("read: %w", machine.ErrDisconnected)
	for _, tt := range []struct {
		name   string
		config shellConfig
		after  []error // what commands end with: the script, then each removal
		exit   int     // the script's status
		err    string
		says   string
		left   int
	}{
		{name: "not expected", config: inline("true"), after: []error{lost}, err: "expect_disconnect"},
		{name: "expected", config: shellConfig{ExpectDisconnect: true}, after: []error{lost}, says: "lost, as expected"},
		{name: "allowed as status", config: shellConfig{scriptConfig: scriptConfig{ValidExitCodes: []int{0, 2300218}}}, after: []error{lost}, says: "lost, as expected"},
		{name: "expected, did not happen", config: shellConfig{ExpectDisconnect: true}},
		{name: "removal has to wait", config: shellConfig{ExpectDisconnect: true}, after: []error{lost, machine.ErrUnreachable, lost}},
		{
			name: "removal fails after a restart", config: shellConfig{ExpectDisconnect: true},
			after: []error{lost, lost, lost, lost, lost, lost}, says: "! remove the uploaded script", left: 1,
		},
		{
			name: "removal fails", config: shellConfig{scriptConfig: scriptConfig{ValidExitCodes: []int{3}}}, exit: 3,
			after: []error{nil, lost, lost, lost, lost, lost}, err: "remove the uploaded script", left: 1,
		},
		{
			name: "removal fails after the script", config: inline("true"), exit: 3,
			after: []error{nil, lost, lost, lost, lost, lost}, err: "exit status 3", says: "! remove the uploaded script", left: 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := tt.config
				c.Inline = []string{"true"}
				s, folder := newShell(t, c)
				run, log := run(t)
				// In place of running them: a process does not end in a bubble's time.
				h := &host{failRun: tt.after}
				if len(tt.after) == 0 {
					h.failRun = []error{nil}
				}
				fake := &scripted{host: h, exit: tt.exit}
				err := s.Provision(t.Context(), run, fake)
				switch {
				case tt.err != "":
					wantError(t, err, tt.err)
				case err != nil:
					t.Error(err)
				}
				if tt.err == "expect_disconnect" && !errors.Is(err, machine.ErrDisconnected) {
					t.Errorf("%v is not ErrDisconnected", err)
				}
				if !strings.Contains(log.said(), tt.says) {
					t.Errorf("said %q, want %q", log.said(), tt.says)
				}
				if left := names(t, folder); len(left) != tt.left {
					t.Errorf("left in the machine: %q", left)
				}
			})
		})
	}
}

// scripted is a host on which commands end at once: with an error when one is
// due, else scripts with their status. It removes files.
type scripted struct {
	*host
	exit int
}

func (s *scripted) Run(_ context.Context, c machine.Command) (int, error) {
	if err := take(&s.failRun); err != nil {
		return 0, err
	}
	s.commands = append(s.commands, c.Line)
	line := c.Line
	if script, rm, ok := strings.Cut(line, "\n) && "); ok && strings.HasPrefix(script, "(") {
		if line = rm; s.exit != 0 {
			return s.exit, nil
		}
	}
	if files, ok := strings.CutPrefix(line, "rm -f "); ok {
		for f := range strings.FieldsSeq(files) {
			os.Remove(f)
		}
	}
	return 0, nil
}

func TestShellStartRetry(t *testing.T) {
	t.Parallel()
	down := fmt.Errorf("dial: %w", machine.ErrUnreachable)
	times := func(n int) []error {
		var list []error
		for range n {
			list = append(list, down)
		}
		return list
	}
	for _, tt := range []struct {
		name     string
		put, run []error
		limit    time.Duration
		took     time.Duration
		err      string
	}{
		{name: "upload comes through", put: times(3), took: 6 * time.Second},
		{name: "start comes through", run: times(3), took: 6 * time.Second},
		{name: "both count", put: times(3), run: times(100), limit: 10 * time.Second, took: 10 * time.Second, err: "gave up after 10s"},
		{name: "never", put: times(1000), took: 5 * time.Minute, err: "gave up after 5m0s"},
		{name: "other errors are final", put: []error{errors.New("disk full")}, err: "disk full"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := inline("true")
				c.StartRetryTimeout, c.SkipClean = tt.limit, true
				s, _ := newShell(t, c)
				run, _ := run(t)
				start := time.Now()
				err := s.Provision(t.Context(), run, &scripted{host: &host{failPut: tt.put, failRun: tt.run}})
				switch {
				case tt.err != "":
					wantError(t, err, tt.err)
				case err != nil:
					t.Error(err)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %s, want %s", took, tt.took)
				}
			})
		})
	}
}

// TestShellRunsOnce: a script that began must not be started again, whatever
// became of the connection.
func TestShellRunsOnce(t *testing.T) {
	t.Parallel()
	s, _ := newShell(t, inline("true"))
	run, _ := run(t)
	h := &scripted{host: &host{failRun: []error{machine.ErrDisconnected}}}
	if err := s.Provision(t.Context(), run, h); err == nil {
		t.Fatal("no error")
	}
	for _, c := range h.commands {
		if !strings.HasPrefix(c, "rm -f ") {
			t.Errorf("ran %s", c)
		}
	}
}

func TestShellCancelled(t *testing.T) {
	t.Parallel()
	s, folder := newShell(t, inline("echo begun; sleep 100"))
	run, log := run(t)
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	run.Out = &whenOutput{log, begun}
	go func() { <-begun; cancel() }()
	err := s.Provision(ctx, run, &host{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := names(t, folder); len(left) > 0 {
		t.Errorf("left in the machine: %q", left)
	}
}

func TestShellPutExplained(t *testing.T) {
	t.Parallel()
	c := inline("true")
	c.RemoteFolder = t.TempDir() + "/gone"
	s, _ := newShell(t, c)
	run, _ := run(t)
	wantError(t, s.Provision(t.Context(), run, &host{}), "directory "+c.RemoteFolder+" is not there in the machine")
}
