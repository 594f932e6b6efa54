package ssh

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// HostKeys decides which key a machine may show. The addr is the one that was asked
// for, host:port. Errors of check say what to do. It is safe for concurrent use.
type HostKeys interface {
	check(addr string, key ssh.PublicKey) error
	// algorithms are those that the machine is asked to show a key of; nil for any.
	algorithms(addr string) ([]string, error)
}

// AnyHostKey takes whatever key the machine shows, each time.
func AnyHostKey() HostKeys { return anyKey{} }

type anyKey struct{}

func (anyKey) check(string, ssh.PublicKey) error   { return nil }
func (anyKey) algorithms(string) ([]string, error) { return nil, nil }

// PinHostKeys takes these keys alone. Without any it takes the first one that a
// machine shows, and no other afterwards.
func PinHostKeys(keys ...ssh.PublicKey) HostKeys { return &pinned{keys: keys} }

type pinned struct {
	mu   sync.Mutex
	keys []ssh.PublicKey
}

func (p *pinned) check(addr string, key ssh.PublicKey) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.keys) == 0 {
		p.keys = append(p.keys, key)
		return nil
	}
	var want []string
	for _, k := range p.keys {
		if sameKey(k, key) {
			return nil
		}
		want = append(want, describeKey(k))
	}
	return &hostKeyError{fmt.Sprintf("%s shows another host key than before: %s instead of %s; another machine may answer at that address",
		addr, describeKey(key), strings.Join(want, ", "))}
}

func (p *pinned) algorithms(string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, k := range p.keys {
		all = append(all, algorithmsOf(k.Type())...)
	}
	return all, nil
}

// KnownHosts takes the keys that files in the form of OpenSSH's known_hosts name. With
// unknown a machine of which they name none is taken too; one that shows another key
// than the one they name never is. A file that is not there names none.
func KnownHosts(unknown bool, files ...string) HostKeys {
	return &known{unknown: unknown, files: files}
}

type known struct {
	unknown bool
	files   []string
	once    sync.Once
	db      ssh.HostKeyCallback
	err     error
}

// userKnownHosts are the files that OpenSSH reads.
func userKnownHosts() []string {
	return []string{"~/.ssh/known_hosts", "~/.ssh/known_hosts2", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"}
}

// first is where a key is added, as a shell takes it.
func (k *known) first() string {
	if len(k.files) == 0 || strings.HasPrefix(k.files[0], "~") {
		return "~/.ssh/known_hosts"
	}
	return machine.Quote(k.files[0])
}

func (k *known) open() (ssh.HostKeyCallback, error) {
	k.once.Do(func() {
		var there []string
		for _, f := range k.files {
			path, err := expandHome(f)
			if err != nil {
				k.err = err
				return
			}
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				continue
			}
			there = append(there, path)
		}
		if k.db, k.err = knownhosts.New(there...); k.err != nil {
			k.err = fmt.Errorf("read known hosts: %w", k.err)
		}
	})
	return k.db, k.err
}

// noAddr is a remote address for a look-up by name alone: behind a jump host the
// address of the connection says nothing of the machine.
type noAddr struct{ addr string }

func (noAddr) Network() string  { return "tcp" }
func (a noAddr) String() string { return a.addr }

