package serverspec

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

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

// inherited is what the specs set in their environment, of which commands get it where
// they are the specs' own processes: with the backend exec. ServerSpec itself sets LANG
// and takes Ruby's own variables away.
func (r *run) inherited() map[string]string {
	if r.backend() != "exec" {
		return map[string]string{}
	}
	set, _ := r.in.Env()
	maps.DeleteFunc(set, func(name, value string) bool {
		return slices.Contains(notInherited, name) || strings.Contains(value, "\n")
	})
	return set
}

var notInherited = []string{"LANG", "BUNDLER_EDITOR", "BUNDLE_BIN_PATH", "BUNDLE_GEMFILE", "RUBYOPT", "GEM_HOME", "GEM_PATH", "GEM_CACHE"}

// changedEnv is the beginning of a command line that changes what a Host cannot: the
// directory, by Dir.chdir, variables that the specs removed, and those of several lines.
func (r *run) changedEnv() string {
	if r.backend() != "exec" {
		return ""
	}
	dir := r.in.Dir()
	if _, own := r.world.own(dir); dir != "" && (!own || r.spec.options.Local) {
		dir = "cd " + quote(dir) + " || exit\n"
	} else {
		dir = "" // a directory of the specs is here, wherever the commands run
	}
	set, removed := r.in.Env()
	removed = slices.DeleteFunc(removed, func(name string) bool { return slices.Contains(notInherited, name) })
	line := dir
	if len(removed) > 0 {
		line += unset(removed)
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if strings.Contains(set[name], "\n") && !slices.Contains(notInherited, name) {
			line += "export " + name + "=" + quote(set[name]) + "\n"
		}
	}
	return line
}

// unset is a line that takes names out of the environment; what is no name of a variable
// cannot be in it.
func unset(names []string) string {
	return "unset " + strings.Join(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !variable.MatchString(name) }), " ") + "\n"
}

var variable = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_]*\z`)

// wrapped tells whether the settings change how every command is run, not only in which
// environment.
func (r *run) wrapped() bool {
	return r.text("pre_command") != "" || r.inShell("") != "" || r.changedEnv() != ""
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
	return r.changedEnv() + line
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
