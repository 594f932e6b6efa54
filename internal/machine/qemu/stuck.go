package qemu

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// stuck tells that a machine is of no use any more, since this host cannot do what it has
// asked for.
type stuck struct {
	is   chan struct{} // closed when it does
	once sync.Once
	why  error // for who has seen that is is closed
}

// diskError takes what QEMU tells of an error of a disk. It stops a machine whose disk could
// not grow, which would else be taken for one that does not answer.
func (s *stuck) diskError(data json.RawMessage) {
	var said struct {
		Action  string `json:"action"`
		NoSpace bool   `json:"nospace"`
		Reason  string `json:"reason"`
	}
	if json.Unmarshal(data, &said) != nil || said.Action != "stop" {
		return
	}
	why := errors.New(said.Reason)
	if said.NoSpace {
		why = unix.ENOSPC
	}
	s.tell(fmt.Errorf("the machine stands still: its disk cannot be written here: %w", why))
}

// damagedDisk takes what QEMU tells of a disk that makes no sense to it. To the machine it is a
// drive that has failed.
func (s *stuck) damagedDisk(data json.RawMessage) {
	var said struct {
		Text string `json:"msg"`
	}
	if json.Unmarshal(data, &said) == nil {
		s.tell(fmt.Errorf("a disk of the machine, or a layer below it, is damaged (%s): the next build makes a damaged layer anew", said.Text))
	}
}

func (s *stuck) tell(why error) {
	s.once.Do(func() {
		s.why = why
		close(s.is)
	})
}
