package serverspec

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// defineOutside defines what helpers say about how ServerSpec reaches the target, which
// Proofmark does itself: it is taken and changes nothing, and what it gives is unknown.
// What would use the network is there by name and says so when it is used.
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
	for _, name := range []string{"AuthenticationFailed", "HostKeyMismatch", "ConnectionTimeout", "Disconnect"} {
		in.DefineClassIn(ssh, name, in.StandardError)
	}
	r.unknown(ssh)
	proxy := in.DefineModuleIn(ssh, "Proxy")
	for _, name := range []string{"Command", "Jump", "HTTP", "SOCKS5"} {
		r.unknown(in.DefineClassIn(proxy, name, in.Object))
	}
	winrm := in.DefineModule("WinRM")
	winrm.SetConst("VERSION", ruby.Str("2.3.6"))
	r.unknown(winrm)
	for _, name := range []string{"Connection", "WinRMWebService"} {
		r.unknown(in.DefineClassIn(winrm, name, in.Object))
	}
	docker := in.DefineModule("Docker")
	r.unknown(docker)
	for _, name := range []string{"Image", "Container", "Network", "Volume", "Util"} {
		r.unknown(in.DefineClassIn(docker, name, in.Object))
	}
	for _, one := range []struct {
		outer *ruby.Class
		name  string
	}{{net, "HTTP"}, {net, "SCP"}, {in.Object, "TCPSocket"}, {in.Object, "UDPSocket"}, {in.Object, "Socket"}} {
		r.absent(in.DefineClassIn(one.outer, one.name, in.Object))
	}
	// highline's question for a password of sudo, which nobody asks here.
	quiet := in.NewObject(in.NewClass(in.Object), nil)
	quiet.Class().Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) { return ruby.Nil{}, nil })
	in.Object.DefinePrivate("ask", 1, 2, func(c *ruby.Call) (ruby.Value, error) {
		if c.Block == nil {
			return ruby.Str(""), nil
		}
		_, err := c.Yield(quiet)
		return ruby.Str(""), err
	})
	r.defineEtc()
	r.defineFileUtils()
}

// defineFileUtils defines the commands of FileUtils, by itself and for who includes it.
func (r *run) defineFileUtils() {
	utils := r.in.DefineModule("FileUtils")
	for names, command := range map[string]string{
		"mkdir": "mkdir --", "mkdir_p makedirs mkpath": "mkdir -p --", "touch": "touch --", "cp copy copy_file": "cp --", "cp_r copy_entry": "cp -r --", "mv move": "mv --",
		"ln link": "ln --", "ln_s symlink": "ln -s --", "ln_sf": "ln -sf --", "rm remove": "rm --", "rm_f safe_unlink": "rm -f --", "rm_r": "rm -r --",
		"rm_rf rmtree remove_dir remove_entry remove_entry_secure": "rm -rf --", "rmdir": "rmdir --", "chmod": "chmod --", "chmod_R": "chmod -R --",
	} {
		change := func(c *ruby.Call) (ruby.Value, error) {
			options := c.Keywords()
			argv := strings.Fields(command)
			for i, v := range c.Args {
				words, err := r.fileArguments(command, i, v)
				if err != nil {
					return nil, err
				}
				argv = append(argv, words...)
			}
			if v := options.Symbol("noop"); v != nil && ruby.Truthy(v) {
				return ruby.Nil{}, nil
			}
			return ruby.Nil{}, r.in.Change(argv, "")
		}
		for name := range strings.FieldsSeq(names) {
			utils.DefineSingleton(name, 1, -1, change)
			utils.DefinePrivate(name, 1, -1, change)
		}
	}
}

// fileArguments are the words of argument i, or of the list that it is, for a command on
// files: paths are those of the directory in which the specs run, but for what a symbolic
// link says.
func (r *run) fileArguments(command string, i int, v ruby.Value) ([]string, error) {
	list := []ruby.Value{v}
	if all, ok := v.(*ruby.Array); ok {
		list = all.Elems()
	}
	var words []string
	for _, v := range list {
		mode, number := v.(ruby.Int)
		text, err := r.in.ToS(v)
		switch {
		case err != nil:
			return nil, err
		case i == 0 && strings.HasPrefix(command, "chmod") && number:
			text = fmt.Sprintf("%o", int(mode))
		case i == 0 && (strings.HasPrefix(command, "chmod") || strings.HasPrefix(command, "ln -s")):
		default:
			if text, err = r.in.Absolute(text); err != nil {
				return nil, err
			}
		}
		words = append(words, text)
	}
	return words, nil
}

// unknown has the methods of a class or module give an object whose value nobody knows:
// it can be passed on, be asked for more of its kind, and be told things; what would have
// to know it could not be checked.
func (r *run) unknown(k *ruby.Class) {
	value := r.in.NewClass(r.in.Object)
	why := func(c *ruby.Call) (ruby.Value, error) {
		return nil, &unchecked{"what " + k.Name() + " gives is not known: Proofmark reaches the target by itself"}
	}
	more := func(c *ruby.Call) (ruby.Value, error) {
		if name := c.NameArg(0); strings.HasSuffix(name, "?") && name != "closed?" {
			return why(c)
		}
		return r.in.NewObject(value, &mystery{k.Name()}), nil
	}
	for _, name := range []string{"to_s", "to_str", "to_a", "to_ary", "to_h", "to_i", "inspect", "==", "===", "=~", "!", "!=", "eql?", "equal?", "<=>", "is_a?", "kind_of?", "instance_of?", "nil?", "respond_to?", "hash"} {
		value.Define(name, 0, -1, why)
	}
	value.Define("method_missing", 1, -1, more)
	k.DefineSingleton("method_missing", 1, -1, more)
	k.DefineSingleton("new", 0, -1, func(c *ruby.Call) (ruby.Value, error) { return r.in.NewObject(value, &mystery{k.Name()}), nil })
	k.DefineSingleton("respond_to_missing?", 1, 2, func(c *ruby.Call) (ruby.Value, error) { return ruby.True, nil })
}

// mystery is the Data of a value that nobody knows.
type mystery struct{ from string }

// knowable refuses to hold a matcher against what nobody knows.
func knowable(v ruby.Value) error {
	if o, ok := v.(*ruby.Object); ok {
		if m, ok := o.Data.(*mystery); ok {
			return &unchecked{"what " + m.from + " gives is not known: Proofmark reaches the target by itself"}
		}
	}
	return nil
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
