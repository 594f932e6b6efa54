package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

func TestWithout(t *testing.T) {
	t.Parallel()
	const planted = "# " + machine.Marker + "\nnameserver 192.0.2.1\nsearch corp\n"
	for _, tt := range []struct {
		name, written, before string
		rest                  string
		touched               bool
	}{
		{"as it was", planted, "nameserver 9.9.9.9\n", "nameserver 9.9.9.9\n", false},
		{"appended", planted + "options edns0\n", "", "options edns0\n", true},
		{"appended to its own", planted + "options edns0\n", "nameserver 9.9.9.9", "nameserver 9.9.9.9\noptions edns0\n", true},
		{"written", "nameserver 192.0.2.1\n", "nameserver 9.9.9.9\n", "nameserver 192.0.2.1\n", true},
		{"emptied", "", "nameserver 9.9.9.9\n", "", true},
		{"edited", "# " + machine.Marker + "\nnameserver 192.0.2.1\nsearch mine\n", "nameserver 9.9.9.9\n", "search mine\n", true},
		{"prepended", "options rotate\n" + planted, "", "options rotate\n", true},
	} {
		if rest, touched := without(tt.written, planted, tt.before); rest != tt.rest || touched != tt.touched {
			t.Errorf("%s: %q, %v, want %q, %v", tt.name, rest, touched, tt.rest, tt.touched)
		}
	}
}

// TestResolverOfSteps: what a step does to /etc/resolv.conf is in the image, and nothing of
// the host's settings ever is.
func TestResolverOfSteps(t *testing.T) {
	needMachines(t)
	host := Host{Search: []string{"host.example"}}
	host.Nameservers, _ = parseResolver("nameserver 192.0.2.53\n")
	const own = "nameserver 9.9.9.9\n"
	for _, tt := range []struct {
		name  string
		own   string // in the base; "-> x" is a link
		steps []string
		want  string // "" for no file
	}{
		{"nothing", "", []string{"true"}, ""},
		{"nothing, with its own", own, []string{"grep -qx 'nameserver 192.0.2.53' /etc/resolv.conf"}, own},
		{"touched", "", []string{"touch /etc/resolv.conf; chmod 600 /etc/resolv.conf"}, ""},
		{"touched, with its own", own, []string{"chmod 600 /etc/resolv.conf", "true"}, own},
		{"written", "", []string{"echo nameserver 192.0.2.7 > /etc/resolv.conf", "true"}, "nameserver 192.0.2.7\n"},
		{"written over its own", own, []string{"echo nameserver 192.0.2.7 > /etc/resolv.conf"}, "nameserver 192.0.2.7\n"},
		{"written twice", own, []string{"echo options a > /etc/resolv.conf", "echo options b >> /etc/resolv.conf"}, "options a\noptions b\n"},
		{"appended", own, []string{"echo options edns0 >> /etc/resolv.conf"}, own + "options edns0\n"},
		{"replaced by another file", own, []string{"echo x > /etc/new; mv /etc/new /etc/resolv.conf", "true"}, "x\n"},
		{"removed", own, []string{"rm /etc/resolv.conf", "true"}, ""},
		{"removed in a later step", own, []string{"true", "rm /etc/resolv.conf", "true"}, ""},
		{"removed what was not there", "", []string{"rm /etc/resolv.conf"}, ""},
		{"replaced by a link", own, []string{"rm /etc/resolv.conf; ln -s ../run/stub/resolv.conf /etc/resolv.conf", "grep -qx 'nameserver 192.0.2.53' /etc/resolv.conf"}, "-> ../run/stub/resolv.conf"},
		{"a link replaced by a file", "-> ../run/stub/resolv.conf", []string{"grep -q 192.0.2.53 /etc/resolv.conf; rm /etc/resolv.conf; echo x > /etc/resolv.conf"}, "x\n"},
		{"a link", "-> ../run/stub/resolv.conf", []string{"true"}, "-> ../run/stub/resolv.conf"},
		{"the directory is replaced by a link", own, []string{
			"mkdir /srv/etc; cp -a /etc/* /srv/etc/; mv /etc /etc.old; ln -s srv/etc /etc; rm -r /etc.old; echo x > /etc/resolv.conf", "true",
		}, "x\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := try(t, Config{Archive: tiny(t, nil)})
			r.b.host = func() (Host, error) { return host, nil }
			at := filepath.Join(r.m.(*rootMachine).seat.upper(), "etc/resolv.conf")
			if link, ok := strings.CutPrefix(tt.own, "-> "); ok {
				if err := os.Symlink(link, at); err != nil {
					t.Fatal(err)
				}
			} else if tt.own != "" {
				if err := os.WriteFile(at, []byte(tt.own), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for i, step := range tt.steps {
				if i == 1 { // the first is not on top of a layer
					r.snapshot()
				}
				r.sh(0, step)
				r.snapshot()
			}
			img, err := r.m.Capture(t.Context(), r.env)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.m.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if r.m, err = r.b.Boot(t.Context(), img, r.env); err != nil {
				t.Fatal(err)
			}
			root := r.m.(*rootMachine).seat.upper()
			got, err := os.Readlink(filepath.Join(root, "etc/resolv.conf"))
			if got = "-> " + got; err != nil {
				in, err := openInside(root)
				if err != nil {
					t.Fatal(err)
				}
				text, err := in.read("/etc/resolv.conf")
				if got = string(text); err != nil {
					t.Error(err)
				}
				in.Close()
			}
			if got != tt.want {
				t.Errorf("the image's is %q, want %q", got, tt.want)
			}
			if _, err := r.m.(machine.Gater).BootForGate(t.Context()); err != nil {
				t.Fatal(err)
			}
			seen := r.sh(0, "cat /etc/resolv.conf")
			if r.sh(0, "readlink /etc || :") != "" {
				return // nothing can be planted there
			}
			if theirs := strings.Contains(seen, "192.0.2.53"); theirs == namesServer(tt.want) {
				t.Errorf("a gate sees %q", seen)
			}
		})
	}
}

// TestRootlessResolverOfSteps: the same without root.
func TestRootlessResolverOfSteps(t *testing.T) {
	if os.Getenv(asUserEnv) == "" {
		asUser(t, "TestRootlessResolverOfSteps")
		return
	}
	TestResolverOfSteps(t)
}
