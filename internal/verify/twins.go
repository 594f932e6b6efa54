package verify

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// TwinSource is the source of the checks of Twins.
const TwinSource = "twins"

// Identity is a spec without checks: it takes what must be a machine's own, however
// many are started from one image, among the questions of the specs that it is run with.
type Identity struct {
	Err error // why it could not be taken

	values map[string][]string // what it is, as in traits → values
}

// trait is something that no two machines may have in common.
type trait struct {
	name  string   // as in "machine id"
	files []string // that hold it
	read  func(content []byte) []string
}

// traits in the order in which they are reported.
func traits() []trait {
	return []trait{
		{"boot id", []string{"/proc/sys/kernel/random/boot_id"}, words},
		{"machine id", []string{"/etc/machine-id"}, words},
		{"SSH host keys", []string{"/etc/ssh/ssh_host_dsa_key.pub", "/etc/ssh/ssh_host_ecdsa_key.pub",
			"/etc/ssh/ssh_host_ed25519_key.pub", "/etc/ssh/ssh_host_rsa_key.pub"}, publicKey},
		{"random seed", []string{"/var/lib/systemd/random-seed", "/var/lib/urandom/random-seed"}, digest},
		{"network addresses", []string{"/proc/net/fib_trie"}, localAddresses},
		{"network addresses", []string{"/proc/net/if_inet6"}, globalAddresses},
	}
}

// Evaluate implements Spec.
func (id *Identity) Evaluate(_ context.Context, s *Session) []Result {
	id.values, id.Err = map[string][]string{}, nil
	for _, t := range traits() {
		for _, path := range t.files {
			f, known, err := Fact[probe.File](s, probe.Question{Kind: probe.KindFile, Name: path, Args: map[string]string{"content": "1"}})
			switch {
			case !known:
				err = errors.New("the probe gives no answer")
			case err == nil && f.ReadErr != "":
				err = errors.New(f.ReadErr)
			}
			if err != nil {
				id.Err = cmp.Or(id.Err, fmt.Errorf("read %s: %w", path, err))
			}
			if known && err == nil && f.Exists {
				id.values[t.name] = append(id.values[t.name], t.read(f.Content)...)
			}
		}
	}
	return nil
}

// BootID is the kernel's id of the boot, or "".
func (id *Identity) BootID() string { return strings.Join(id.values["boot id"], " ") }

// Twins compares two machines that were started from the same image: each must have
// an identity of its own, or every machine that is made of the image shares it.
func Twins(a, b *Identity) []Result {
	var results []Result
	for _, t := range traits() {
		r := Result{Source: TwinSource, Subject: "Two machines of the image", Description: "share no " + t.name, Verdict: Pass}
		if len(results) > 0 && results[len(results)-1].Description == r.Description {
			continue // it has several files, read differently
		}
		same := slices.DeleteFunc(slices.Clone(a.values[t.name]), func(v string) bool { return !slices.Contains(b.values[t.name], v) })
		err := cmp.Or(a.Err, b.Err)
		switch {
		case len(same) > 0:
			r.Verdict, r.Wanted, r.Found = Fail, "each has its own", "both have "+strings.Join(same, ", ")
		case err != nil:
			r.Verdict, r.Reason = Unknown, err.Error()
		}
		results = append(results, r)
	}
	return results
}

func words(content []byte) []string { return strings.Fields(string(content)) }

// publicKey leaves out the comment, in which the host's name stands.
func publicKey(content []byte) []string {
	f := strings.Fields(string(content))
	if len(f) < 2 {
		return nil
	}
	return []string{f[0] + " " + f[1]}
}

// digest of a secret, so that it enters no report. An empty file is not one.
func digest(content []byte) []string {
	if len(content) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("sha256:%x", sha256.Sum256(content))}
}

// localAddresses are those of IPv4 that the kernel takes for its own, as in
// /proc/net/fib_trie, but for loopback: a line "|-- ADDRESS", and below it "/32 host LOCAL".
func localAddresses(content []byte) []string {
	found, last := map[string]bool{}, ""
	for line := range strings.Lines(string(content)) {
		f := strings.Fields(line)
		switch {
		case len(f) >= 2 && f[0] == "|--":
			last = f[1]
		case len(f) >= 3 && f[0] == "/32" && f[2] == "LOCAL" && !strings.HasPrefix(last, "127."):
			found[last] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// globalAddresses are those of IPv6 of global scope, as in /proc/net/if_inet6: address,
// index, length of the prefix, scope, flags, name.
func globalAddresses(content []byte) []string {
	var found []string
	for line := range strings.Lines(string(content)) {
		if f := strings.Fields(line); len(f) == 6 && f[3] == "00" {
			found = append(found, f[0])
		}
	}
	return found
}
