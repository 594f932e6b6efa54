package serverspec

import (
	"cmp"
	"regexp"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// ofGroups are the settings that a group may have for its examples, as methods: let(:path).
var ofGroups = []string{
	"backend", "disable_sudo", "env", "interactive_shell", "login_shell", "path", "pre_command", "request_pty", "shell", "ssh_options",
	"ssh_without_env", "sudo_options", "sudo_path",
}

// configure has the settings be those of an example. ServerSpec does so only when the
// example asks for a subject that its group does not define: until then, the settings of
// the example before stay.
func (r *run) configure(example ruby.Value) error {
	for _, name := range ofGroups {
		own, err := r.in.Responds(example, name)
		if err != nil {
			return err
		}
		v := r.suite.Setting(name)
		if own {
			if v, err = r.in.Call(example, name); err != nil {
				return err
			}
		}
		if v == nil || ruby.IsNil(v) {
			delete(r.settings, name)
		} else {
			r.settings[name] = v
		}
	}
	return nil
}

// wrapped tells whether the settings change how every command is run, not only in which
// environment.
func (r *run) wrapped() bool {
	return r.text("pre_command") != "" || r.inShell("") != ""
}

// commandLine is a command with what the settings put before each. A command that goes
// before is a process of its own: a change of directory ends with it.
func (r *run) commandLine(line string) string {
	line = r.around(line)
	if r.terminal() {
		return "exec 2>&1\n" + line
	}
	return line
}

func (r *run) around(line string) string {
	line = r.inShell(line)
	if before := r.text("pre_command"); before != "" {
		line = "/bin/sh -c " + quote(r.inShell(before)) + " && /bin/sh -c " + quote(line)
	}
	return line
}

// inShell is a command for the shell and the search path of the settings.
func (r *run) inShell(line string) string {
	shell := r.text("shell")
	for _, kind := range []string{"interactive", "login"} {
		if ruby.Truthy(r.setting(kind + "_shell")) {
			shell = cmp.Or(shell, "/bin/sh") + " -" + kind[:1]
		}
	}
	if path := r.text("path"); path != "" {
		return `env PATH="` + path + `" ` + cmp.Or(shell, "/bin/sh") + " -c " + quote(line)
	}
	if shell != "" && shell != "/bin/sh" && shell != "sh" {
		return shell + " -c " + quote(line)
	}
	if r.backend() == "exec" && ofProcesses.MatchString(line) {
		return "/bin/sh -c " + quote(line)
	}
	return line
}

// ofProcesses are commands that may find themselves among the processes that they list,
// and the shells that run them: two with ServerSpec's backend exec.
var ofProcesses = regexp.MustCompile(`\b(ps|pgrep|pkill|pidof)\b`)