func (k *known) check(addr string, key ssh.PublicKey) error {
	db, err := k.open()
	if err != nil {
		return err
	}
	err = db(addr, noAddr{addr}, key)
	if _, ok := key.(*ssh.Certificate); ok && err != nil && db(withoutPort(addr), noAddr{addr}, key) == nil {
		return nil // lines of authorities are written for hosts, whatever the port
	}
	var unlike *knownhosts.KeyError
	var revoked *knownhosts.RevokedError
	switch {
	case errors.As(err, &revoked):
		return &hostKeyError{fmt.Sprintf("%s shows the host key %s, which %s:%d revokes", addr, describeKey(key), revoked.Revoked.Filename, revoked.Revoked.Line)}
	case !errors.As(err, &unlike):
		if err != nil {
			return &hostKeyError{fmt.Sprintf("%s shows the host key %s: %v", addr, describeKey(key), err)}
		}
		return nil
	case len(unlike.Want) == 0 && k.unknown:
		return nil
	case len(unlike.Want) == 0:
		host, port, _ := net.SplitHostPort(addr)
		return &hostKeyError{fmt.Sprintf("%s shows the host key %s, and %s knows none for it: compare that with the machine's own (ssh-keygen -lf /etc/ssh/ssh_host_%s_key.pub there), then add it by ssh-keyscan -p %s %s >> %s",
			addr, describeKey(key), strings.Join(k.files, ", "), shortType(key.Type()), port, host, k.first())}
	}
	want, file := []string(nil), machine.Quote(unlike.Want[0].Filename)
	for _, w := range unlike.Want {
		want = append(want, fmt.Sprintf("%s (%s:%d)", describeKey(w.Key), w.Filename, w.Line))
	}
	return &hostKeyError{fmt.Sprintf("the host key of %s has changed: it shows %s, known is %s; if the machine was made anew, forget the old key by ssh-keygen -f %s -R %q, else somebody may be in between",
		addr, describeKey(key), strings.Join(want, ", "), file, knownhosts.Normalize(addr))}
}

// algorithms makes the machine show a key of a kind that is known for it: it may have
// others that are not.
func (k *known) algorithms(addr string) ([]string, error) {
	db, err := k.open()
	if err != nil {
		return nil, err
	}
	// A key that nobody has: the answer names those that are known.
	nobody, err := ssh.NewPublicKey(ed25519.PublicKey(make([]byte, ed25519.PublicKeySize)))
	if err != nil {
		return nil, err
	}
	wanted := func(addr string) []knownhosts.KnownKey {
		var unlike *knownhosts.KeyError
		if !errors.As(db(addr, noAddr{addr}, nobody), &unlike) {
			return nil
		}
		return unlike.Want
	}
	var all []string
	add := func(algorithms ...string) {
		for _, a := range algorithms {
			if !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	for _, addr := range []string{addr, withoutPort(addr)} {
		for _, w := range wanted(addr) {
			if isAuthority(db, addr, w.Key, nobody) { // its own type says nothing of the keys that it signs
				add(ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
					ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01)
			}
		}
	}
	for _, w := range wanted(addr) {
		add(algorithmsOf(w.Key.Type())...)
	}
	if len(all) > 0 && len(wanted(addr)) == 0 { // only an authority is known: a machine without a certificate shows what it has
		add(ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256)
	}
	return all, nil
}

// isAuthority tells whether a key that is known for an address signs host keys.
func isAuthority(db ssh.HostKeyCallback, addr string, key, nobody ssh.PublicKey) bool {
	err := db(addr, noAddr{addr}, &ssh.Certificate{CertType: ssh.HostCert, Key: nobody, SignatureKey: key, Signature: &ssh.Signature{}})
	return err != nil && !strings.Contains(err.Error(), "no authorities")
}

// withoutPort is the address at the usual port, which known_hosts does not write.
func withoutPort(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(host, "22")
}

// hostKeyError is a machine that is not the one that was meant, as far as is known.
// Trying again does not help.
type hostKeyError struct{ text string }

func (e *hostKeyError) Error() string { return e.text }

func sameKey(a, b ssh.PublicKey) bool { return string(a.Marshal()) == string(b.Marshal()) }

func describeKey(k ssh.PublicKey) string {
	return k.Type() + " " + ssh.FingerprintSHA256(k)
}

// algorithmsOf are the signatures that a key of a type makes.
func algorithmsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return []string{keyType}
}

// shortType is what a key's type is called in file names.
func shortType(keyType string) string {
	switch {
	case strings.Contains(keyType, "ecdsa"):
		return "ecdsa"
	case strings.Contains(keyType, "rsa"):
		return "rsa"
	}
	return "ed25519"
}
