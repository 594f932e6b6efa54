package verify

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// identityOf takes the identity of a machine with the given files.
func identityOf(t *testing.T, files map[string]string) *Identity {
	t.Helper()
	var id Identity
	s := Answered(func(q probe.Question) probe.Answer {
		content, ok := files[q.Name]
		f := probe.File{Exists: ok, Content: []byte(content)}
		if content == "unreadable" {
			f = probe.File{Exists: true, ReadErr: "input/output error"}
		}
		text, err := json.Marshal(f)
		if err != nil {
			t.Error(err)
		}
		return probe.Answer{Fact: text}
	})
	if r := id.Evaluate(t.Context(), s); len(r) != 0 {
		t.Errorf("checks = %v", r)
	}
	return &id
}

const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.0.2.0/24 2 0 2
        |-- 10.0.2.15
           /32 host LOCAL
        |-- 10.0.2.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
`

func TestTwins(t *testing.T) {
	t.Parallel()
	first := map[string]string{
		"/proc/sys/kernel/random/boot_id":    "0b1c\n",
		"/etc/machine-id":                    "aaaa\n",
		"/etc/ssh/ssh_host_ed25519_key.pub":  "ssh-ed25519 AAAAone root@web\n",
		"/var/lib/systemd/random-seed":       "seed one",
		"/proc/net/fib_trie":                 trie,
		"/proc/net/if_inet6":                 "fec00000000000005054000000000001 02 40 00 00 ens3\nfe800000000000005054000000000009 02 40 20 80 ens3\n",
		"/var/lib/dbus/something-else-there": "same in both",
	}
	second := map[string]string{
		"/proc/sys/kernel/random/boot_id":   "77aa\n",
		"/etc/machine-id":                   "bbbb\n",
		"/etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAAtwo root@web\n",
		"/var/lib/systemd/random-seed":      "seed two",
		"/proc/net/fib_trie":                strings.ReplaceAll(trie, "10.0.2.15", "10.0.2.16"),
		"/proc/net/if_inet6":                "fec00000000000005054000000000002 02 40 00 00 ens3\nfe800000000000005054000000000009 02 40 20 80 ens3\n",
	}
	tests := map[string]struct {
		path, content string // of the second machine
		want          map[string]Verdict
	}{
		"nothing shared": {"/etc/machine-id", "bbbb\n", nil},
		"no sshd":        {"/etc/ssh/ssh_host_ed25519_key.pub", "", nil},
		"machine id":     {"/etc/machine-id", "aaaa\n", map[string]Verdict{"share no machine id": Fail}},
		"host key": {"/etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAone root@other\n",
			map[string]Verdict{"share no SSH host keys": Fail}},
		"random seed": {"/var/lib/systemd/random-seed", "seed one", map[string]Verdict{"share no random seed": Fail}},
		"boot id":     {"/proc/sys/kernel/random/boot_id", "0b1c\n", map[string]Verdict{"share no boot id": Fail}},
		"address":     {"/proc/net/fib_trie", trie, map[string]Verdict{"share no network addresses": Fail}},
		"address of IPv6": {"/proc/net/if_inet6", first["/proc/net/if_inet6"],
			map[string]Verdict{"share no network addresses": Fail}},
		"not to be read": {"/etc/machine-id", "unreadable", map[string]Verdict{
			"share no boot id": Unknown, "share no machine id": Unknown, "share no SSH host keys": Unknown,
			"share no random seed": Unknown, "share no network addresses": Unknown}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := maps.Clone(second)
			other[tt.path] = tt.content
			if tt.content == "" {
				delete(other, tt.path)
			}
			got := map[string]Verdict{}
			results := Twins(identityOf(t, first), identityOf(t, other))
			for _, r := range results {
				if r.Verdict != Pass {
					got[r.Description] = r.Verdict
				}
				if strings.Contains(r.Found, "seed one") {
					t.Errorf("a secret is in the report: %q", r.Found)
				}
			}
			if len(results) != 5 {
				t.Errorf("%d results, want 5: %v", len(results), results)
			}
			if tt.want == nil {
				tt.want = map[string]Verdict{}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}
