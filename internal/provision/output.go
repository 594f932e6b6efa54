package provision

import (
	"io"
	"sync"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// locked takes a command's two streams as one.
type locked struct {
	mu sync.Mutex
	w  io.WriteCloser
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func (l *locked) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Close()
}

// outputs are where the two streams of a command of this host go. The log tells them
// apart where it can.
type outputs struct{ out, err io.WriteCloser }

func newOutputs(log machine.Log) outputs {
	o := outputs{out: log.Output()}
	if e, ok := log.(machine.ErrorLog); ok {
		o.err = e.ErrorOutput()
	} else {
		o.err = log.Output()
	}
	return o
}

// Close flushes what is unfinished. Output of a build cannot fail.
func (o outputs) Close() {
	o.out.Close()
	o.err.Close()
}
