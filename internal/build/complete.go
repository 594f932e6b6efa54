package build

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// completion is what becomes of an image while gate 2 goes on: it is brought to the disk,
// and so are those forms of it that the gate does not start, once they are made. Exactly
// one of wait and abandon is called.
type completion struct {
	r    *runner
	gate context.Context // of gate 2: it ends when the image cannot be completed
	end  context.CancelCauseFunc
	done chan struct{} // closed when nothing goes on any more

	// Read after done.
	img    image.Image
	step   *ReportStep // nil when there was nothing to make
	failed error       // to make it
	synced error
}

// complete begins. The machine is taken from s, and closed.
func (r *runner) complete(ctx context.Context, s *state, img image.Image) *completion {
	c := &completion{r: r, img: img, done: make(chan struct{})}
	c.gate, c.end = context.WithCancelCause(ctx)
	m, more := s.m.(machine.Completer)
	more = more && m.Incomplete(img)
	if !more {
		s.close(ctx) // at once: gate 2 may need its room
	}
	taken, free := s.give()
	go func() {
		defer close(c.done)
		onDisk := make(chan error, 1)
		go func() { onDisk <- img.Sync() }() // gate 2 reads what the disk is still writing
		if more {
			if c.failed = c.make(m); c.failed != nil {
				c.end(c.failed)
			}
			r.closeMachine(ctx, taken)
			free()
		}
		c.synced = <-onDisk // gate 2 tells better what is wrong with what it starts
		if more && c.failed == nil && c.synced == nil {
			c.synced = c.img.Sync()
		}
	}()
	return c
}

// make makes the other forms.
func (c *completion) make(m machine.Completer) error {
	began := time.Now()
	env := c.r.env()
	env.Output = c.r.output
	img, err := m.Complete(c.gate, c.img, env)
	if err != nil {
		err = fmt.Errorf("capture: %w", err)
	} else {
		c.img = img
	}
	took := time.Since(began)
	c.step = &ReportStep{Kind: kindCapture, Name: "other forms", Start: began.Sub(c.r.started), Took: took, Cost: took, Error: c.r.masked(err)}
	return err
}

// wait returns the whole image, which is on disk.
func (c *completion) wait() (image.Image, error) {
	<-c.done
	c.end(nil)
	if c.step != nil {
		c.r.report.Steps = append(c.r.report.Steps, *c.step)
	}
	c.r.report.Size = c.img.Size
	return c.img, errors.Join(c.failed, c.synced)
}

// abandon ends what goes on, because gate 2 ended with an error, and returns the one that
// came first.
func (c *completion) abandon(err error) error {
	c.end(err) // it keeps the cause that it has
	_, _ = c.wait()
	if c.failed != nil && errors.Is(context.Cause(c.gate), c.failed) {
		return c.failed
	}
	return err
}
