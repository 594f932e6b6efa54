package qemu

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	gossh "golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh"
)

// homeKey is the key of a kind that all builds of this home use where the template names
// none: a machine that comes from a layer knows it from the build that made the layer. The
// first one makes it.
func (p places) homeKey(kind string, bits int) (*temporaryKey, error) {
	key, err := p.readOrMakeKey(kind, bits)
	if err != nil {
		return nil, fmt.Errorf("make the SSH key for builds: %w", err)
	}
	return key, nil
}

func (p places) readOrMakeKey(kind string, bits int) (*temporaryKey, error) {
	dir := filepath.Join(p.state, "keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close() // which lets the lock go
	if err := lock(d); err != nil {
		return nil, err
	}
	if kind == "" {
		kind = usualKey
	}
	name := kind
	if bits != 0 {
		name = fmt.Sprintf("%s-%d", kind, bits)
	}
	file := filepath.Join(dir, name)
	_, err = os.Lstat(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = makeKeyFile(file, kind, bits)
	}
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ReadKey(file)
	if err != nil {
		return nil, err
	}
	return &temporaryKey{signer: signer, public: authorized(signer, machine.Marker), file: file}, nil
}

// lock waits for an open directory, which one process has at a time.
func lock(d *os.File) error {
	for {
		if err := unix.Flock(int(d.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// makeKeyFile writes a new private key, in one step.
func makeKeyFile(file, kind string, bits int) error {
	private, err := generate(kind, bits)
	if err != nil {
		return err
	}
	block, err := gossh.MarshalPrivateKey(private, machine.Marker)
	if err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(file), ".new-") // 0600
	if err != nil {
		return err
	}
	_, err = part.Write(pem.EncodeToMemory(block))
	if err = errors.Join(err, part.Sync(), part.Close()); err == nil {
		err = os.Rename(part.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return nil
}
