package probe

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
)

// maxLine is how long a line may be that a regular expression is tried on.
const maxLine = 1 << 20

// grep answers whether a line of a file matches. Where the greps of different
// systems could answer differently it answers with an error instead.
func (v *view) grep(ctx context.Context, q Question) (*Grep, error) {
	if err := absolute(q.Name); err != nil {
		return nil, err
	}
	text := q.Args["pattern"]
	if text == "" || bytes.ContainsAny([]byte(text), "\x00\n") {
		return nil, fmt.Errorf("read pattern %q: it is empty or of several lines", text)
	}
	p := pattern{literal: text}
	if !isSet(q.Args["fixed"]) {
		var ok bool
		if p, ok = parsePattern(text); !ok {
			return nil, fmt.Errorf("read pattern %q: not every grep takes it alike", text)
		}
	}
	r, err := v.openRegular(q.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.ENOTDIR), errors.Is(err, errDirectory):
		return &Grep{}, nil
	case err != nil:
		return nil, err
	}
	defer r.Close()
	match, err := p.in(ctx, r)
	if err != nil {
		return nil, err
	}
	return &Grep{Match: match}, nil
}

// in tells whether a line of r matches.
func (p pattern) in(ctx context.Context, f io.Reader) (bool, error) {
	r := &ctxReader{ctx, f}
	if p.re == nil {
		return contains(r, []byte(p.literal))
	}
	br := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLongLine(br)
		if err != nil && err != io.EOF {
			return false, err
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return false, errors.New("search lines: the file is binary")
		}
		if (err == nil || len(line) > 0) && p.re.Match(runes(line)) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
	}
}

// readLongLine returns a line without its end; with io.EOF comes what follows the
// last line end. The slice is valid until the next call.
func readLongLine(br *bufio.Reader) ([]byte, error) {
	line, err := br.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		long := bytes.Clone(line)
		for err == bufio.ErrBufferFull {
			if len(long) > maxLine {
				return nil, errLongLine
			}
			line, err = br.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	return bytes.TrimSuffix(line, []byte("\n")), err
}

// contains looks for bytes in one pass, whatever the size of what it reads.
func contains(r io.Reader, want []byte) (bool, error) {
	buf := make([]byte, max(64<<10, 2*len(want)))
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		have := buf[:kept+n]
		if bytes.Contains(have, want) {
			return true, nil
		}
		switch {
		case err == io.EOF:
			return false, nil
		case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EINVAL): // a file of /proc or /sys that cannot be read
			return false, nil
		case err != nil:
			return false, err
		}
		kept = min(len(have), len(want)-1)
		copy(buf, have[len(have)-kept:])
	}
}
