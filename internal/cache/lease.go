package cache

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"golang.org/x/sys/unix"
)

// Lease takes the one lease of a key, waiting while another goroutine or process
// holds it; when the holder dies, a waiter takes over. waiting, when not nil, is
// called once if there is a wait. The caller looks up the key again under the
// lease before building the layer. release may be called twice.
//
// A lease does not nest: whoever asks again for what it holds waits for itself.
func (s *Store) Lease(ctx context.Context, key Key, waiting func()) (release func(), err error) {
	l, err := s.lockFile("leases", key, unix.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("lease layer %s: %w", key, err)
	}
	if err := l.wait(ctx, waiting); err != nil {
		return nil, fmt.Errorf("lease layer %s: %w", key, err)
	}
	return sync.OnceFunc(l.remove), nil
}

// Hold protects a key and its ancestors from pruning while a build stands on
// them, by this or another process, until release or the process's end. The
// order is Hold, then Lookup: what is found under the hold stays. release may be
// called twice.
func (s *Store) Hold(key Key) (release func(), err error) {
	// A hold on a leaf is enough for its ancestors: only leaves are pruned.
	l, err := s.lockFile("holds", key, unix.LOCK_SH)
	if err != nil {
		return nil, fmt.Errorf("hold layer %s: %w", key, err)
	}
	if err := l.take(); err != nil {
		return nil, fmt.Errorf("hold layer %s: %w", key, err)
	}
	return sync.OnceFunc(l.close), nil
}

func (s *Store) lockFile(sort string, key Key, how int) (*lock, error) {
	digits, err := key.hex()
	if err != nil {
		return nil, err
	}
	if err := s.mkdir(sort); err != nil {
		return nil, err
	}
	return &lock{path: filepath.Join(s.dir, sort, digits), how: how}, nil
}
