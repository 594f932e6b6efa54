package disk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zlib"
	"golang.org/x/sys/unix"
)

// compressGrains compresses a disk on all processors, and gives the grains to write in
// order; nil for one of zeros.
func compressGrains(ctx context.Context, in *os.File, size int64, write func(index int64, packed []byte) error) error {
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
		data := nextData(in, 0)
		for index := int64(0); index*grainSize < size; index++ {
			j := &job{index: index, packed: make(chan []byte, 1)}
			zero := true
			if at := index * grainSize; at+grainSize > data {
				j.data = make([]byte, grainSize)
				n, err := in.ReadAt(j.data, at)
				if err != nil && err != io.EOF {
					cancel(err)
					return
				}
				if zero = bytes.Equal(j.data[:n], zeroGrain[:n]); zero {
					data = nextData(in, at+grainSize)
				}
			}
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

// nextData is where a file has something after a place: not before it, and not after the
// next hole's end. Where holes are not known it is the place itself.
func nextData(f *os.File, at int64) int64 {
	data, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) {
		return math.MaxInt64 // nothing more
	}
	if err != nil {
		return at
	}
	return data
}

var zeroGrain [grainSize]byte
