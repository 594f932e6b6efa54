package serverspec

import (
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/rspec"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// worded is one of ServerSpec's own matchers: a question to the subject whose arguments
// come from the words that follow the matcher.
type worded struct {
	name   string
	chains []string
	// args of the question, from what the chains were given and the matcher itself.
	args     func(subject string, given map[string]ruby.Value, own []ruby.Value) []ruby.Value
	method   string
	describe func(given map[string]ruby.Value, own []string) string // nil: the name and its arguments
}

func pick(names ...string) func(string, map[string]ruby.Value, []ruby.Value) []ruby.Value {
	return func(_ string, given map[string]ruby.Value, own []ruby.Value) []ruby.Value {
		args := append([]ruby.Value(nil), own...)
		for _, n := range names {
			if v := given[n]; v != nil {
				args = append(args, v)
			} else {
				args = append(args, ruby.Nil{})
			}
		}
		return args
	}
}

// only is pick for subjects of one type; others are asked without arguments.
func only(typ string, names ...string) func(string, map[string]ruby.Value, []ruby.Value) []ruby.Value {
	all := pick(names...)
	return func(subject string, given map[string]ruby.Value, own []ruby.Value) []ruby.Value {
		if subject != "Serverspec::Type::"+typ {
			return own
		}
		return all(subject, given, own)
	}
}

func said(before string, given map[string]ruby.Value, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if v := given[pairs[i]]; v != nil && ruby.Truthy(v) {
			before += fmt.Sprintf(pairs[i+1], plain(v))
		}
	}
	return before
}

func plain(v ruby.Value) string {
	switch v := v.(type) {
	case *ruby.String:
		return v.String()
	case ruby.Symbol:
		return string(v)
	case ruby.Int:
		return v.String()
	}
	return fmt.Sprint(v)
}

func matchers() []worded {
	return []worded{
		{name: "be_enabled", method: "enabled?", chains: []string{"with_level", "under"}, args: only("Service", "with_level", "under"),
			describe: func(g map[string]ruby.Value, _ []string) string {
				return said("be enabled", g, "under", " under %s", "with_level", " with level %s")
			}},
		{name: "be_running", method: "running?", chains: []string{"under"}, args: only("Service", "under"),
			describe: func(g map[string]ruby.Value, _ []string) string { return said("be running", g, "under", " under %s") }},
		{name: "be_installed", method: "installed?", chains: []string{"by", "with_version"}, args: installedArgs,
			describe: func(g map[string]ruby.Value, _ []string) string {
				return said("be installed", g, "by", ` by "%s"`, "with_version", ` with version "%s"`)
			}},
		{name: "be_listening", method: "listening?", chains: []string{"with", "on"}, args: pick("with", "on"),
			describe: func(g map[string]ruby.Value, _ []string) string {
				return said("be listening", g, "on", " on %s", "with", " with %s")
			}},
		{name: "be_enforcing", method: "enforcing?", chains: []string{"with_policy"}, args: pick("with_policy")},
		{name: "be_permissive", method: "permissive?", chains: []string{"with_policy"}, args: pick("with_policy")},
		{name: "be_executable", method: "executable?", chains: []string{"by", "by_user"}, args: pick("by", "by_user")},
		{name: "be_readable", method: "readable?", chains: []string{"by", "by_user"}, args: pick("by", "by_user")},
		{name: "be_writable", method: "writable?", chains: []string{"by", "by_user"}, args: pick("by", "by_user")},
		{name: "be_monitored_by", method: "monitored_by?", chains: []string{"with_name"}, args: pick("with_name"),
			describe: func(g map[string]ruby.Value, own []string) string {
				return said("be monitored by "+strings.Join(own, " "), g, "with_name", " with name %s")
			}},
		{name: "be_mounted", method: "mounted?", chains: []string{"with", "only_with"},
			args: func(_ string, g map[string]ruby.Value, _ []ruby.Value) []ruby.Value {
				switch {
				case g["only_with"] != nil:
					return []ruby.Value{g["only_with"], ruby.True}
				case g["with"] != nil:
					return []ruby.Value{g["with"], ruby.False}
				}
				return []ruby.Value{ruby.Nil{}, ruby.Nil{}}
			}},
		{name: "be_reachable", method: "reachable?", chains: []string{"with"}, args: reachableArgs},
		{name: "be_resolvable", method: "resolvable?", chains: []string{"by"}, args: pick("by")},
		{name: "belong_to_group", method: "belongs_to_group?", args: pick()},
		{name: "belong_to_primary_group", method: "belongs_to_primary_group?", args: pick()},
		{name: "contain", method: "contain", chains: []string{"from", "to", "after", "before"}, args: containArgs},
		{name: "have_entry", method: "has_entry?", chains: []string{"with_user"},
			args: func(subject string, g map[string]ruby.Value, own []ruby.Value) []ruby.Value {
				if subject == "Serverspec::Type::Cron" {
					user := g["with_user"]
					if user == nil {
						user = ruby.Nil{}
					}
					return append([]ruby.Value{user}, own...)
				}
				return own
			}},
		{name: "have_rule", method: "has_rule?", chains: []string{"with_table", "with_chain"},
			args: func(subject string, g map[string]ruby.Value, own []ruby.Value) []ruby.Value {
				if subject == "Serverspec::Type::Iptables" || subject == "Serverspec::Type::Ip6tables" {
					return pick("with_table", "with_chain")(subject, g, own)
				}
				return own
			},
			describe: func(g map[string]ruby.Value, own []string) string {
				text := said(`have rule "`+strings.Join(own, " ")+`"`, g, "with_table", " with table %s")
				if g["with_table"] != nil && g["with_chain"] != nil {
					text += " and"
				}
				return said(text, g, "with_chain", " with chain %s")
			}},
		{name: "have_site_application", method: "has_site_application?", chains: []string{"with_pool", "with_physical_path"}, args: pick("with_pool", "with_physical_path")},
		{name: "have_site_bindings", method: "has_site_bindings?", chains: []string{"with_protocol", "with_ipaddress", "with_host_header"}, args: pick("with_protocol", "with_ipaddress", "with_host_header")},
		{name: "have_virtual_dir", method: "has_virtual_dir?", chains: []string{"with_path"}, args: pick("with_path")},
	}
}

