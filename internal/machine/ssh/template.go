package ssh

import (
	"errors"
	"net"
	"strconv"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Place is what a builder knows of a machine. What the options say counts over it.
type Place struct {
	Host string
	Port int
	User string
	Key  ssh.Signer // made for this machine alone; nil for none
	// HostKeys are the keys that the machine is known to have; nil: the first one that
	// it shows is taken, and no other afterwards.
	HostKeys []ssh.PublicKey
}

// Options say how to reach the machine of a template. agent is the socket of the
// user's agent, or "". Nothing of the user's ~/.ssh is read: what a template does not
// say is the same for everybody.
func (c Config) Options(p Place, agent string) (Options, error) {
	host, port, user := p.Host, p.Port, p.User
	if c.Host != "" {
		host = c.Host
	}
	if c.Port != 0 && (p.Port == 0 || c.Port != defaultPort) {
		port = c.Port
	}
	if port == 0 {
		port = defaultPort
	}
	if c.Username != "" {
		user = c.Username
	}
	o := Options{
		Addr: net.JoinHostPort(host, strconv.Itoa(port)), User: user, HostKeys: PinHostKeys(p.HostKeys...),
		Ciphers: c.Ciphers, KeyExchanges: c.KeyExchanges, KeepAlive: c.KeepAlive, Silence: c.ReadWriteTimeout,
		PTY: c.PTY, SFTP: c.FileTransferMethod == bySFTP, SudoPassword: c.Password,
	}
	timeout, attempts := c.Limits()
	if o.Wait, o.Refusals = timeout, attempts; timeout == 0 {
		o.Wait = -1
	}
	var errs []error
	o.Auth, errs = auth(c.PrivateKeyFile, c.CertificateFile, c.Password, c.AgentAuth, agent)
	if p.Key != nil {
		o.Auth.Keys = append(o.Auth.Keys, p.Key)
	}
	if !c.DisableForwarding && agent != "" {
		o.ForwardAgent = agent
	}
	for to, tunnels := range map[*[]Tunnel][]string{&o.Local: c.LocalTunnels, &o.Remote: c.RemoteTunnels} {
		for _, text := range tunnels {
			t, err := ParseTunnel(text)
			errs = append(errs, err)
			*to = append(*to, t)
		}
	}
	if c.BastionHost != "" {
		key, cert := c.BastionKey()
		via := Options{Addr: net.JoinHostPort(c.BastionHost, portOr(c.BastionPort, defaultPort)), User: c.BastionUsername, HostKeys: PinHostKeys()}
		var more []error
		via.Auth, more = auth(key, cert, c.BastionPassword, c.BastionAgentAuth, agent)
		errs = append(errs, more...)
		o.Via = &via
	}
	if c.ProxyHost != "" {
		o.Proxy = &SOCKS{Addr: net.JoinHostPort(c.ProxyHost, portOr(c.ProxyPort, 1080)), User: c.ProxyUsername, Password: c.ProxyPassword}
	}
	return o, errors.Join(errs...)
}

const defaultPort = 22

func portOr(port, usual int) string {
	if port == 0 {
		port = usual
	}
	return strconv.Itoa(port)
}

// auth is what a template gives to log in with.
func auth(key, cert, password string, useAgent bool, agent string) (a Auth, errs []error) {
	a.Password = password
	if key != "" {
		signer, err := ReadKey(key)
		if err == nil && cert != "" {
			signer, err = ReadCertifiedKey(signer, cert)
		}
		if err != nil {
			errs = append(errs, err)
		} else {
			a.Keys = append(a.Keys, signer)
		}
	}
	if useAgent {
		if strings.TrimSpace(agent) == "" {
			errs = append(errs, errors.New("ssh_agent_auth is set, and there is no agent: SSH_AUTH_SOCK names none"))
		}
		a.Agent = agent
	}
	return a, errs
}
