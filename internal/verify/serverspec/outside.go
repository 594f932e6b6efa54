package serverspec

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineOutside defines what helpers say about how ServerSpec reaches the target, which
// Proofmark does itself: it is taken and changes nothing. What would use the network is
// there by name and says so when it is used.
func (r *run) defineOutside() {
	in := r.in
	net := in.DefineModule("Net")
	ssh := in.DefineModuleIn(net, "SSH")
	config := in.DefineClassIn(ssh, "Config", in.Object)
	empty := func(c *ruby.Call) (ruby.Value, error) { return ruby.NewHash(), nil }
	for _, name := range []string{"for", "load", "translate"} {
		config.DefineSingleton(name, 0, -1, empty)
	}
	config.DefineSingleton("default_files", 0, 0, func(c *ruby.Call) (ruby.Value, error) { return ruby.NewArray(), nil })
	in.DefineClassIn(ssh, "AuthenticationFailed", in.StandardError)
	for _, one := range []struct {
		outer *ruby.Class
		name  string
	}{{net, "HTTP"}, {net, "SCP"}, {in.Object, "Docker"}, {in.Object, "WinRM"}, {in.Object, "TCPSocket"}, {in.Object, "UDPSocket"}, {in.Object, "Socket"}} {
		r.absent(in.DefineClassIn(one.outer, one.name, in.Object))
	}
	r.absent(ssh)
	r.defineEtc()
}

// defineEtc is who runs the specs, as templates of spec_helper.rb ask.
func (r *run) defineEtc() {
	etc := r.in.DefineModule("Etc")
	login := func(c *ruby.Call) (ruby.Value, error) {
		for _, name := range []string{"USER", "LOGNAME"} {
			if v, ok, _ := r.world.Env(ruby.Place{}, name); ok {
				return ruby.Str(v), nil
			}
		}
		return ruby.Str("root"), nil
	}
	etc.DefineSingleton("getlogin", 0, 0, login)
	entry := r.in.DefineClassIn(etc, "Passwd", r.in.Object)
	entry.Define("name", 0, 0, login)
	entry.Define("dir", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		v, _, err := r.world.Env(ruby.Place{}, "HOME")
		return ruby.Str(v), err
	})
	etc.DefineSingleton("getpwuid", 0, 1, func(c *ruby.Call) (ruby.Value, error) { return r.in.NewObject(entry, nil), nil })
}

// absent has every use of a class or module end what uses it.
func (r *run) absent(k *ruby.Class) {
	refuse := func(c *ruby.Call) (ruby.Value, error) {
		name := c.Name
		if name == "method_missing" {
			name = c.NameArg(0)
		}
		return nil, &unchecked{k.Name() + "." + name + ": specs have no network of their own in Proofmark"}
	}
	k.DefineSingleton("method_missing", 1, -1, refuse)
	k.DefineSingleton("new", 0, -1, refuse)
	k.DefineSingleton("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.True, nil })
}
