package qemu

import (
	"encoding/base64"
	"fmt"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
)

// trialKey makes a key for one boot.
func trialKey() (*temporaryKey, error) {
	private, err := generate("", 0)
	if err != nil {
		return nil, fmt.Errorf("make a key for one boot: %w", err)
	}
	signer, err := gossh.NewSignerFromKey(private)
	if err != nil {
		return nil, fmt.Errorf("make a key for one boot: %w", err)
	}
	return &temporaryKey{signer: signer, public: authorized(signer, machine.Marker)}, nil
}

// credentials tell systemd in a machine, by its firmware's tables, to let a user log in with
// the key, whose home is where homes are. The image holds nothing of it before.
// systemd leaves alone a file of keys that the image has; so the key gets into the
// second one that sshd reads.
func (k *temporaryKey) credentials(user string) []string {
	encoded := base64.StdEncoding.EncodeToString([]byte(k.public + "\n"))
	home := "/home/" + user
	if user == "root" {
		home = "/root"
	}
	files := fmt.Sprintf("d %[1]s/.ssh 0700 %[2]s - -\nf+~ %[1]s/.ssh/authorized_keys2 0600 %[2]s - - %[3]s\n", home, user, encoded)
	arguments := credential("tmpfiles.extra", files)
	if user == "root" {
		arguments = append(arguments, credential("ssh.authorized_keys.root", k.public+"\n")...)
	}
	return arguments
}

// rootsKey changes options so that root logs in with the key of one boot.
func rootsKey(c *Config) {
	port, keepAlive := c.SSH.Port, c.SSH.KeepAlive
	c.Config = connect.Config{}
	c.SSH.Port, c.SSH.KeepAlive, c.SSH.Username = port, keepAlive, "root"
	c.SSH.FileTransferMethod = "scp"
	c.SSH.HandshakeAttempts = rootsLogins
}

// rootsLogins is how many refusals are borne: services that come up may restart sshd.
const rootsLogins = 10

// wayIn says what a machine needs for somebody to get in.
func (b *Builder) wayIn() string {
	without := "set prove_boot = false"
	if b.visited {
		without = "look at its serial console"
	}
	if b.port {
		return "it is looked into by a serial port that systemd and udev are told of by its firmware: its image needs systemd 252 or newer, udev, " +
			"and a kernel with virtio_console; without them " + without
	}
	if c := b.c; c.SSH.Username == "root" && c.SSH.HandshakeAttempts == rootsLogins && c.SSH.Password == "" && c.SSH.PrivateKeyFile == "" {
		return "it is looked into by SSH, as root with a key that its firmware gives it: its image needs an SSH server that lets root log in with keys, " +
			"a network configuration with DHCP, and systemd 252 or newer; without them " + without
	}
	return "it is looked into by the options of its communicator; if they do not work for a machine that starts from the disk " + without
}
