package provision

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Shell runs shell scripts in the machine.
func Shell() template.Kind[Provisioner] {
	return template.Define("shell", "run shell scripts in the machine", openShell)
}

type shellConfig struct {
	scriptConfig
	envConfig
	Binary            bool          `opt:"binary" doc:"Leave the script as it is. Otherwise Windows line ends become Unix ones."`
	UseEnvVarFile     bool          `opt:"use_env_var_file" doc:"Put the environment into a file in the machine, {{.EnvVarFile}}, instead of the command line."`
	ExecuteCommand    template.Late `opt:"execute_command" doc:"The command line that runs an uploaded script. {{.Path}} is the script, {{.Vars}} the environment, {{.EnvVarFile}} the file that holds it. When not given: chmod +x {{.Path}}; {{.Vars}} {{.Path}}, and where use_env_var_file is set: chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}"`
	ExpectDisconnect  bool          `opt:"expect_disconnect" default:"false" doc:"A connection that is lost while a script runs means that it succeeded: for scripts that restart the machine."`
	RemoteFolder      string        `opt:"remote_folder" default:"/tmp" doc:"Directory in the machine to upload to."`
	RemoteFile        string        `opt:"remote_file" doc:"File name of the uploaded script; script_NNN.sh with a random number when not given."`
	RemotePath        string        `opt:"remote_path" doc:"Whole path of the uploaded script, instead of remote_folder and remote_file."`
	SkipClean         bool          `opt:"skip_clean" default:"false" doc:"Leave the uploaded script in the machine."`
	StartRetryTimeout time.Duration `opt:"start_retry_timeout" default:"5m" doc:"How long to go on trying while the machine cannot be reached, because it restarts."`
	PauseAfter        time.Duration `opt:"pause_after" doc:"How long to wait after the last script has succeeded."`
}

const (
	defaultExecute    = `chmod +x {{.Path}}; {{.Vars}} {{.Path}}`
	defaultExecuteEnv = `chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}`
)

// exitDisconnected is the status that Packer gives to a lost connection;
// valid_exit_codes may name it.
const exitDisconnected = 2300218

// exitNotExecutable is a shell's for a file that may not be executed.
const exitNotExecutable = 126

type shell struct {
	shellConfig
	list []script
}

func openShell(c shellConfig) (Provisioner, error) {
	list, err := c.scripts()
	if err := errors.Join(err, c.check()); err != nil {
		return nil, err
	}
	if c.ExecuteCommand.Text() == "" {
		text := defaultExecute
		if c.UseEnvVarFile {
			text = defaultExecuteEnv
		}
		if c.ExecuteCommand, err = template.LateText(text); err != nil {
			return nil, err
		}
	}
	s := &shell{shellConfig: c, list: list}
	if _, err := s.line(Run{}, "", ""); err != nil {
		return nil, template.At("execute_command", err)
	}
	return s, nil
}

func (s *shell) Fingerprint(_ context.Context, h *cache.Hash) error {
	return hashScripts(h, s.list)
}

// HostPaths: a script is uploaded under a name of its own.
func (s *shell) HostPaths() []string { return []string{"script", "scripts"} }

// UsesNames looks for PACKER_BUILD_NAME and PACKER_BUILDER_TYPE in the scripts, and
// in the command that runs them.
func (s *shell) UsesNames() bool {
	return strings.Contains(s.ExecuteCommand.Text(), namesPrefix) || mentionsNames(s.list)
}

func (s *shell) Provision(ctx context.Context, run Run, c machine.Communicator) error {
	for _, sc := range s.list {
		run.Out.Say("Provisioning with shell script: %s", sc.name)
		if err := s.one(ctx, run, c, sc); err != nil {
			return err
		}
	}
	if s.PauseAfter > 0 {
		run.Out.Say("Pausing %s after this provisioner...", s.PauseAfter)
		return sleep(ctx, s.PauseAfter)
	}
	return nil
}

