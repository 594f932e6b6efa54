package disk

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// compressGrains compresses a disk on all processors, and gives the grains to write in
// order; nil for one of zeros.
func compressGrains(ctx context.Context, in io.ReaderAt, size int64, write func(index int64, packed []byte) error) error {
	type job struct {
		index  int64
		data   []byte
		packed chan []byte
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := runtime.GOMAXPROCS(0)
	jobs, order := make(chan *job), make(chan *job, 4*workers)
	var wg sync.WaitGroup
	defer wg.Wait()
	for range workers {
		wg.Go(func() {
			z := zlib.NewWriter(io.Discard)
			for j := range jobs {
				var b bytes.Buffer
				z.Reset(&b)
				_, _ = z.Write(j.data) // into memory
				_ = z.Close()
				j.packed <- b.Bytes()
			}
		})
	}
	wg.Go(func() {
		defer close(order)
		defer close(jobs)
		for index := int64(0); index*grainSize < size; index++ {
			j := &job{index: index, data: make([]byte, grainSize), packed: make(chan []byte, 1)}
			n, err := in.ReadAt(j.data, index*grainSize)
			if err != nil && err != io.EOF {
				cancel(err)
				return
			}
			zero := bytes.Equal(j.data[:n], zeroGrain[:n])
			if zero {
				j.packed <- nil
			}
			select {
			case order <- j:
			case <-ctx.Done():
				return
			}
			if zero {
				continue
			}
			select {
			case jobs <- j:
			case <-ctx.Done():
				return
			}
		}
	})
	for j := range order {
		select {
		case packed := <-j.packed:
			if err := write(j.index, packed); err != nil {
				cancel(err)
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

var zeroGrain [grainSize]byte
