// Package ssh is the SSH communicator: its options, and what they must keep to.
package ssh

import (
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is the ssh_ options of a source. Its zero values stand for what the methods
// say; Check tells what is wrong with it.
type Config struct {
	Host               string        `opt:"ssh_host" doc:"Address to connect to, instead of the one that the builder finds."`
	Port               int           `opt:"ssh_port" default:"22" doc:"Port to connect to."`
	Username           string        `opt:"ssh_username" doc:"User to log in as."`
	Password           string        `opt:"ssh_password" doc:"Password to log in with; also given as the answer to keyboard-interactive questions."`
	PrivateKeyFile     string        `opt:"ssh_private_key_file" doc:"Private key to log in with: a file in PEM or OpenSSH form, without a passphrase."`
	CertificateFile    string        `opt:"ssh_certificate_file" doc:"User certificate that belongs to the private key."`
	AgentAuth          bool          `opt:"ssh_agent_auth" doc:"Log in with the keys of the running SSH agent."`
	KeypairName        string        `opt:"ssh_keypair_name" doc:"Key pair that the platform already has; give the private key as well, or use the agent."`
	DisableForwarding  bool          `opt:"ssh_disable_agent_forwarding" doc:"Do not offer the local agent to the machine."`
	ClearKeys          bool          `opt:"ssh_clear_authorized_keys" doc:"Remove the temporary key from the authorized keys of the user and of root at the end."`
	Ciphers            []string      `opt:"ssh_ciphers" doc:"Ciphers to offer, instead of the usual ones."`
	KeyExchanges       []string      `opt:"ssh_key_exchange_algorithms" doc:"Key exchange algorithms to offer, instead of the usual ones."`
	PTY                bool          `opt:"ssh_pty" doc:"Run commands with a terminal."`
	Timeout            time.Duration `opt:"ssh_timeout" doc:"How long to wait until the machine can be reached; 5m when ssh_handshake_attempts is not given either."`
	WaitTimeout        time.Duration `opt:"ssh_wait_timeout" doc:"Old name of ssh_timeout."`
	HandshakeAttempts  int           `opt:"ssh_handshake_attempts" doc:"How many refused logins to bear; 10 when ssh_timeout is not given either, else any number."`
	KeepAlive          time.Duration `opt:"ssh_keep_alive_interval" default:"5s" doc:"How often to show the machine that the connection lives; a negative one is never."`
	ReadWriteTimeout   time.Duration `opt:"ssh_read_write_timeout" doc:"How long a command may be silent before its connection counts as lost; no limit when not given."`
	FileTransferMethod string        `opt:"ssh_file_transfer_method" default:"scp" doc:"How files move: scp or sftp."`
	RemoteTunnels      []string      `opt:"ssh_remote_tunnels" doc:"Ports of the machine that lead to services this host can reach, each as port:host:port."`
	LocalTunnels       []string      `opt:"ssh_local_tunnels" doc:"Ports of this host that lead to services the machine can reach, each as port:host:port."`

	Bastion
	Proxy
	TemporaryKey
}

// Bastion is a host to connect through; it counts when BastionHost is given.
type Bastion struct {
	BastionHost            string `opt:"ssh_bastion_host" doc:"Host to connect through."`
	BastionPort            int    `opt:"ssh_bastion_port" default:"22" doc:"Port of the bastion."`
	BastionUsername        string `opt:"ssh_bastion_username" doc:"User to log in as on the bastion."`
	BastionPassword        string `opt:"ssh_bastion_password" doc:"Password for the bastion."`
	BastionAgentAuth       bool   `opt:"ssh_bastion_agent_auth" doc:"Log in to the bastion with the keys of the running SSH agent."`
	BastionInteractive     bool   `opt:"ssh_bastion_interactive" doc:"Answer keyboard-interactive questions of the bastion."`
	BastionPrivateKeyFile  string `opt:"ssh_bastion_private_key_file" doc:"Private key for the bastion; ssh_private_key_file when not given."`
	BastionCertificateFile string `opt:"ssh_bastion_certificate_file" doc:"User certificate that belongs to the bastion's private key."`
}

// Proxy is a SOCKS5 proxy to connect through; it counts when ProxyHost is given.
type Proxy struct {
	ProxyHost     string `opt:"ssh_proxy_host" doc:"SOCKS5 proxy to connect through."`
	ProxyPort     int    `opt:"ssh_proxy_port" default:"1080" doc:"Port of the proxy."`
	ProxyUsername string `opt:"ssh_proxy_username" doc:"User of the proxy."`
	ProxyPassword string `opt:"ssh_proxy_password" doc:"Password for the proxy."`
}

// TemporaryKey is the key that a build makes for itself when the template gives no
// other way to log in.
type TemporaryKey struct {
	KeyName string `opt:"temporary_key_pair_name" doc:"Name of the temporary key pair; packer_ and a UUID when not given."`
	KeyType string `opt:"temporary_key_pair_type" doc:"Type of the temporary key: rsa, ecdsa, ed25519 or dsa."`
	KeyBits int    `opt:"temporary_key_pair_bits" doc:"Length of the temporary key: 4096 for rsa; 256, 384 or 521 for ecdsa."`
}

const (
	bySCP  = "scp"
	bySFTP = "sftp"
)

const (
	defaultTimeout  = 5 * time.Minute
	defaultAttempts = 10
)

// Limits says how long to try to connect, and how many refused logins to bear. Zero
// is no limit.
func (c Config) Limits() (timeout time.Duration, attempts int) {
	timeout = c.Timeout
	if c.WaitTimeout != 0 {
		timeout = c.WaitTimeout
	}
	if timeout == 0 && c.HandshakeAttempts == 0 {
		return defaultTimeout, defaultAttempts
	}
	return timeout, c.HandshakeAttempts
}

// BastionKey is the private key and the certificate for the bastion.
func (c Config) BastionKey() (key, certificate string) {
	if c.BastionPrivateKeyFile == "" {
		return c.PrivateKeyFile, c.CertificateFile
	}
	return c.BastionPrivateKeyFile, c.BastionCertificateFile
}

// Check reports all that is wrong with the options, each by template.At. It reads the
// key files. That the user is missing is for the caller to say: some builders know one.
func (c Config) Check() error {
	return errors.Join(
		c.checkKeys(),
		c.checkBastion(),
		c.checkTransfer(),
		checkTunnels("ssh_remote_tunnels", c.RemoteTunnels),
		checkTunnels("ssh_local_tunnels", c.LocalTunnels),
		checkPort("ssh_port", c.Port),
		c.TemporaryKey.check(),
	)
}

func (c Config) checkKeys() error {
	if c.PrivateKeyFile == "" {
		if c.CertificateFile != "" {
			return template.IfKnown(template.At("ssh_certificate_file",
				errors.New("a certificate needs its key: give ssh_private_key_file too")), "ssh_private_key_file")
		}
		return nil
	}
	return checkKeyFiles("ssh_private_key_file", c.PrivateKeyFile, "ssh_certificate_file", c.CertificateFile)
}

func (c Config) checkBastion() error {
	var errs []error
	if c.BastionPrivateKeyFile == "" && c.BastionCertificateFile != "" {
		errs = append(errs, template.IfKnown(template.At("ssh_bastion_certificate_file",
			errors.New("a certificate needs its key: give ssh_bastion_private_key_file too")), "ssh_bastion_private_key_file"))
	}
	if c.BastionHost == "" {
		return errors.Join(errs...)
	}
	if c.ProxyHost != "" {
		errs = append(errs, template.At("ssh_proxy_host", errors.New("excludes ssh_bastion_host: connect through one of them")))
	}
	errs = append(errs, checkPort("ssh_bastion_port", c.BastionPort))
	key, _ := c.BastionKey()
	switch {
	case c.BastionPrivateKeyFile != "":
		errs = append(errs, checkKeyFiles("ssh_bastion_private_key_file", c.BastionPrivateKeyFile, "ssh_bastion_certificate_file", c.BastionCertificateFile))
	case key == "" && c.BastionPassword == "" && !c.BastionAgentAuth:
		errs = append(errs, template.IfKnown(template.At("ssh_bastion_host",
			errors.New("a bastion needs ssh_bastion_password, ssh_bastion_private_key_file or ssh_bastion_agent_auth")),
			"ssh_bastion_password", "ssh_bastion_private_key_file", "ssh_bastion_agent_auth", "ssh_private_key_file"))
	}
	return errors.Join(errs...)
}

func (c Config) checkTransfer() error {
	if m := c.FileTransferMethod; m != "" && m != bySCP && m != bySFTP {
		return template.At("ssh_file_transfer_method", fmt.Errorf("%q is not known: use %s or %s", m, bySCP, bySFTP))
	}
	return nil
}

func checkPort(option string, port int) error {
	if port < 0 || port > 65535 {
		return template.At(option, fmt.Errorf("%d is no port: ports are 1 to 65535", port))
	}
	return nil
}
