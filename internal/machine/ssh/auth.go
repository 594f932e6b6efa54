package ssh

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// credentials gives the ways to log in for one attempt, and remembers what became of
// them.
type credentials struct {
	auth  Auth
	agent net.Conn // while the attempt lasts

	mu    sync.Mutex
	tried []string   // for people
	notes []string   // why a key could not be tried
	last  ssh.Signer // that signed last: the one that was let in, after a success
}

func newCredentials(a Auth) *credentials { return &credentials{auth: a} }

func (c *credentials) close() {
	if c.agent != nil {
		c.agent.Close()
	}
}

// methods are all keys in one, because a server hears of each method once, and then
// the password in both forms.
func (c *credentials) methods() []ssh.AuthMethod {
	var m []ssh.AuthMethod
	if len(c.auth.Keys) > 0 || c.auth.Agent != "" || len(c.auth.Files) > 0 {
		m = append(m, ssh.PublicKeysCallback(c.signers))
	}
	if c.auth.Password != "" {
		m = append(m, ssh.PasswordCallback(func() (string, error) {
			c.try("password")
			return c.auth.Password, nil
		}), ssh.KeyboardInteractive(c.answer))
	}
	return m
}

// answer gives the password to questions that hide what is typed.
func (c *credentials) answer(_, _ string, questions []string, echos []bool) ([]string, error) {
	if len(questions) > 0 {
		c.try("password in answer to %q", strings.TrimSpace(questions[0]))
	}
	answers := make([]string, len(questions))
	for i := range questions {
		if !echos[i] {
			answers[i] = c.auth.Password
		}
	}
	return answers, nil
}

func (c *credentials) try(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tried = append(c.tried, fmt.Sprintf(format, args...))
}

func (c *credentials) note(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}

// signers collects the keys. Those of the agent come before files, since a file may
// be locked whose key the agent holds.
func (c *credentials) signers() ([]ssh.Signer, error) {
	var all []ssh.Signer
	seen := map[string]bool{}
	add := func(s ssh.Signer, from string) {
		if id := string(s.PublicKey().Marshal()); !seen[id] {
			seen[id] = true
			all = append(all, witness{s, c})
			c.try("%s %s", from, ssh.FingerprintSHA256(s.PublicKey()))
		}
	}
	for _, s := range c.auth.Keys {
		add(s, "key")
	}
	agents := c.agentKeys()
	files := c.files(agents)
	if !c.auth.OnlyFiles {
		for _, s := range agents {
			add(s, "key of the agent")
		}
	}
	for _, f := range files {
		add(f.signer, "key "+f.path)
	}
	return all, nil
}

func (c *credentials) agentKeys() []ssh.Signer {
	if c.auth.Agent == "" {
		return nil
	}
	conn, err := net.Dial("unix", c.auth.Agent)
	if err != nil {
		c.note("the agent cannot be asked: %v", err)
		return nil
	}
	c.agent = conn
	keys, err := agent.NewClient(conn).Signers()
	if err != nil {
		c.note("the agent does not tell its keys: %v", err)
	} else if len(keys) == 0 {
		c.note("the agent has no keys: add one with ssh-add")
	}
	return keys
}

type fileKey struct {
	path   string
	signer ssh.Signer
}

// files reads the key files; of a locked one the agent's key of the same name counts.
func (c *credentials) files(agents []ssh.Signer) []fileKey {
	var keys []fileKey
	for _, path := range c.auth.Files {
		key, err := readKey(path, c.auth.Passphrase)
		var locked *lockedError
		switch {
		case errors.As(err, &locked):
			held := ofAgent(agents, locked.public)
			if held == nil {
				c.note("%v", err)
				continue
			}
			key = held
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			c.note("%v", err)
			continue
		}
		cert := path + "-cert.pub"
		certified, err := ReadCertifiedKey(key, cert)
		switch {
		case err == nil:
			keys = append(keys, fileKey{cert, certified})
		case !errors.Is(err, fs.ErrNotExist):
			c.note("%v", err)
		}
		keys = append(keys, fileKey{path, key})
	}
	return keys
}

func ofAgent(agents []ssh.Signer, public ssh.PublicKey) ssh.Signer {
	if public == nil {
		return nil
	}
	for _, s := range agents {
		if string(s.PublicKey().Marshal()) == string(public.Marshal()) {
			return s
		}
	}
	return nil
}

// refused says what was tried, and what to do.
func (c *credentials) refused(user, addr string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	tried := "nothing that it takes was there to try"
	if len(c.tried) > 0 {
		tried = "tried: " + strings.Join(c.tried, ", ")
	}
	notes := ""
	if len(c.notes) > 0 {
		notes = "; " + strings.Join(c.notes, "; ")
	}
	return &refusedError{fmt.Sprintf("%s refuses the login of %s (%s%s)", addr, user, tried, notes)}
}

// refusedError is a machine that was reached and did not let in.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return e.text }

// witness tells which key a server asked to sign with: it has taken that one.
type witness struct {
	ssh.Signer
	c *credentials
}

func (w witness) saw() {
	w.c.mu.Lock()
	w.c.last = w.Signer
	w.c.mu.Unlock()
}

func (w witness) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	w.saw()
	return w.Signer.Sign(rand, data)
}

// SignWithAlgorithm lets an RSA key sign by what is not its plain type.
func (w witness) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	w.saw()
	if s, ok := w.Signer.(ssh.AlgorithmSigner); ok {
		return s.SignWithAlgorithm(rand, data, algorithm)
	}
	return w.Signer.Sign(rand, data)
}
