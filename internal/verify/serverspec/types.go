package serverspec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// types are ServerSpec's resources.
var types = []string{
	"bond", "bridge", "cgroup", "command", "cron", "default_gateway", "docker_container", "docker_image", "file", "fstab", "group", "hadoop_config", "host",
	"iis_app_pool", "iis_website", "interface", "ip6tables", "ipfilter", "ipnat", "iptables", "json_file", "kernel_module", "kvm", "linux_audit_system",
	"linux_kernel_parameter", "lxc", "mail_alias", "mysql_config", "package", "php_config", "php_extension", "port", "ppa", "process", "routing_table",
	"selinux", "selinux_module", "service", "user", "windows_feature", "windows_firewall", "windows_hot_fix", "windows_registry_key", "windows_scheduled_task",
	"x509_certificate", "x509_private_key", "yumrepo", "zfs",
}

// titles are how resources are called that do not have a name of their own in reports.
var titles = map[string]string{
	"cron": "Cron", "default_gateway": "Default Gateway", "fstab": "Fstab", "ip6tables": "ip6tables", "iptables": "iptables", "ipfilter": "ipfilter", "ipnat": "ipnat",
	"kvm": "KVM", "lxc": "LXC", "routing_table": "Routing Table", "selinux": "SELinux", "zfs": "ZFS", "linux_audit_system": `Linux audit system "linux_audit_system"`,
}

// kinds are how resources are called whose class has another name.
var kinds = map[string]string{"iis_app_pool": "IIS Application Pool", "iis_website": "IIS Website", "selinux_module": "SELinux module"}

// thing is the Data of a resource.
type thing struct {
	resource.Resource
	name    ruby.Value
	options ruby.Value
	kept    map[string]ruby.Value // what it was asked with and keeps for the next question
	begun   bool                  // of a command: Name and env are those of the settings
	env     map[string]string
}

var capital = regexp.MustCompile(`([a-z\d])([A-Z])`)

func className(typ string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(typ, "_") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// defineTypes gives specs the words file, package and the others.
func (r *run) defineTypes() {
	in := r.in
	serverspec := in.DefineModule("Serverspec")
	module := in.DefineModuleIn(serverspec, "Type")
	helper := in.DefineModuleIn(in.DefineModuleIn(serverspec, "Helper"), "Type")
	base := in.DefineClassIn(module, "Base", in.Object)
	typeOf := map[string]string{} // by name of the class
	base.DefineSingleton("new", 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		k, t := c.Self.(*ruby.Class), &thing{name: ruby.Nil{}, options: ruby.Nil{}, kept: map[string]ruby.Value{}}
		for up := k; up != nil && t.Type == ""; up = up.Superclass() {
			t.Type = typeOf[up.Name()]
		}
		o := in.NewObject(k, t)
		_, err := in.CallBlock(o, "initialize", c.Block, c.Args...)
		return o, err
	})
	base.DefinePrivate("initialize", 0, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.Nil{}, r.initThing(c) })
	for _, typ := range types {
		k := in.DefineClassIn(module, className(typ), base)
		typeOf[k.Name()] = typ
		helper.Define(typ, 0, -1, func(c *ruby.Call) (ruby.Value, error) { return in.CallBlock(k, "new", c.Block, c.Args...) })
		switch typ {
		case "package":
			r.defineVersion(k)
		case "port":
			k.Define("listening?", 0, -1, r.portListening)
		case "cgroup":
			k.Define("method_missing", 1, -1, r.cgroupParameter)
		case "fstab":
			k.Define("has_entry?", 1, 1, r.fstabEntry)
		case "file":
			k.Define("content_as_yaml", 0, 0, r.contentAsYAML)
		}
	}
	base.Define("name", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return in.IVar(c.Self, "@name"), nil })
	base.Define("to_s", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		text, err := r.title(c.Self)
		return ruby.Str(text), err
	})
	base.Define("inspect", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return in.Call(c.Self, "to_s") })
	base.Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) { return r.ask(c.Self, c.NameArg(0), c.Args[1:]) })
	base.Define("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) {
		return ruby.Bool(answers(thingOf(c.Self).Type, c.NameArg(0))), nil
	})
	base.Define("[]", 0, -1, func(c *ruby.Call) (ruby.Value, error) { return r.ask(c.Self, "[]", c.Args) })
	for _, k := range []ruby.Value{in.Main, r.suite.Base()} {
		if _, err := in.Call(k, "extend", helper); err != nil {
			panic("extend of a module that Go made: " + err.Error())
		}
	}
	r.suite.Base().Include(helper)
}

func thingOf(v ruby.Value) *thing {
	if o, ok := v.(*ruby.Object); ok {
		if t, ok := o.Data.(*thing); ok {
			return t
		}
	}
	return &thing{name: ruby.Nil{}, options: ruby.Nil{}}
}

