package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cost of one finished command, with all that it started, even what outlived it.
type cost struct {
	wall, cpu float64 // seconds
	memory    float64 // MiB of the largest process

	// Of a build, in seconds of wall time.
	gates     float64
	toCapture float64 // without the gate before it
}

// run runs a shell line. The error holds all that it printed.
func run(line string, n int) (cost, error) {
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "{n}", strconv.Itoa(n)))
	out, err := os.CreateTemp("", "turns")
	if err != nil {
		return cost{}, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out // a file: nothing here waits for whoever keeps a pipe open
	began := time.Now()
	err = cmd.Run()
	wall := time.Since(began).Seconds()
	if err != nil {
		text, _ := os.ReadFile(out.Name())
		return cost{}, fmt.Errorf("%w\n%s", err, text)
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	left, memory, err := reap()
	return cost{wall: wall, cpu: (cpu + left).Seconds(), memory: max(memory, float64(use.Maxrss)/1024)}, err
}

// read takes the parts of a build from the newest report in dir.
func (c *cost) read(dir string) error {
	path, err := newest(dir)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var report struct {
		Took  time.Duration
		Steps []struct {
			Kind        string
			Start, Took time.Duration
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	outside := c.wall - report.Took.Seconds()
	captured := false
	var last time.Duration // end of the gate before
	for _, s := range report.Steps {
		switch {
		case s.Kind == "gate":
			c.gates += s.Took.Seconds()
			last = s.Start + s.Took
		case s.Kind == "capture" && !captured:
			captured = true
			c.toCapture = outside + s.Start.Seconds() - c.gates
		case s.Kind == "capture": // what went on beside the gate would have taken its time without it
			c.gates -= (min(last, s.Start+s.Took) - s.Start).Seconds()
		}
	}
	return nil
}

// newest is the report written last.
func newest(dir string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return "", err
	}
	var found string
	var last time.Time
	for _, p := range paths {
		fi, err := os.Stat(p)
		if err != nil {
			return "", err
		}
		if cmp.Or(fi.ModTime().Compare(last), strings.Compare(p, found)) > 0 {
			found, last = p, fi.ModTime()
		}
	}
	if found == "" {
		return "", &fs.PathError{Op: "find report", Path: dir, Err: errors.New("there is none")}
	}
	return found, nil
}
