package serverspec

import (
	"maps"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// setting is what set, Specinfra.configuration or RSpec.configure have under a name; Nil
// without one.
func (r *run) setting(name string) ruby.Value {
	if v, ok := r.settings[name]; ok {
		return v
	}
	if v := r.suite.Setting(name); v != nil {
		return v
	}
	return ruby.Nil{}
}

// backend is the name of the backend that specs have set, or "".
func (r *run) backend() string {
	switch v := r.setting("backend").(type) {
	case ruby.Symbol:
		return strings.ToLower(string(v))
	case *ruby.String:
		return strings.ToLower(v.String())
	}
	return ""
}

// reach returns why the target that is asked is not the machine that the specs are for:
// they set how to reach another one, and nobody said that the target is that.
func (r *run) reach() error {
	if !r.spec.options.Unnamed {
		return nil
	}
	way := r.backend()
	switch way {
	case "", "exec", "cmd":
		return nil
	}
	for _, name := range []string{"docker_image", "docker_container", "lxc"} {
		if text := r.text(name); text != "" {
			return &unchecked{"the specs are for " + words(name) + " " + text + ", not for this host: name the target, as in --target ssh://HOST or --target local"}
		}
	}
	host := r.text("host")
	if host == "" {
		host = "HOST"
	}
	return &unchecked{"the specs are for another machine, by the backend " + way + ": name it, as in --target ssh://" + host}
}

func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// terminal tells whether ServerSpec would give commands a terminal, which makes one of
// their two outputs.
func (r *run) terminal() bool {
	return r.backend() == "ssh" && !r.spec.options.Strict && (ruby.Truthy(r.setting("sudo_password")) || ruby.Truthy(r.setting("request_pty")))
}

// sudo tells whether ServerSpec would run commands by sudo that asks for no password: of
// one that does, the line that ends the password is lost instead of the command's own.
func (r *run) sudo() bool {
	options, ok := r.setting("ssh_options").(*ruby.Hash)
	if !ok || r.backend() != "ssh" || r.spec.options.Strict || ruby.Truthy(r.setting("disable_sudo")) || ruby.Truthy(r.setting("sudo_password")) {
		return false
	}
	user, ok := options.Symbol("user").(*ruby.String)
	return !ok || user.String() != "root"
}

func (r *run) text(name string) string {
	switch v := r.setting(name).(type) {
	case *ruby.String:
		return v.String()
	case ruby.Symbol:
		return string(v)
	}
	return ""
}

// defineSettings gives specs set, os, property, host_inventory and Specinfra.
func (r *run) defineSettings() {
	in := r.in
	words := in.NewModule()
	words.Define("set", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		r.set(c.NameArg(0), c.Arg(1))
		return c.Arg(1), nil
	})
	words.Define("os", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return r.os() })
	words.Define("property", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return r.property, nil })
	words.Define("set_property", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		if !ruby.IsNil(c.Args[0]) {
			r.property = c.Hash(0)
		}
		return r.property, nil
	})
	inventory := in.NewObject(in.DefineClass("HostInventoryOfServerspec", in.Object), nil)
	inventory.Class().Define("[]", 1, 1, func(c *ruby.Call) (ruby.Value, error) { return r.inventoryOf(c.NameArg(0)) })
	words.Define("host_inventory", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return inventory, nil })
	if _, err := in.Call(in.Main, "extend", words); err != nil {
		panic("extend of a module that Go made: " + err.Error())
	}
	if _, err := in.Call(r.suite.Base(), "extend", words); err != nil {
		panic("extend of a module that Go made: " + err.Error())
	}
	r.suite.Base().Include(words)
	r.defineSpecinfra(words)
}

// asked is the question as the settings have it asked at this point: with disable_sudo
// as the user who logs in.
func (r *run) asked(q probe.Question) probe.Question {
	if !r.session.OtherUser() || !ruby.Truthy(r.setting("disable_sudo")) {
		return q
	}
	args := maps.Clone(q.Args)
	if args == nil {
		args = map[string]string{}
	}
	args[verify.AsLogin] = "1"
	q.Args = args
	return q
}

// set changes a setting. Nil is what a setting has that is asked for: it changes nothing.
func (r *run) set(name string, v ruby.Value) {
	if ruby.IsNil(v) {
		return
	}
	r.settings[name] = v
	r.suite.Set(name, v)
	if name == "os" {
		r.platform = nil
	}
}

// os is what the target is: {family:, release:, arch:}.
func (r *run) os() (ruby.Value, error) {
	if h, ok := r.setting("os").(*ruby.Hash); ok {
		r.property.Set(ruby.Symbol("os"), h)
		return h, nil
	}
	p, err := r.platformOf()
	if err != nil {
		return nil, err
	}
	h := ruby.NewHash()
	for _, one := range []struct{ name, text string }{{"family", p.Family}, {"release", p.Release}, {"arch", p.Arch}} {
		var v ruby.Value = ruby.Str(one.text)
		if one.text == "" {
			v = ruby.Nil{}
		}
		h.Set(ruby.Symbol(one.name), v)
	}
	r.property.Set(ruby.Symbol("os"), h)
	return h, nil
}