// answers tells whether a resource has a method, for respond_to?.
func answers(typ, method string) bool {
	if typ == "" {
		return false
	}
	if !resource.HasType(typ) {
		return strings.HasSuffix(method, "?")
	}
	if typ == "process" { // which takes any name for a column of ps, and says so of few
		return slices.Contains([]string{"running?", "user", "group", "count"}, method)
	}
	return resource.Has(typ, method)
}

// initThing is initialize of all resources: those of ServerSpec, and those that specs
// define as classes of their own.
func (r *run) initThing(c *ruby.Call) error {
	runner := ruby.Value(ruby.Nil{})
	if m, ok := r.in.Object.Const("Specinfra"); ok {
		runner, _ = m.(*ruby.Class).Const("Runner")
	}
	options := c.Arg(1)
	if len(c.Args) < 2 {
		options = ruby.NewHash()
	}
	r.in.SetIVar(c.Self, "@name", c.Arg(0))
	r.in.SetIVar(c.Self, "@options", options)
	r.in.SetIVar(c.Self, "@runner", runner)
	t := thingOf(c.Self)
	if t.Type == "" {
		return nil
	}
	t.name, t.options = c.Arg(0), c.Arg(1)
	name, err := r.toResource(c.Arg(0))
	if err != nil {
		return err
	}
	t.Name = name
	if h, ok := c.Arg(1).(*ruby.Hash); ok {
		options, err := r.toResource(h)
		if err != nil {
			return err
		}
		t.Options, _ = options.(resource.Hash)
	}
	if t.Type == "command" {
		t.Instance = r.world.counter.at(c.Pos, "command").key()
	}
	return nil
}

// title is how a resource is called in reports: by its class and its name.
func (r *run) title(self ruby.Value) (string, error) {
	t := thingOf(self)
	if text, ok := titles[t.Type]; ok {
		return text, nil
	}
	kind, named := kinds[t.Type]
	if !named {
		name := r.in.ClassOf(self).Name()
		words := strings.ToLower(capital.ReplaceAllString(name[strings.LastIndex(name, ":")+1:], "$1 $2"))
		kind = words
		if words != "" {
			kind = strings.ToUpper(words[:1]) + words[1:]
		}
	}
	name, err := r.in.ToS(r.in.IVar(self, "@name"))
	return kind + ` "` + name + `"`, err
}

// ask answers one method of a resource.
func (r *run) ask(self ruby.Value, method string, args []ruby.Value) (ruby.Value, error) {
	t := thingOf(self)
	if t.Type != "" && !resource.HasType(t.Type) {
		return nil, &unchecked{"Proofmark has no resource of type " + t.Type}
	}
	if !resource.Has(t.Type, method) {
		text, err := r.in.Inspect(self)
		if err != nil {
			return nil, err
		}
		return nil, r.in.Raise("NoMethodError", "undefined method `%s' for %s:%s", method, text, r.in.ClassOf(self).Name())
	}
	if name, ok := t.name.(*ruby.String); ok {
		if err := unwritten(name.String()); err != nil {
			return nil, err
		}
	}
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	if t.Type == "command" && !t.begun { // it runs once, by the settings of then
		t.Name, t.env, t.begun = resource.String(r.commandLine(resource.Text(t.Name))), host.Env, true
	}
	if t.begun {
		host.Env = t.env
	}
	if method == "has_authorized_key?" && len(args) > 0 {
		if err := r.withoutComment(args[0]); err != nil {
			return nil, err
		}
	}
	call := resource.Call{Method: method}
	for _, a := range args {
		v, err := r.toResource(a)
		if err != nil {
			return nil, err
		}
		call.Args = append(call.Args, v)
	}
	return r.answered(host.Ask(t.Resource, call))
}

// answered is what the spec gets of an answer.
func (r *run) answered(answer resource.Answer) (ruby.Value, error) {
	r.noteCommands(answer.Commands)
	switch answer.State {
	case resource.Open:
		return nil, ruby.ErrOpen
	case resource.Unknown:
		return nil, &unchecked{answer.Reason}
	case resource.Raised:
		class := answer.Class
		if _, ok := r.in.Object.Const(class); !ok {
			class = "StandardError"
		}
		return nil, r.in.Raise(class, "%s", answer.Reason)
	}
	return r.toRuby(answer.Value), nil
}

// noteCommands keeps the commands of the example that runs, to show them with a failure.
func (r *run) noteCommands(commands []string) {
	if len(commands) > 0 {
		r.commands = append(r.commands[:0], commands...)
	}
}

var keyComment = regexp.MustCompile(`^(\S+\s+\S+)\s+\S*$`)

// withoutComment removes the comment from a key, in the spec's own text: ServerSpec does,
// and it shows in descriptions.
func (r *run) withoutComment(key ruby.Value) error {
	text, ok := key.(*ruby.String)
	if !ok {
		return nil
	}
	m := keyComment.FindStringSubmatch(text.String())
	if m == nil {
		return nil
	}
	_, err := r.in.Call(text, "replace", ruby.Str(m[1]))
	return err
}
