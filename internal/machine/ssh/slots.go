package ssh

import (
	"context"
	"sync"
	"time"
)

// How long a server may refuse a channel while no other of ours is open, and how often
// it is asked.
const (
	slotPatience = 10 * time.Second
	slotPause    = 50 * time.Millisecond
)

// slots counts the open channels of a connection. Servers bound them (MaxSessions) and
// say so only by refusing one more; from then on that many is the limit.
type slots struct {
	mu    sync.Mutex
	used  int
	limit int           // 0: not known
	freed chan struct{} // closed and replaced when used falls
}

// take waits for a free slot, and returns how many are taken now.
func (s *slots) take(ctx context.Context, gone <-chan struct{}) (int, error) {
	for {
		s.mu.Lock()
		if s.limit == 0 || s.used < s.limit {
			s.used++
			n := s.used
			s.mu.Unlock()
			return n, nil
		}
		if s.freed == nil {
			s.freed = make(chan struct{})
		}
		freed := s.freed
		s.mu.Unlock()
		select {
		case <-freed:
		case <-gone:
			return 0, errNoChannel
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// give frees a slot. When the server refused it, the others are all that it takes.
func (s *slots) give(refused bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used--
	if refused && s.used > 0 && (s.limit == 0 || s.used < s.limit) {
		s.limit = s.used
	}
	if s.freed != nil {
		close(s.freed)
		s.freed = nil
	}
}
