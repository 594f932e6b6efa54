package qemu

import (
	"bytes"
	"fmt"
	"os"
)

// maxLog is how much of what a machine, or QEMU, says is kept.
const maxLog = 16 << 20

// boundedLog is a file that is written at its end, and never larger than its limit: of more
// the beginning and the end stay, a quarter of the limit each at least. An error of the
// disk does not reach who writes: the machine goes on without its log.
type boundedLog struct {
	f       *os.File
	limit   int64
	size    int64 // of the file
	written int64 // in all
}

// createLog makes the file, which is nobody else's to read, or empties it.
func createLog(path string, limit int64) (*boundedLog, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	return &boundedLog{f: f, limit: limit}, nil
}

func (l *boundedLog) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		if l.size >= l.limit {
			l.leaveOut()
		}
		piece := rest[:min(int64(len(rest)), l.limit-l.size)]
		n, err := l.f.WriteAt(piece, l.size)
		l.size += int64(n)
		l.written += int64(n)
		if err != nil {
			break
		}
		rest = rest[len(piece):]
	}
	return len(p), nil
}

// leaveOut moves the last quarter to where the first one ends.
func (l *boundedLog) leaveOut() {
	quarter := l.limit / 4
	last := make([]byte, quarter)
	n, _ := l.f.ReadAt(last, l.size-quarter)
	last = last[:n]
	if i := bytes.IndexByte(last, '\n'); i >= 0 && i < 4096 { // lines stay whole
		last = last[i+1:]
	}
	text := fmt.Appendf(nil, "\n[%d bytes are left out here]\n", l.written-quarter-int64(len(last)))
	n, _ = l.f.WriteAt(append(text, last...), quarter)
	l.size = quarter + int64(n)
	_ = l.f.Truncate(l.size) // what is behind is written over
}

func (l *boundedLog) Close() error { return l.f.Close() }
