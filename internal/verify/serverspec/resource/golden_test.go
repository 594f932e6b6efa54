package resource

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var update = flag.Bool("update", false, "write golden files anew")

// TestGolden shows the command of every row, for the two families of systems that
// most rows differ by.
func TestGolden(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Platform{"debian": debian12, "redhat": redhat9} {
		var b strings.Builder
		for _, x := range everyRow() {
			c := x.on(p, canned{})
			var args []string
			for _, a := range c.args {
				args = append(args, Text(a))
			}
			fmt.Fprintf(&b, "%s %q %s %q\n", c.r.Type, Text(c.r.Name), c.method, args)
			got, _ := c.ours(&Host{})
			for _, line := range got.Commands {
				b.WriteString("\t" + line + "\n")
			}
			if strings.HasPrefix(got.Value, "raised") {
				b.WriteString("\t" + got.Value + "\n")
			}
		}
		file := "testdata/commands-" + name + ".txt"
		if *update {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", file, diff)
		}
	}
}

// TestEveryRowIsCalled holds that the calls of the other tests reach every row of the
// table, on one system or another.
func TestEveryRowIsCalled(t *testing.T) {
	t.Parallel()
	for _, r := range slices.Concat(tables()...) {
		if r.method == "*" || r.of[0] == "host_inventory" {
			continue
		}
		called := false
		for _, x := range everyRow() {
			called = called || r.takes(x.typ, x.method)
		}
		// These are newer than the ServerSpec that is compared with, of Windows, or ours.
		switch r.method {
		case "system_user?", "system_group?", "installed?", "has_start_mode?", "has_property?", "property", "line":
			continue
		}
		if !called {
			t.Errorf("%v %s has no call", r.of, r.method)
		}
	}
}

// TestStrict shows each quirk that strict corrects: what the commands become, and what
// facts say.
func TestStrict(t *testing.T) {
	t.Parallel()
	s := func(text string) Value { return String(text) }
	tests := []struct {
		given
		lax, strict string // the commands
	}{
		{g("file", s("/f"), "mode?", s("0644")), `stat -c %a /f | grep -- \^0644\$`, `stat -c %a /f | grep -E -- \^\(644\)\$`},
		{g("file", s("/f"), "mode?", Int(420)), `stat -c %a /f | grep -- \^420\$`, `stat -c %a /f | grep -E -- \^\(420\|644\)\$`},
		{g("file", s("/f"), "linked_to?", s("/a b")), `test x"$(readlink /f)" = x"/a\ b"`, `test x"$(readlink /f)" = x/a\ b`},
		{g("file", s("/f"), "contain", s("a.b")), `grep -qs -- a.b /f || grep -qFs -- a.b /f`, `grep -qFs -- a.b /f`},
		{g("user", s("u"), "belongs_to_group?", s("doc")), `id u | sed 's/ context=.*//g' | cut -f 4 -d '=' | grep -- doc`, `id -Gn u | tr ' ' '\n' | grep -Fx -- doc`},
		{g("user", s("u"), "has_login_shell?", s("/bin/sh")), `getent passwd u | cut -f 7 -d ':' | grep -w -- /bin/sh`, `getent passwd u | cut -f 7 -d ':' | grep -Fx -- /bin/sh`},
		{g("port", Int(80), "listening?", s("tcp")), `ss -tnl4 | grep -E -- :80\ `, `ss -tnl | grep -E -- :80\ `},
		{g("host", s("h"), "resolvable?", s("hosts")), `sed 's/#.*$//' /etc/hosts | grep -w -- h /etc/hosts`, `sed 's/#.*$//' /etc/hosts | grep -w -- h`},
		{g("kernel_module", s("ip"), "loaded?"), `lsmod | grep ^ip`, `lsmod | grep -w ^ip`},
		{g("process", s("p"), "count"), `ps aux | grep -w -- p | grep -v grep | wc -l`, `ps -C p -o pid=`},
		{g("package", s("ansible"), "installed?", s("pip")), `pip list | grep -iw -- \^ansible`, `pip list | grep -iw -- \^ansible\\\(\[\[:space:\]\]\\\|\$\\\)`},
	}
	for _, tt := range tests {
		for want, strict := range map[string]bool{tt.lax: false, tt.strict: true} {
			got, _ := tt.on(debian12, canned{}).ours(&Host{Strict: strict})
			if strings.Join(got.Commands, "; ") != want {
				t.Errorf("%v strict %v:\n got %q\nwant %q", tt.on(debian12), strict, got.Commands, want)
			}
		}
	}
}

