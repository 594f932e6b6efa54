package qemu

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	gossh "golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/ssh"
)

// makeKey gives the key that is used where the template names none. What installs the
// machine learns its public half by {{.SSHPublicKey}}; whether it makes use of it is the
// template's affair. nil where there is a key, or no SSH.
func (b *Builder) makeKey() (*temporaryKey, error) {
	c := b.c.SSH
	if b.c.Choice(connect.Rules{}) != connect.UseSSH || c.AgentAuth {
		return nil, nil
	}
	if c.PrivateKeyFile != "" {
		signer, err := ssh.ReadKey(c.PrivateKeyFile)
		if err != nil {
			return nil, err
		}
		return &temporaryKey{public: authorized(signer, "")}, nil
	}
	return b.places.homeKey(c.KeyType, c.KeyBits)
}

// authorized is a key as a line of authorized_keys, without its end. Sealing removes the
// lines that hold the mark of temporary things.
func authorized(s gossh.Signer, comment string) string {
	line := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(s.PublicKey())))
	return strings.TrimSpace(line + " " + comment)
}

// usualKey is a kind of key that is made at once and that every server of the last ten
// years takes.
const usualKey = "ed25519"

// generate makes a private key, of the usual kind unless one is named.
func generate(kind string, bits int) (crypto.Signer, error) {
	switch kind {
	case "", usualKey:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "rsa":
		if bits == 0 {
			bits = 4096
		}
		return rsa.GenerateKey(rand.Reader, bits)
	case "ecdsa":
		curve, ok := map[int]elliptic.Curve{0: elliptic.P521(), 256: elliptic.P256(), 384: elliptic.P384(), 521: elliptic.P521()}[bits]
		if !ok {
			return nil, fmt.Errorf("there is no ecdsa key of %d bits", bits)
		}
		return ecdsa.GenerateKey(curve, rand.Reader)
	}
	return nil, errors.New("temporary_key_pair_type: keys of type " + kind + " are too weak to be made: use ed25519, ecdsa or rsa")
}
