package provision

import (
	"io"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// outputs are where a command's two streams go. The log tells them apart where it can.
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