// answering is a host of facts.
func answering(h Host, facts map[string]string) *Host {
	h.Session = verify.Answered(func(q probe.Question) probe.Answer {
		if fact, ok := facts[q.Kind+" "+q.Name]; ok {
			return probe.Answer{Fact: []byte(fact)}
		}
		return probe.Answer{Error: "no fact of " + q.Kind + " " + q.Name}
	})
	return &h
}

func TestFacts(t *testing.T) {
	t.Parallel()
	s := func(text string) Value { return String(text) }
	facts := map[string]string{
		"file /f":             `{"exists":true,"type":"file","target_type":"file","mode":"0644","owner":"a","group":"1000","gid":1000,"uid":1,"content":"eA=="}`,
		"file /dir":           `{"exists":true,"type":"directory","target_type":"directory","read_err":"it is a directory"}`,
		"file /none":          `{"exists":false}`,
		"file /large":         `{"exists":true,"type":"file","target_type":"file","too_large":true}`,
		"user u":              `{"exists":true,"uid":1,"groups":["docker","u"],"home":"/home/a/b","shell":"/bin/sh-x"}`,
		"package two":         `{"manager":"dpkg","records":[{"version":"1","arch":"amd64","status":"install ok installed"},{"version":"1","arch":"i386","status":"install ok installed"}]}`,
		"package held":        `{"manager":"dpkg","records":[{"version":"1:2","arch":"all","status":"hold ok installed"}]}`,
		"package r":           `{"manager":"rpm","records":[{"version":"1:1.2-3.el9","arch":"x86_64"}]}`,
		"package none":        `{"manager":"rpm"}`,
		"package no-such":     `{"manager":"rpm"}`,
		"service s":           `{"exists":true,"unit_file":"disabled","runlevels":["5"]}`,
		"service masked":      `{"exists":true,"unit_file":"masked","runlevels":[]}`,
		"service failed":      `{"exists":true,"unit_file":"enabled","enabled":true,"state":"failed/failed","runlevels":[]}`,
		"kernel-param net.x":  `{"exists":true,"value":"4096\t8192"}`,
		"command command":     `{"exit":0,"timed_out":true}`,
		"command printing":    `{"exit":0,"cut":true,"stdout":"eA=="}`,
		"port tcp:80":         `{"listening":false}`,
		"port tcp6:80":        `{"listening":true}`,
		"process name-of-15b": `{"running":true,"pids":[1]}`,
	}
	tests := []struct {
		given
		host Host
		want string
	}{
		{g("file", s("/f"), "mode?", s("0644")), Host{}, "false"},
		{g("file", s("/f"), "mode?", s("0644")), Host{Strict: true}, "true"},
		{g("file", s("/f"), "mode?", Int(420)), Host{Strict: true}, "true"},
		{g("file", s("/f"), "grouped_into?", s("1000")), Host{}, "true"},
		{g("file", s("/f"), "grouped_into?", s("staff")), Host{}, "could not check: no fact of command stat -c %G /f | grep -- \\^staff\\$"},
		{g("file", s("/none"), "content"), Host{}, "string "},
		{g("file", s("/none"), "content"), Host{Strict: true}, "raised Errno::ENOENT"},
		{g("file", s("/dir"), "content"), Host{}, "string "},
		{g("file", s("/large"), "content"), Host{}, "could not check: the file is larger than 8 MiB, which is the most that is read of one: ask for contain or its digest"},
		{g("user", s("u"), "belongs_to_group?", s("doc")), Host{}, "true"},
		{g("user", s("u"), "belongs_to_group?", s("doc")), Host{Strict: true}, "false"},
		{g("user", s("u"), "has_home_directory?", s("/home/a")), Host{}, "true"},
		{g("user", s("u"), "has_home_directory?", s("/home/a")), Host{Strict: true}, "false"},
		{g("user", s("u"), "has_login_shell?", s("/bin/sh")), Host{}, "true"},
		{g("package", s("two"), "installed?"), Host{}, "could not check: no fact of command dpkg-query -f '${Status}' -W two | grep -E '^(install|hold) ok installed$'"},
		{g("package", s("two"), "installed?"), Host{Strict: true}, "true"},
		{g("package", s("held"), "installed?"), Host{}, "true"},
		{g("package", s("held"), "version"), Host{}, "nil"},
		{g("package", s("held"), "installed?", nil, s("1:2")), Host{}, "true"},
		{g("package", s("held"), "installed?", nil, s("2")), Host{}, "false"},
		{g("package", s("r"), "installed?", nil, s("1.2")), Host{Platform: redhat9}, "true"},
		{g("package", s("r"), "installed?", nil, s("1.")), Host{Platform: redhat9}, "false"},
		{g("package", s("r"), "version"), Host{Platform: redhat9}, "version 0:1.2-3.el9"},
		{g("package", s("none"), "installed?"), Host{Platform: redhat9}, "false"},
		{g("package", s("no-such"), "installed?"), Host{Platform: redhat9}, "could not check: no fact of command rpm -q no-such"},
		{g("service", s("s"), "enabled?"), Host{}, "true"},
		{g("service", s("s"), "enabled?"), Host{Platform: redhat9}, "false"},
		{g("service", s("masked"), "enabled?"), Host{}, "false"},
		{g("service", s("failed"), "running?"), Host{}, "false"},
		{g("linux_kernel_parameter", s("net.x"), "value"), Host{}, show(s("4096\t8192"))},
		{g("linux_kernel_parameter", s("vm.x"), "value"), Host{}, "could not check: no fact of kernel-param vm.x"},
		{g("command", s("command"), "stdout"), Host{}, "could not check: the command did not end within 1m0s"},
		{g("command", s("printing"), "stdout"), Host{}, "could not check: the command printed more than 8 MiB"},
		{g("command", s("printing"), "exit_status"), Host{}, "int 0"},
		{g("port", Int(80), "listening?", s("tcp")), Host{}, "false"},
		{g("port", Int(80), "listening?", s("tcp")), Host{Strict: true}, "could not check"},
		{g("process", s("name-of-15b"), "running?"), Host{}, "false"},
		{g("file", s("/f"), "nothing?"), Host{}, "raised NoMethodError"},
	}
	for _, tt := range tests {
		if tt.host.Platform == (Platform{}) {
			tt.host.Platform = debian12
		}
		h := answering(tt.host, facts)
		got := said(h.Ask(Resource{Type: tt.typ, Name: tt.name}, Call{Method: tt.method, Args: tt.args}))
		if got.Value != tt.want && tt.want != "could not check" {
			t.Errorf("%v strict %v: got %s, want %s", tt.on(tt.host.Platform), tt.host.Strict, got.Value, tt.want)
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"1.2", "1.10", -1}, {"1:0", "2", 1}, {"1.0~rc1", "1.0", -1}, {"1.0", "1.0", 0}, {"1.0-1", "1.0", 1}, {"1.0a", "1.0b", -1}, {"0:1", "1", 0},
		{"1.0~", "1.0~~", 1}, {"18446744073709551616", "1", 1}, {"007", "7", 0},
	} {
		a, err1 := NewVersion(tt.a)
		b, err2 := NewVersion(tt.b)
		if err1 != nil || err2 != nil || a.Compare(b) != tt.want || b.Compare(a) != -tt.want {
			t.Errorf("%s and %s: %d, %v %v", tt.a, tt.b, a.Compare(b), err1, err2)
		}
	}
	if _, err := NewVersion("latest"); err == nil {
		t.Error("no error")
	}
}