func (r *run) defineSpecinfra(words *ruby.Class) {
	in := r.in
	m := in.DefineModule("Specinfra")
	helper := in.DefineModuleIn(m, "Helper")
	for _, name := range []string{"Set", "Os", "Properties", "HostInventory", "Configuration", "Exec", "Ssh", "Docker", "Lxc", "Winrm", "Cmd", "DetectOs", "Backend", "PuppetHelper"} {
		in.DefineModuleIn(helper, name)
	}
	for _, name := range []string{"Set", "Os", "Properties", "HostInventory"} {
		if v, ok := helper.Const(name); ok {
			if k, ok := v.(*ruby.Class); ok {
				k.Include(words)
			}
		}
	}
	for _, name := range []string{"SpecInfra", "Serverspec"} { // as versions 1 called them
		old := in.DefineModule(name)
		oldHelper := in.DefineModuleIn(old, "Helper")
		for _, name := range []string{"Exec", "Ssh", "DetectOS", "Properties", "Cmd", "Debian", "Ubuntu", "RedHat"} {
			in.DefineModuleIn(oldHelper, name)
		}
	}
	class := in.DefineClassIn(m, "ConfigurationOfProofmark", in.Object)
	config := in.NewObject(class, nil)
	class.Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		name := c.NameArg(0)
		if set, ok := strings.CutSuffix(name, "="); ok {
			r.set(set, c.Arg(1))
			return c.Arg(1), nil
		}
		if len(c.Args) > 1 {
			r.set(name, c.Args[1])
		}
		return r.setting(name), nil
	})
	class.Define("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.True, nil })
	m.DefineSingleton("configuration", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return config, nil })

	result := in.DefineClassIn(m, "CommandResult", in.Object)
	r.resultClass = result
	get := func(name string, of func(c probe.Command) ruby.Value) {
		result.Define(name, 0, 0, func(c *ruby.Call) (ruby.Value, error) { return of(c.Self.(*ruby.Object).Data.(probe.Command)), nil })
	}
	get("stdout", func(c probe.Command) ruby.Value { return r.printed(string(c.Stdout)) })
	get("stderr", func(c probe.Command) ruby.Value { return r.printed(string(c.Stderr)) })
	get("exit_status", func(c probe.Command) ruby.Value { return ruby.Int(c.Exit) })
	get("success?", func(c probe.Command) ruby.Value { return ruby.Bool(c.Exit == 0) })
	get("failure?", func(c probe.Command) ruby.Value { return ruby.Bool(c.Exit != 0) })

	result.Define("exit_signal", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.Nil{}, nil })
	result.Define("[]", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		switch name := c.NameArg(0); name {
		case "stdout", "stderr", "exit_status", "exit_signal":
			return in.Call(c.Self, name)
		}
		return ruby.Nil{}, nil
	})

	runner := in.DefineClassIn(m, "Runner", in.Object)
	backendClass := in.DefineClassIn(m, "BackendOfProofmark", in.Object)
	backend := in.NewObject(backendClass, nil)
	missing := func(c *ruby.Call) (ruby.Value, error) {
		return nil, &unchecked{"Proofmark has no Specinfra.backend." + c.NameArg(0)}
	}
	runner.DefineSingleton("run_command", 1, 2, r.runCommand)
	runner.DefineSingleton("method_missing", 1, -1, r.runner)
	backendClass.Define("run_command", 1, 2, r.runCommand)
	r.defineCommands(m, backendClass)
	backendClass.Define("os_info", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return r.os() })
	backendClass.Define("host_inventory", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return in.Call(r.in.Main, "host_inventory") })
	nothing := func(c *ruby.Call) (ruby.Value, error) { return ruby.Nil{}, nil }
	for _, name := range []string{"set_example", "add_backend", "clear"} {
		backendClass.Define(name, 0, -1, nothing)
	}
	backendClass.Define("method_missing", 1, -1, missing)
	m.DefineSingleton("backend", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return backend, nil })
	outer := in.DefineModuleIn(m, "Backend")
	supers := map[string]*ruby.Class{}
	for _, one := range [][2]string{{"Base"}, {"Exec", "Base"}, {"Ssh", "Exec"}, {"Docker", "Exec"}, {"Lxc", "Exec"}, {"Cmd", "Base"}, {"Winrm", "Base"}} {
		super := supers[one[1]]
		if super == nil {
			super = in.Object
		}
		k := in.DefineClassIn(outer, one[0], super)
		supers[one[0]] = k
		k.DefineSingleton("instance", 0, -1, func(c *ruby.Call) (ruby.Value, error) { return backend, nil })
		k.DefineSingleton("clear", 0, -1, nothing)
	}
	for _, library := range []string{"serverspec", "specinfra", "specinfra/backend/exec", "specinfra/helper/set", "serverspec/version", "serverspec/type/base", "pathname", "rubygems", "bundler/setup"} {
		in.Supply(library)
	}
}
