package qemu

import (
	"encoding/json"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// stuck tells that a machine stands still, since this host cannot do what it has asked for.
type stuck struct {
	is   chan struct{} // closed when it does
	once sync.Once
	why  error // for who has seen that is is closed
}

// event takes what QEMU tells of an error of a disk. It stops a machine whose disk could not
// grow, which would else be taken for one that does not answer.
func (s *stuck) event(data json.RawMessage) {
	var said struct {
		Action  string `json:"action"`
		NoSpace bool   `json:"nospace"`
		Reason  string `json:"reason"`
	}
	if json.Unmarshal(data, &said) != nil || said.Action != "stop" {
		return
	}
	s.once.Do(func() {
		s.why = fmt.Errorf("the machine stands still: its disk cannot be written here: %s", said.Reason)
		if said.NoSpace {
			s.why = fmt.Errorf("the machine stands still: its disk cannot be written here: %w", unix.ENOSPC)
		}
		close(s.is)
	})
}
