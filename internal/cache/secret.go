package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

const homeKeySize = 32

// homeSecret keeps the home's key once it was read.
type homeSecret struct {
	mu  sync.Mutex
	key []byte
}

// Keyed returns the keyed digest of a sensitive value, as AddSecret adds it: it
// can be compared with others of this home, and tells nothing elsewhere.
func (s *Store) Keyed(name, value string) (string, error) {
	key, err := s.homeKey()
	if err != nil {
		return "", fmt.Errorf("digest sensitive value %s: %w", name, err)
	}
	return keyed(key, name, value), nil
}

// homeKey returns the home's key, making it the first time that a home needs one.
func (s *Store) homeKey() ([]byte, error) {
	s.secret.mu.Lock()
	defer s.secret.mu.Unlock()
	if s.secret.key != nil {
		return s.secret.key, nil
	}
	key, err := s.readHomeKey()
	if errors.Is(err, fs.ErrNotExist) {
		err = s.change(func() error {
			// Another process may have been faster.
			if key, err = s.readHomeKey(); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			key = make([]byte, homeKeySize)
			rand.Read(key)
			return s.place(s.homeKeyPath(), key, s.o.Now())
		})
	}
	if err != nil {
		return nil, fmt.Errorf("get key of this home: %w", err)
	}
	s.secret.key = key
	return key, nil
}

func (s *Store) homeKeyPath() string { return filepath.Join(s.dir, "secret.key") }

func (s *Store) readHomeKey() ([]byte, error) {
	key, err := os.ReadFile(s.homeKeyPath())
	if err == nil && len(key) != homeKeySize {
		return nil, fmt.Errorf("%s has %d bytes instead of %d: remove it, and steps with sensitive values run again once",
			s.homeKeyPath(), len(key), homeKeySize)
	}
	return key, err
}
