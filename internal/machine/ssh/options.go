package ssh

import (
	"context"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Options say where a machine is, how to get in, and how to treat the connection.
// Addr and User are needed; what else is not given has a usual value.
type Options struct {
	Addr string // host:port, as the one who connects sees it
	User string
	Auth Auth
	// HostKeys decides which keys the machine may show; nil takes those that the
	// user's known_hosts file names.
	HostKeys HostKeys
	// KnownAs is the host:port under which its key is known; "": Addr.
	KnownAs string
	// Via is the host to connect through. Only what is needed to log in counts there.
	Via *Options
	// Proxy is a SOCKS5 proxy to connect through.
	Proxy *SOCKS
	// Transport, when not nil, reaches the machine some other way than by Addr, which
	// then is what people are told. ctx is done when the attempt is given up.
	Transport func(ctx context.Context) (net.Conn, error)

	Ciphers      []string // nil: the usual ones
	KeyExchanges []string // nil: the usual ones

	// ConnectTimeout bounds one attempt to reach the machine and log in; 0: 30 s.
	ConnectTimeout time.Duration
	// Wait is how long to go on trying, at first and when the machine has restarted;
	// 0: one attempt, negative: without end.
	Wait time.Duration
	// Refusals is how many refused logins to bear while waiting; 0: any number.
	Refusals int
	// KeepAlive is how often the machine is asked whether it is there; 0: every 5 s,
	// negative: never. One that is silent three times, and for 15 s, is lost.
	KeepAlive time.Duration
	// Silence is how long a command may neither print nor read before its connection
	// counts as lost; 0: for ever.
	Silence time.Duration

	// PTY gives a terminal to commands that read nothing and whose two outputs are one.
	PTY bool
	// SFTP moves single files by that protocol instead of by the machine's shell.
	SFTP bool
	// ForwardAgent is the socket of an agent that commands may ask; "" for none.
	ForwardAgent string
	// SudoPassword is given to sudo when it asks.
	SudoPassword string
	// AskSudo, when not nil, gives the password where there is no SudoPassword, each time
	// that sudo asks. Its error is why the command did not run. It must not outlast ctx.
	AskSudo func(ctx context.Context) (string, error)

	Local  []Tunnel // from ports of this host to what the machine reaches
	Remote []Tunnel // from ports of the machine to what this host reaches

	// Say is told, in words for people, what is waited for. It may be nil.
	Say func(format string, args ...any)

	bootFile string        // in the machine: where it tells its boot; for tests
	shortest time.Duration // shortestSilence; for tests
	begin    time.Duration // beginLimit; for tests
}

// Auth is what a login is tried with, in the order of the fields. Without anything,
// only a machine that asks for nothing lets in.
type Auth struct {
	// Keys are tried first.
	Keys []ssh.Signer
	// Agent is the socket of an agent; "" for none.
	Agent string
	// OnlyFiles leaves out the agent's keys, except those that are in Files.
	OnlyFiles bool
	// Files are private keys. What is not there is left out. A certificate beside one
	// (NAME-cert.pub) is used with it.
	Files []string
	// Passphrase opens an encrypted key file; nil: such a file counts only when the
	// agent has its key.
	Passphrase func(file string) ([]byte, error)
	// Password is given where the machine asks for one, in whatever form.
	Password string
}

// SOCKS is a SOCKS5 proxy.
type SOCKS struct {
	Addr           string
	User, Password string
}

const (
	defaultConnectTimeout = 30 * time.Second
	defaultKeepAlive      = 5 * time.Second
	// shortestSilence is what a busy machine may need to answer.
	shortestSilence = 15 * time.Second
	// beginLimit is what the start files of a login may take before a command begins.
	beginLimit      = time.Minute
	defaultBootFile = "/proc/sys/kernel/random/boot_id"
)

func (o Options) withDefaults() Options {
	if o.HostKeys == nil {
		o.HostKeys = KnownHosts(false, userKnownHosts()...)
	}
	if o.KnownAs == "" {
		o.KnownAs = o.Addr
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = defaultConnectTimeout
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = defaultKeepAlive
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.bootFile == "" {
		o.bootFile = defaultBootFile
	}
	if o.begin == 0 {
		o.begin = beginLimit
	}
	if o.shortest == 0 {
		o.shortest = shortestSilence
	}
	if o.Via != nil {
		via := o.Via.withDefaults()
		o.Via = &via
	}
	return o
}

// sudoPassword is what answers sudo; nil: it must not ask. Of a text of several lines
// sudo would take the first, and the command the others.
func (o Options) sudoPassword() func(ctx context.Context) (string, error) {
	switch {
	case strings.ContainsAny(o.SudoPassword, "\r\n"):
		return nil
	case o.SudoPassword != "":
		return func(context.Context) (string, error) { return o.SudoPassword, nil }
	}
	return o.AskSudo
}

// deadAfter is how long nothing may come from a machine that is asked.
func (o Options) deadAfter() time.Duration {
	return max(3*o.KeepAlive, o.shortest)
}
