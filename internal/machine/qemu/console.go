package qemu

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// openConsole makes the log of the first serial line of a machine. It outlives the
// machine, and this process, where there is a directory for logs. Each machine of a build has
// its own.
func (m *vm) openConsole() (err error) {
	if m.console == "" { // else it starts once more
		if m.console, err = m.consoleFile(); err != nil {
			return err
		}
	}
	pipe, err := filepath.Abs(filepath.Join(m.dir, "console"))
	if err != nil {
		return err
	}
	m.consoleLog, err = newConsoleLog(pipe, m.console, m.b.maxLog)
	return err
}

// consoleFile makes the file of the log.
func (m *vm) consoleFile() (string, error) {
	dir, file := m.dir, "console"
	if m.b.deps.Logs != "" && !m.trial { // two of one build boot at once, and the report has it
		dir = m.b.deps.Logs
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		file = m.run + "-" + fileName(m.build) + "-console"
	}
	if n := m.b.consoles.Add(1); n > 1 {
		file += fmt.Sprintf("-%d", n)
	}
	abs, err := filepath.Abs(filepath.Join(dir, file+".log"))
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	return abs, f.Close()
}

// consoleEnd is the end of what a machine has written; of one that is off, of all of it.
func (m *vm) consoleEnd(n int64) string {
	if m.consoleLog != nil && (m.process == nil || !m.process.running()) {
		m.consoleLog.settle()
	}
	return plain(end(m.console, n))
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

// tail returns the last lines of the console, without what moves cursors and colours text.
func (m *vm) tail() string { return lastLines(m.consoleEnd(tailBytes)) }

func lastLines(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
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
