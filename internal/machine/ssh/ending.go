package ssh

import (
	"errors"
	"io"
	"strings"
	"sync"
)

// ending reads what r holds and then the text end, unless r fails.
type ending struct {
	r    io.Reader
	end  string
	last *strings.Reader // once r has ended

	mu  sync.Mutex // failed is asked while a read may be under way
	err error      // of r
}

func (e *ending) Read(p []byte) (int, error) {
	if e.last != nil {
		return e.last.Read(p)
	}
	n, err := e.r.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		e.last = strings.NewReader(e.end)
		if n > 0 {
			return n, nil
		}
		return e.last.Read(p)
	case err != nil:
		e.mu.Lock()
		e.err = err
		e.mu.Unlock()
	}
	return n, err
}

// failed returns why r could not be read to its end.
func (e *ending) failed() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}
