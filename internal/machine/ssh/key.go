package ssh

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/template"
)

// ReadKey reads a private key without a passphrase. A ~ in front stands for the home
// directory.
func ReadKey(path string) (ssh.Signer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, fmt.Errorf("read key %s: it has a passphrase; remove that, or use the agent", path)
	case err != nil:
		return nil, fmt.Errorf("read key %s: it is no private key", path)
	}
	return key, nil
}

// ReadCertifiedKey reads a private key and its user certificate.
func ReadCertifiedKey(key ssh.Signer, path string) (ssh.Signer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", path, err)
	}
	cert, ok := public.(*ssh.Certificate)
	if !ok {
		return nil, fmt.Errorf("read certificate %s: it is a plain public key", path)
	}
	signer, err := ssh.NewCertSigner(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", path, err)
	}
	return signer, nil
}

func readFile(path string) ([]byte, error) {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/') {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("expand %s: %w", path, err)
		}
		path = filepath.Join(home, rest)
	}
	return os.ReadFile(path)
}

// checkKeyFiles reads a key and, when there is one, its certificate.
func checkKeyFiles(keyOption, key, certOption, cert string) error {
	signer, err := ReadKey(key)
	if err != nil {
		return template.At(keyOption, err)
	}
	if cert != "" {
		_, err = ReadCertifiedKey(signer, cert)
	}
	return template.At(certOption, err)
}

func (k TemporaryKey) check() error {
	sizes := map[string][]int{"": nil, "rsa": nil, "ed25519": nil, "ecdsa": {256, 384, 521}, "dsa": {1024, 2048, 3072}}
	wanted, ok := sizes[k.KeyType]
	switch {
	case !ok:
		return template.At("temporary_key_pair_type", fmt.Errorf("%q is not known: use rsa, ecdsa, ed25519 or dsa", k.KeyType))
	case k.KeyBits == 0:
	case wanted != nil && !slices.Contains(wanted, k.KeyBits):
		return template.At("temporary_key_pair_bits", fmt.Errorf("an %s key has %d, %d or %d bits, not %d", k.KeyType, wanted[0], wanted[1], wanted[2], k.KeyBits))
	case k.KeyType != "ed25519" && k.KeyBits < 1024 && wanted == nil:
		return template.IfKnown(template.At("temporary_key_pair_bits", fmt.Errorf("an rsa key has 1024 bits or more, not %d", k.KeyBits)), "temporary_key_pair_type")
	}
	return nil
}
