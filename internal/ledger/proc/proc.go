// Package proc finds and ends processes of this host by records that outlive who made
// them: a process's id is its number and the time of its start, since the number alone may
// be another's by now.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Status is what /proc tells of a process.
type Status struct {
	PID, Parent, Session int
	State                byte   // 'R', 'S', 'Z' …
	Start                uint64 // ticks after the boot
}

// ID is the process's in records.
func (s Status) ID() string { return fmt.Sprintf("%d:%d", s.PID, s.Start) }

// Over tells whether it has ended, and is only waited for.
func (s Status) Over() bool { return s.State == 'Z' || s.State == 'X' }

// Parse reads a line of /proc/PID/stat.
func Parse(line string) (Status, error) {
	var s Status
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')') // the name may hold anything
	if open < 0 || end < open {
		return s, fmt.Errorf("read process status %.40q", line)
	}
	f := strings.Fields(line[end+1:])
	if len(f) < 20 || len(f[0]) != 1 {
		return s, fmt.Errorf("read process status %.40q", line)
	}
	s.State = f[0][0]
	var errs [4]error
	s.PID, errs[0] = strconv.Atoi(strings.TrimSpace(line[:open]))
	s.Parent, errs[1] = strconv.Atoi(f[1])
	s.Session, errs[2] = strconv.Atoi(f[3])
	s.Start, errs[3] = strconv.ParseUint(f[19], 10, 64)
	return s, errors.Join(errs[:]...)
}

// Read asks for the process with a number. It fails when there is none.
func Read(pid int) (Status, error) {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return Status{}, err
	}
	return Parse(string(line))
}

// ID is that of a process that runs. It fails when it has ended.
func ID(pid int) (string, error) {
	s, err := Read(pid)
	if err != nil {
		return "", err
	}
	if s.Over() {
		return "", fmt.Errorf("process %d is over", pid)
	}
	return s.ID(), nil
}

// All lists the processes that can be seen.
func All() ([]Status, error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var all []Status
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err != nil {
			continue // it has ended
		}
		if s, err := Parse(string(line)); err == nil {
			all = append(all, s)
		}
	}
	return all, nil
}

// WithVariable lists the processes that were started with a variable of the environment,
// as far as this process may know.
func WithVariable(variable string) ([]Status, error) { return with("environ", variable) }

// WithArgument lists the processes that have an argument.
func WithArgument(argument string) ([]Status, error) { return with("cmdline", argument) }

// HasVariable tells whether the process was started with a variable; false for one that has
// ended, or is another user's.
func (s Status) HasVariable(variable string) bool { return s.has("environ", variable) }

// with reads what a process is before what it bears: one that gets the number in between
// is not taken for it, and is found by the next look.
func with(file, word string) ([]Status, error) {
	all, err := All()
	var some []Status
	for _, s := range all {
		if s.has(file, word) {
			some = append(some, s)
		}
	}
	return some, err
}

func (s Status) has(file, word string) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", s.PID, file))
	return err == nil && bytes.Contains(append([]byte{0}, text...), []byte("\x00"+word+"\x00"))
}
