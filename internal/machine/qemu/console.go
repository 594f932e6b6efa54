package qemu

import (
	"os"
	"path/filepath"
	"strings"
)

// consoleFile is where the first serial line of a machine is written. It outlives the
// machine, and this process, where there is a directory for logs.
func (m *vm) consoleFile() (string, error) {
	dir, file := m.dir, "console.log"
	if m.b.deps.Logs != "" && !m.trial { // two of one build boot at once, and the report has it
		dir = m.b.deps.Logs
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		file = m.run + "-" + fileName(m.build) + "-console.log"
	}
	abs, err := filepath.Abs(filepath.Join(dir, file))
	if err != nil {
		return "", err
	}
	// A machine's words are nobody else's affair; QEMU would let everybody read them.
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	return abs, f.Close()
}

// fileName makes a name that is one path element.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r <= ' ' {
			return '-'
		}
		return r
	}, s)
}

const (
	tailLines = 25
	tailBytes = 8 << 10
)

// tail returns the last lines of a console, without what moves cursors and colours text.
func tail(path string) string {
	var lines []string
	for line := range strings.Lines(plain(end(path, tailBytes))) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// plain removes control characters and escape sequences of terminals.
func plain(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == 0x1b && i+1 < len(s) && s[i+1] == '[':
			for i += 2; i < len(s) && (s[i] < '@' || s[i] > '~'); i++ {
			}
		case c == 0x1b:
			i++
		case c == '\r':
			b.WriteByte('\n')
		case c == '\n' || c == '\t' || c >= ' ' && c != 0x7f:
			b.WriteByte(c)
		}
	}
	return strings.ToValidUTF8(b.String(), "?")
}
