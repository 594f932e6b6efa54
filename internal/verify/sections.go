package verify

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// longestEnd bounds what follows a mark in its line.
const longestEnd = 64

// section is what one command printed on one stream.
type section struct {
	data   []byte
	cut    bool // there was more
	status int
	took   time.Duration // from the end of the section before
}

// sections cuts a stream at lines that begin with a mark nobody else can know. Any
// bytes may stand between. It is safe for concurrent use.
type sections struct {
	mark []byte

	mu    sync.Mutex
	rest  []byte // not looked at yet: it may hold the beginning of a mark
	open  section
	since time.Time
	ended map[int]*section
}

func newSections(mark string) *sections {
	return &sections{mark: []byte(mark + " "), ended: map[int]*section{}, since: time.Now()}
}

// section returns a section that has ended; nil for another.
func (s *sections) section(n int) *section {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended[n]
}

// Write implements io.Writer.
func (s *sections) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = append(s.rest, p...)
	for {
		i := bytes.Index(s.rest, s.mark)
		if i < 0 {
			s.take(max(0, len(s.rest)-len(s.mark)+1))
			return len(p), nil
		}
		end := bytes.IndexByte(s.rest[i:], '\n')
		if end < 0 && len(s.rest)-i < len(s.mark)+longestEnd {
			s.take(i)
			return len(p), nil
		}
		if end < 0 || end > len(s.mark)+longestEnd { // nothing of ours
			s.take(i + len(s.mark))
			continue
		}
		s.take(i)
		s.end(string(s.rest[len(s.mark):end]))
		s.rest = s.rest[end+1:]
	}
}

// take moves n bytes into the open section.
func (s *sections) take(n int) {
	keep := min(n, probe.MaxBlob-len(s.open.data))
	s.open.data = append(s.open.data, s.rest[:keep]...)
	s.open.cut = s.open.cut || keep < n
	s.rest = append(s.rest[:0], s.rest[n:]...)
}

// end closes the open section by what its mark says: number and status.
func (s *sections) end(text string) {
	var n int
	done := s.open
	s.open = section{}
	if _, err := fmt.Sscanf(text, "%d %d", &n, &done.status); err != nil {
		return
	}
	done.took, s.since = time.Since(s.since), time.Now()
	s.ended[n] = &done
}
