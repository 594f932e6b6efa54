package tree

import (
	"crypto/sha256"
	"io"
	"runtime"
	"sync"
)

// chunkSize is what one goroutine compresses at a time: large enough to lose
// little against one long stream, small enough that all chunks in flight together
// stay below 15 MB.
const chunkSize = 1 << 20

// chunkWriter cuts a stream into chunks, turns each into other bytes on several
// processors at once, and writes the results in order. The same stream gives
// the same bytes, whatever the number of processors.
type chunkWriter struct {
	cur    *chunk
	free   chan *chunk
	work   chan *chunk
	order  chan *chunk
	wg     sync.WaitGroup
	done   chan struct{} // closed when the last chunk was written
	err    error         // of the sink; read after done
	failed chan struct{} // closed on the first error
}

type chunk struct {
	in, out []byte
	sum     [sha256.Size]byte // of in, where the transform takes it
	last    bool
	ready   chan struct{}
}

// transform makes of a chunk's in its out, which is empty. It is used by one goroutine.
type transform func(c *chunk)

// newChunkWriter returns a writer whose Close must be called in any case. The
// sink is called from one goroutine, in order, with each chunk before and after.
func newChunkWriter(open func() transform, sink func(c *chunk) error) *chunkWriter {
	workers := min(runtime.GOMAXPROCS(0), 4)
	inFlight := workers + 2
	w := &chunkWriter{
		free:   make(chan *chunk, inFlight),
		work:   make(chan *chunk, inFlight),
		order:  make(chan *chunk, inFlight),
		done:   make(chan struct{}),
		failed: make(chan struct{}),
	}
	for range inFlight {
		w.free <- &chunk{}
	}
	for range workers {
		w.wg.Go(func() {
			t := open()
			for c := range w.work {
				c.out = c.out[:0]
				t(c)
				close(c.ready)
			}
		})
	}
	w.wg.Go(func() {
		defer close(w.done)
		for c := range w.order {
			<-c.ready
			if w.err == nil {
				if w.err = sink(c); w.err != nil {
					close(w.failed)
				}
			}
			w.free <- c
		}
	})
	return w
}

func (w *chunkWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		c := w.room()
		k := min(len(p), chunkSize-len(c.in))
		c.in = append(c.in, p[:k]...)
		p = p[k:]
		if len(c.in) == chunkSize {
			w.send(false)
		}
	}
	select {
	case <-w.failed:
		return 0, w.err
	default:
	}
	return n, nil
}

// ReadFrom reads straight into the chunks.
func (w *chunkWriter) ReadFrom(r io.Reader) (n int64, err error) {
	for {
		c := w.room()
		k, err := r.Read(c.in[len(c.in):chunkSize])
		c.in = c.in[:len(c.in)+k]
		n += int64(k)
		if len(c.in) == chunkSize {
			w.send(false)
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		select {
		case <-w.failed:
			return n, w.err
		default:
		}
	}
}

// cut ends the chunk that is being filled.
func (w *chunkWriter) cut() {
	if w.cur != nil && len(w.cur.in) > 0 {
		w.send(false)
	}
}

func (w *chunkWriter) room() *chunk {
	if w.cur == nil {
		w.cur = <-w.free
		if w.cur.in == nil {
			w.cur.in = make([]byte, 0, chunkSize)
			w.cur.out = make([]byte, 0, chunkSize+chunkSize/32) // more than content that does not compress becomes
		}
		w.cur.in, w.cur.ready = w.cur.in[:0], make(chan struct{})
	}
	return w.cur
}

func (w *chunkWriter) send(last bool) {
	c := w.cur
	c.last, w.cur = last, nil
	w.order <- c
	w.work <- c
}

// Close writes what is left and waits for it.
func (w *chunkWriter) Close() error {
	w.room()
	w.send(true)
	close(w.order)
	close(w.work)
	w.wg.Wait()
	return w.err
}
