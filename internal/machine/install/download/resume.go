package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// attempts is how often a server may send nothing new.
const attempts = 5

// download makes the file to from what a server sends, unless it is there already.
func (d Downloader) download(ctx context.Context, place, to string, sum install.Checksum, out machine.Log) error {
	part, err := openPart(ctx, to+".part", out)
	if err != nil {
		return err
	}
	defer part.Close()
	switch err := d.have(ctx, place, to, sum); {
	case err == nil:
		return os.Remove(part.Name())
	case ctx.Err() != nil:
		return err // what has come before stays
	case !errors.Is(err, fs.ErrNotExist):
		out.Warn("%v: downloading it again", err)
	}
	fi, err := part.Stat()
	if err != nil {
		return err
	}
	out.Say("Downloading %s", shown(place))
	if fi.Size() > 0 && sum.None() { // nothing would tell whether both halves are of one file
		if err := part.Truncate(0); err != nil {
			return err
		}
	} else if fi.Size() > 0 {
		out.Message("going on after %d bytes that are here already", fi.Size())
	}
	t := transfer{d: d, place: place, part: part, out: out}
	for resumed := fi.Size() > 0 && !sum.None(); ; resumed = false {
		if err := t.run(ctx); err != nil {
			if sum.None() || errors.Is(err, unix.ENOSPC) && !t.bounded {
				err = errors.Join(err, os.Remove(part.Name())) // nothing can go on from it
			}
			return err
		}
		err := verify(ctx, part.Name(), shown(place), sum)
		var wrong *WrongSumError
		if errors.As(err, &wrong) && resumed { // what was there may be of another file
			out.Warn("what was here before does not fit: downloading all of it")
			if err := part.Truncate(0); err != nil {
				return err
			}
			continue
		}
		if wrong != nil {
			return errors.Join(err, os.Remove(part.Name()))
		}
		if err != nil {
			return err
		}
		if err := part.Sync(); err != nil {
			return err
		}
		return os.Rename(part.Name(), to)
	}
}

// have tells whether the file is there and right.
func (d Downloader) have(ctx context.Context, place, file string, sum install.Checksum) error {
	fi, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !sum.None() {
		return verify(ctx, file, file, sum)
	}
	limited, cancel := context.WithTimeout(ctx, d.stall())
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodHead, place, nil)
	if err != nil {
		return err
	}
	resp, err := d.client().Do(req)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return nil // better the old one than none
	}
	resp.Body.Close()
	if resp.StatusCode == http.StatusOK && resp.ContentLength >= 0 && resp.ContentLength != fi.Size() {
		return fmt.Errorf("%s has another size than %s", file, shown(place))
	}
	return nil
}

// openPart opens the file for what has come so far, which nobody else writes
// meanwhile: several builds may want the same medium.
func openPart(ctx context.Context, name string, out machine.Log) (*os.File, error) {
	for said := false; ; {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, err
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			here, err := os.Stat(name)
			mine, err2 := f.Stat()
			if err == nil && err2 == nil && os.SameFile(here, mine) {
				return f, nil
			}
			f.Close() // who had it has renamed it
			continue
		}
		f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		if !said {
			out.Message("another build is downloading it: waiting for that")
			said = true
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// transfer appends to a file what a server has of another one.
type transfer struct {
	d         Downloader
	place     string
	part      *os.File
	out       machine.Log
	validator string // of the file, as the server names it
	bounded   bool   // the server has said how long it is
	progress  func(n int64, done bool)
}

// run goes on until all is there. A connection that breaks is tried again.
func (t *transfer) run(ctx context.Context) error {
	defer func() {
		if t.progress != nil {
			t.progress(0, true)
			t.progress = nil
		}
	}()
	for fruitless := 0; ; {
		before, err := t.part.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		done, err := t.once(ctx, before)
		if done || ctx.Err() != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return err
		}
		after, serr := t.part.Seek(0, io.SeekEnd)
		if serr != nil {
			return serr
		}
		if after > before {
			fruitless = 0
		} else if fruitless++; fruitless == attempts {
			return err
		}
		t.out.Message("the connection broke after %d bytes (%v): trying again", after, err)
		if err := t.d.rest(ctx); err != nil {
			return err
		}
	}
}

// once makes one request. Without done another one may have more luck.
func (t *transfer) once(ctx context.Context, have int64) (done bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stall := time.AfterFunc(t.d.stall(), func() { cancel(fmt.Errorf("nothing came for %s", t.d.stall())) })
	defer stall.Stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.place, nil)
	if err != nil {
		return true, err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes as they are
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		if t.validator != "" {
			req.Header.Set("If-Range", t.validator)
		}
	}
	resp, err := t.d.client().Do(req)
	if err != nil {
		return false, cause(ctx, err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusOK:
		have = 0 // all of it again
		if err := t.part.Truncate(0); err != nil {
			return true, err
		}
	case resp.StatusCode == http.StatusPartialContent:
		if from := rangeStart(resp.Header.Get("Content-Range")); from != have {
			return true, fmt.Errorf("the server sends bytes from %d, and %d are here", from, have)
		}
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0 && rangeTotal(resp.Header.Get("Content-Range")) == have:
		return true, nil // all is here
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return false, t.part.Truncate(0)
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return false, fmt.Errorf("the server answers %s", resp.Status)
	default:
		return true, fmt.Errorf("the server answers %s", resp.Status)
	}
	if t.validator = resp.Header.Get("ETag"); t.validator == "" || strings.HasPrefix(t.validator, "W/") {
		t.validator = resp.Header.Get("Last-Modified")
	}
	if t.progress == nil {
		total := resp.ContentLength
		if total > 0 {
			total += have
		}
		t.progress = t.out.Progress("download "+nameOf(t.place), max(total, 0))
		t.progress(have, false)
	}
	if t.bounded = resp.ContentLength >= 0; t.bounded {
		if err := t.d.roomFor(t.part, resp.ContentLength); err != nil {
			return true, err
		}
	}
	if _, err := t.part.Seek(have, io.SeekStart); err != nil {
		return true, err
	}
	n, err := io.Copy(&sparing{d: t.d, part: t.part}, watched{resp.Body, func(n int) {
		stall.Reset(t.d.stall())
		t.progress(int64(n), false)
	}})
	if err == nil && resp.ContentLength >= 0 && n < resp.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	var disk *fs.PathError
	if errors.As(err, &disk) || errors.Is(err, unix.ENOSPC) {
		return true, err // a full disk stays full
	}
	return err == nil, cause(ctx, err)
}

// cause is why a request ended.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// watched tells of all that is read.
type watched struct {
	r    io.Reader
	seen func(n int)
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.seen(n)
	return n, err
}

// rangeStart reads "bytes 5-9/10"; -1 when it cannot be read.
func rangeStart(header string) int64 {
	rest, ok := strings.CutPrefix(header, "bytes ")
	first, _, found := strings.Cut(rest, "-")
	if n, err := strconv.ParseInt(first, 10, 64); ok && found && err == nil {
		return n
	}
	return -1
}

// rangeTotal reads the last number of it.
func rangeTotal(header string) int64 {
	_, total, _ := strings.Cut(header, "/")
	if n, err := strconv.ParseInt(total, 10, 64); err == nil {
		return n
	}
	return -1
}
