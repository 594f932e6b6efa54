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
	key, err := readKey(path, nil)
	var locked *lockedError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("read key %s: it has a passphrase; remove that, or use the agent", path)
	}
	return key, err
}

// lockedError is a key with a passphrase that nobody gave.
type lockedError struct {
	path   string
	public ssh.PublicKey // nil when that is locked too
}

func (e *lockedError) Error() string {
	return fmt.Sprintf("key %s has a passphrase: add it to the agent with ssh-add", e.path)
}

// readKey reads a private key in any form that OpenSSH writes, and asks for its
// passphrase where it has one. The error is a *lockedError when there is nobody to ask.
func readKey(path string, passphrase func(file string) ([]byte, error)) (ssh.Signer, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePrivateKey(data)
	var missing *ssh.PassphraseMissingError
	switch {
	case err == nil:
		return key, nil
	case !errors.As(err, &missing):
		return nil, fmt.Errorf("read key %s: it is no private key", path)
	case passphrase == nil:
		return nil, &lockedError{path, publicHalf(path, missing.PublicKey)}
	}
	phrase, err := passphrase(path)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	if key, err = ssh.ParsePrivateKeyWithPassphrase(data, phrase); err != nil {
		return nil, fmt.Errorf("read key %s: the passphrase is wrong", path)
	}
	return key, nil
}

// publicHalf is the public key of a locked file: known from it, or in the file beside.
func publicHalf(path string, known ssh.PublicKey) ssh.PublicKey {
	if known != nil {
		return known
	}
	data, err := readFile(path + ".pub")
	if err != nil {
		return nil
	}
	public, _, _, _, err := ssh.ParseAuthorizedKey(data)
	if err != nil {
		return nil
	}
	return public
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
	path, err := expandHome(path)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// expandHome replaces a ~ in front by the home directory.
func expandHome(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && rest[0] != '/' {
		return path, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("expand %s: %w", path, err)
	}
	return filepath.Join(home, rest), nil
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