// one uploads a script, runs it, and removes it.
func (s *shell) one(ctx context.Context, run Run, c machine.Communicator, sc script) error {
	remote, err := expandHome(ctx, c, s.remote())
	if err != nil {
		return fmt.Errorf("script %s: %w", sc.name, err)
	}
	envFile := ""
	if s.UseEnvVarFile {
		envFile, err = expandHome(ctx, c, path.Join(s.RemoteFolder, random("varfile_%d.sh")))
		if err != nil {
			return fmt.Errorf("script %s: %w", sc.name, err)
		}
	}
	line, err := s.line(run, remote, envFile)
	if err != nil {
		return fmt.Errorf("script %s: %w", sc.name, err)
	}
	up := upload{c: c, out: run.Out, limit: s.StartRetryTimeout}
	exit, err := s.start(ctx, run, &up, sc, remote, envFile, line)

	lost := errors.Is(err, machine.ErrDisconnected)
	expected := s.ExpectDisconnect || slices.Contains(s.ValidExitCodes, exitDisconnected)
	switch {
	case lost && expected:
		run.Out.Message("The connection was lost, as expected.")
		err = nil
	case lost:
		err = fmt.Errorf("script %s did not end (where it restarts the machine on purpose, set expect_disconnect = true): %w", sc.name, err)
	case err != nil:
		err = fmt.Errorf("script %s: %w", sc.name, err)
	default:
		if err = s.exitError(sc, exit); err != nil && exit == exitNotExecutable {
			err = fmt.Errorf("%w; the machine does not execute %s, or its interpreter: where %s is on a file system mounted noexec, give another remote_folder",
				err, remote, path.Dir(remote))
		}
	}
	if s.SkipClean {
		return err
	}
	if cerr := up.remove(ctx); cerr != nil {
		// A machine that restarts clears its /tmp, one that was switched off
		// cannot be asked: neither makes the script a failure.
		if err == nil && !expected {
			return cerr
		}
		run.Out.Warn("%v", cerr)
	}
	return err
}

// start uploads the script and runs it, again and again while the machine cannot
// be reached. A script that may have begun is never run twice.
func (s *shell) start(ctx context.Context, run Run, up *upload, sc script, remote, envFile, line string) (exit int, err error) {
	vars := []byte(s.vars(run, lineFormat))
	for {
		// Both each time: a restart may have emptied /tmp.
		if envFile != "" {
			if err := up.put(ctx, envFile, 0o600, opener(vars)); err != nil {
				return 0, err
			}
		}
		if err := up.put(ctx, remote, 0o755, func() (reader, error) { return sc.open(s.Binary) }); err != nil {
			return 0, err
		}
		// One stream for both keeps the order in which they were written.
		out := &locked{w: run.Out.Output()}
		whole := line
		if !s.SkipClean {
			whole = up.andRemove(line)
		}
		exit, err = up.c.Run(ctx, machine.Command{Line: whole, Stdout: out, Stderr: out})
		out.Close()
		if err == nil && exit == 0 && whole != line {
			up.files = nil
		}
		if !errors.Is(err, machine.ErrUnreachable) {
			return exit, err
		}
		if err := up.wait(ctx, err); err != nil {
			return 0, err
		}
	}
}

func (s *shell) line(run Run, remote, envFile string) (string, error) {
	format := wordFormat
	if s.UseEnvVarFile {
		format = lineFormat
	}
	return s.ExecuteCommand.Render(withBuild(run, map[string]string{
		"Vars":       s.vars(run, format),
		"Path":       remote,
		"EnvVarFile": envFile,
	}))
}

func (s *shell) remote() string {
	switch {
	case s.RemotePath != "":
		return s.RemotePath
	case s.RemoteFile != "":
		return path.Join(s.RemoteFolder, s.RemoteFile)
	}
	return path.Join(s.RemoteFolder, random("script_%d.sh"))
}
