package provision

import (
	"io"
	"os"
	"sync"
)

// streams copies what a program writes from pipes. The zero value has none.
type streams struct {
	pipes  []pipe
	copied chan struct{} // closed when every writer's end is closed, and all was copied
	all    sync.WaitGroup
}

type pipe struct {
	read, write *os.File
	to          io.Writer
}

// add returns the writer's end of another pipe, for the program alone.
func (s *streams) add(to io.Writer) (*os.File, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.pipes = append(s.pipes, pipe{r, w, to})
	return w, nil
}

// begin copies. The program has its ends by now, so that ours can go.
func (s *streams) begin() {
	s.copied = make(chan struct{})
	for _, p := range s.pipes {
		p.write.Close()
		s.all.Go(func() { _, _ = io.Copy(p.to, p.read) }) // ends when the pipe does, or close
	}
	go func() {
		defer close(s.copied)
		s.all.Wait()
	}()
}

// close ends the copying, whoever still holds a pipe open, and waits until it has
// ended.
func (s *streams) close() {
	for _, p := range s.pipes {
		p.read.Close()
		p.write.Close()
	}
	s.all.Wait()
}