func installedArgs(subject string, g map[string]ruby.Value, own []ruby.Value) []ruby.Value {
	if subject == "Serverspec::Type::SelinuxModule" {
		return pick("with_version")(subject, g, nil)
	}
	return pick("by", "with_version")(subject, g, nil)
}

// containArgs: after and before are other words for from and to.
func containArgs(subject string, g map[string]ruby.Value, own []ruby.Value) []ruby.Value {
	args := append(append([]ruby.Value(nil), own...), ruby.Nil{}, ruby.Nil{})
	for i, names := range [][]string{{"from", "after"}, {"to", "before"}} {
		for _, n := range names {
			if g[n] != nil {
				args[len(own)+i] = g[n]
			}
		}
	}
	return args
}

func reachableArgs(_ string, g map[string]ruby.Value, _ []ruby.Value) []ruby.Value {
	args := []ruby.Value{ruby.Nil{}, ruby.Str("tcp"), ruby.Int(5)}
	if h, ok := g["with"].(*ruby.Hash); ok {
		for i, name := range []string{"port", "proto", "timeout"} {
			if v := h.Symbol(name); v != nil && ruby.Truthy(v) {
				args[i] = v
			}
		}
	}
	return args
}

// defineMatchers gives examples ServerSpec's own matchers.
func (r *run) defineMatchers() {
	for _, w := range matchers() {
		r.suite.Define(w.name, func(c *ruby.Call) (*rspec.Words, error) {
			own := append([]ruby.Value(nil), c.Args...)
			given := map[string]ruby.Value{}
			m := &rspec.Words{Chains: w.chains, Expected: own}
			m.Given = func(name string, v ruby.Value) {
				if w.name == "be_mounted" {
					delete(given, "with")
					delete(given, "only_with")
				}
				given[name] = v
			}
			m.Match = func(subject ruby.Value) (bool, error) {
				if w.name == "contain" {
					if text, ok := subject.(*ruby.String); ok {
						return r.textContains(text, given, own)
					}
				}
				if w.name == "have_entry" {
					if ok, err := r.in.Responds(subject, w.method); !ok || err != nil {
						return false, err
					}
				}
				v, err := r.in.Call(subject, w.method, w.args(r.in.ClassOf(subject).Name(), given, own)...)
				return err == nil && v != nil && ruby.Truthy(v), err
			}
			if w.describe != nil {
				m.Describe = func() string {
					var words []string
					for _, v := range own {
						words = append(words, plain(v))
					}
					return w.describe(given, words)
				}
			}
			return m, nil
		})
	}
}

// textContains is contain of a text rather than of a file.
func (r *run) textContains(text *ruby.String, given map[string]ruby.Value, own []ruby.Value) (bool, error) {
	class, _ := r.in.Object.Const("Regexp")
	var parts strings.Builder
	add := func(v ruby.Value, compile bool) error {
		if v == nil {
			return nil
		}
		if compile {
			compiled, err := r.in.Call(class, "new", v)
			if err != nil {
				return err
			}
			s, err := r.in.Inspect(compiled)
			parts.WriteString(s)
			return err
		}
		s, err := r.in.ToS(v)
		parts.WriteString(s)
		return err
	}
	args := containArgs("", given, nil)
	for i, v := range []ruby.Value{args[0], own[0], args[1]} {
		if ruby.IsNil(v) {
			continue
		}
		if err := add(v, i != 1); err != nil {
			return false, err
		}
	}
	pattern, err := r.in.Call(class, "new", ruby.Str(strings.ReplaceAll(parts.String(), "/", ".*")), ruby.Int(4))
	if err != nil {
		return false, err
	}
	v, err := r.in.Call(text, "match", pattern)
	return err == nil && ruby.Truthy(v), err
}
