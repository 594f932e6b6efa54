package probe

import (
	"bufio"
	"bytes"
	"io"
)

// eachLine calls f with each line of r, without its end. What exceeds 64 KiB of a
// line is left out: no database line that matters is longer, and memory stays
// bounded whatever the file holds. The slice is valid during the call only.
func eachLine(r io.Reader, f func(line []byte) error) error {
	br := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := br.ReadSlice('\n')
		full := err == bufio.ErrBufferFull
		if err != nil && !full && err != io.EOF {
			return err
		}
		if len(line) > 0 {
			if ferr := f(bytes.TrimRight(line, "\r\n")); ferr != nil {
				return ferr
			}
		}
		for err == bufio.ErrBufferFull {
			_, err = br.ReadSlice('\n')
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
