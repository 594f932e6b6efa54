package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ShellLocal runs shell scripts on this host.
func ShellLocal() template.Kind[Provisioner] {
	return template.Define("shell-local", "run shell scripts on this host, between the steps in the machine", openShellLocal)
}

type shellLocalConfig struct {
	scriptConfig
	envConfig
	Command           string          `opt:"command" doc:"One command line, run like an inline script of one line."`
	ExecuteCommand    []template.Late `opt:"execute_command" doc:"The program that runs a script, with its arguments. {{.Script}} is the script file, {{.Vars}} the environment, {{.Command}} the text of command. Whoever is on this host can read {{.Vars}} in the list of processes. When not given, /bin/sh runs the script, and nobody else sees the environment, unless env_var_format is set: then /bin/sh, -c and {{.Vars}} {{.Script}}"`
	OnlyOn            []string        `opt:"only_on" doc:"Run only if this host has one of these operating systems: linux, darwin, freebsd, openbsd, netbsd, solaris, windows."`
	UseLinuxPathing   bool            `opt:"use_linux_pathing" default:"false" doc:"For hosts with Windows; without effect elsewhere."`
	TempfileExtension string          `opt:"tempfile_extension" doc:"Extension of the file that inline and command are written to, with its dot."`
}

type shellLocal struct {
	shellLocalConfig
	list     []script
	fields   []string      // placeholders of execute_command that Run.Fields fills
	patience time.Duration // see local
}

var hostSystems = []string{"linux", "darwin", "freebsd", "openbsd", "netbsd", "solaris", "windows"}

func openShellLocal(c shellLocalConfig) (Provisioner, error) {
	s, err := OpenLocal(c)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// LocalConfig and Local are scripts on this host, for whatever runs them besides
// the provisioner.
type (
	LocalConfig = shellLocalConfig
	Local       = shellLocal
)

// OpenLocal validates scripts on this host. fields are further placeholders that
// execute_command may have; Run.Fields holds their values.
func OpenLocal(c LocalConfig, fields ...string) (*Local, error) {
	list, err := c.scripts()
	errs := []error{err, c.check()}
	for _, name := range c.OnlyOn {
		if name != "" && !slices.Contains(hostSystems, name) {
			errs = append(errs, template.At("only_on", fmt.Errorf("%q is none of %s", name, strings.Join(hostSystems, ", "))))
		}
	}
	if c.UseLinuxPathing && (len(c.Inline) > 0 || c.Command != "") {
		errs = append(errs, template.At("use_linux_pathing", errors.New("it is for script files: give script or scripts")))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	s := &shellLocal{shellLocalConfig: c, list: list, fields: fields, patience: patience}
	if _, _, err := s.command(Run{}, ""); err != nil {
		return nil, template.At("execute_command", err)
	}
	return s, nil
}

// scripts returns what is to be run, the text of command as an inline script.
func (c *shellLocalConfig) scripts() ([]script, error) {
	what := c.scriptConfig
	switch {
	case c.Command == "" && len(c.Inline) == 0 && c.Script == "" && len(c.Scripts) == 0:
		return nil, template.Missing("inline", "script", "scripts", "command")
	case c.Command == "":
	case len(c.Inline) > 0 || c.Script != "" || len(c.Scripts) > 0:
		return nil, template.At("command", errors.New("give either command, inline or script files"))
	default:
		what.Inline = []string{c.Command}
	}
	return what.scripts()
}

// Describe names the command, or what else is run.
func (s *shellLocal) Describe() string {
	if s.Command != "" {
		return s.Command
	}
	return s.scriptConfig.Describe()
}

func (s *shellLocal) Fingerprint(context.Context, *cache.Hash) error { return cache.ErrOutside }

// HashScripts adds the content of the script files.
func (s *shellLocal) HashScripts(h *cache.Hash) error { return hashScripts(h, s.list) }

func (s *shellLocal) Provision(ctx context.Context, run Run, _ machine.Communicator) error {
	if len(s.OnlyOn) > 0 && !slices.Contains(s.OnlyOn, runtime.GOOS) {
		run.Out.Say("Skipping shell-local: this host runs %s, the step is for %s", runtime.GOOS, strings.Join(s.OnlyOn, ", "))
		return nil
	}
	for _, sc := range s.list {
		run.Out.Say("Running local shell script: %s", sc.name)
		if err := s.one(ctx, run, sc); err != nil {
			return err
		}
	}
	return nil
}

func (s *shellLocal) one(ctx context.Context, run Run, sc script) error {
	file, err := filepath.Abs(sc.path)
	if sc.path == "" {
		file, err = s.tempFile(run.Tag, sc.text)
		if err == nil {
			defer os.Remove(file)
		}
	}
	if err != nil {
		return fmt.Errorf("script %s: %w", sc.name, err)
	}
	argv, env, err := s.command(run, file)
	if err != nil {
		return fmt.Errorf("script %s: %w", sc.name, err)
	}
	out := newOutputs(run.Out)
	defer out.Close()
	exit, err := local{argv: argv, vars: env, tag: run.Tag, out: out.out, err: out.err, patience: s.patience, waiting: func() {
		run.Out.Message("%s has ended; waiting for a process that it left and that holds its output open (one started with >/dev/null 2>&1 would not be waited for)", sc.name)
	}}.run(ctx)
	if err != nil {
		return fmt.Errorf("script %s: %w", sc.name, err)
	}
	return s.exitError(sc, exit)
}

// command renders the command line as program and arguments. The environment comes
// with it, unless the template says itself how a command line gets it: what stands
// in a command line every user of this host can read.
func (s *shellLocal) command(run Run, file string) (argv []string, env map[string]string, err error) {
	if len(s.ExecuteCommand) == 0 && s.EnvVarFormat == "" {
		return []string{"/bin/sh", "-c", machine.Quote(file)}, s.all(run), nil
	}
	vars := s.vars(run, wordFormat)
	if len(s.ExecuteCommand) == 0 {
		return []string{"/bin/sh", "-c", vars + machine.Quote(file)}, nil, nil
	}
	data := map[string]string{"Vars": vars, "Script": file, "Command": s.Command}
	for _, name := range s.fields {
		data[name] = run.Fields[name]
	}
	for _, l := range s.ExecuteCommand {
		arg, err := l.Render(withBuild(run, data))
		if err != nil {
			return nil, nil, err
		}
		argv = append(argv, arg)
	}
	return argv, nil, nil
}

// tempFile makes an executable file of the text.
func (s *shellLocal) tempFile(tag, text string) (name string, err error) {
	// A process that another goroutine forks while the file is open for writing
	// holds it open too, and then the kernel refuses to execute it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	f, err := os.CreateTemp("", TempPrefix(tag)+"*"+s.TempfileExtension)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o700), f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
