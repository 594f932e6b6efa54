package disk

import (
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// packer compresses clusters on all processors, and places them in the order in which they
// came.
type packer struct {
	place func(index int64, data, packed []byte) error
	free  chan *packing
	work  chan *packing
	order chan *packing
	once  sync.Once
	wg    sync.WaitGroup
	mu    sync.Mutex
	err   error // the first of place
}

type packing struct {
	index        int64
	data, packed []byte
	done         chan struct{}
}

// newPacker begins to wait for clusters. place is called by one goroutine, and not after an
// error of its own.
func newPacker(place func(index int64, data, packed []byte) error) *packer {
	workers := runtime.GOMAXPROCS(0)
	inFlight := 8 * workers
	p := &packer{place: place, free: make(chan *packing, inFlight), work: make(chan *packing, inFlight), order: make(chan *packing, inFlight)}
	for range inFlight {
		p.free <- &packing{data: make([]byte, clusterSize), done: make(chan struct{}, 1)}
	}
	for range workers {
		p.wg.Go(func() {
			// Only options that are constant here: it cannot fail.
			enc, _ := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
				zstd.WithWindowSize(clusterSize), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true))
			for c := range p.work {
				c.packed = enc.EncodeAll(c.data, c.packed[:0])
				c.done <- struct{}{}
			}
		})
	}
	p.wg.Go(func() {
		for c := range p.order {
			<-c.done
			if p.failed() == nil {
				if err := p.place(c.index, c.data, c.packed); err != nil {
					p.mu.Lock()
					p.err = err
					p.mu.Unlock()
				}
			}
			p.free <- c
		}
	})
	return p
}

func (p *packer) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// add takes a copy of a cluster.
func (p *packer) add(index int64, data []byte) error {
	c := <-p.free
	c.index = index
	copy(c.data, data)
	p.order <- c
	p.work <- c
	return p.failed()
}

// close waits for all clusters. It may be called twice.
func (p *packer) close() error {
	p.once.Do(func() {
		close(p.order)
		close(p.work)
		p.wg.Wait()
	})
	return p.failed()
}
