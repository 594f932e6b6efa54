package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// event is a line of go test -json, as go doc test2json and go help buildjson
// describe it.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build events, in place of Package
	Test        string
	Output      string
	Elapsed     float64
	FailedBuild string // of a package's failure: the ImportPath that did not build
}

// name is what the event is about.
func (e event) name() string {
	if e.ImportPath != "" {
		return e.ImportPath
	}
	if e.Test == "" {
		return e.Package
	}
	return e.Package + " " + e.Test
}

// summer counts. Every named test counts once, subtests too, and a package that
// failed for none of its tests counts as one.
type summer struct {
	w              io.Writer
	passed, failed int
	output         map[string]*strings.Builder // by name
	running        map[string]map[string]bool  // by package: tests without a verdict
	failures       map[string]int              // by package
}

// sum reads events until the end.
func sum(r io.Reader, w io.Writer) (passed, failed int, err error) {
	s := &summer{w: w, output: map[string]*strings.Builder{}, running: map[string]map[string]bool{}, failures: map[string]int{}}
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(w, "%s", line) // said by the go command itself
			} else {
				s.take(e)
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.passed, s.failed, err
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(s.running)) {
		s.unfinished(pkg) // the go command itself was killed
	}
	return s.passed, s.failed, nil
}

func (s *summer) take(e event) {
	switch e.Action {
	case "output", "build-output":
		b := s.output[e.name()]
		if b == nil {
			b = &strings.Builder{}
			s.output[e.name()] = b
		}
		b.WriteString(e.Output)
	case "run":
		if s.running[e.Package] == nil {
			s.running[e.Package] = map[string]bool{}
		}
		s.running[e.Package][e.Test] = true
	case "pass", "fail", "skip":
		if e.Test != "" {
			s.verdict(e)
		} else {
			s.packageEnds(e)
		}
	}
}

func (s *summer) verdict(e event) {
	delete(s.running[e.Package], e.Test)
	if e.Action == "pass" {
		s.passed++
		delete(s.output, e.name())
		return
	}
	s.fail(e.Package, strings.ToUpper(e.Action)+" "+e.name(), e.name())
}

func (s *summer) packageEnds(e event) {
	s.unfinished(e.Package)
	switch {
	case e.Action == "pass":
		fmt.Fprintf(s.w, "ok   %s  %s\n", e.Package, time.Duration(e.Elapsed*1e9).Round(10*time.Millisecond))
	case e.Action == "fail" && s.failures[e.Package] == 0:
		s.fail(e.Package, "FAIL "+e.Package, e.FailedBuild, e.Package)
	}
	delete(s.output, e.Package)
}

// unfinished fails the tests that have begun and said nothing more: the process
// ended under them.
func (s *summer) unfinished(pkg string) {
	for _, test := range slices.Sorted(maps.Keys(s.running[pkg])) {
		name := pkg + " " + test
		s.fail(pkg, "FAIL "+name+": it ended without a verdict", name)
	}
	delete(s.running, pkg)
}

// fail counts a failure and shows what was said about the given names.
func (s *summer) fail(pkg, title string, about ...string) {
	s.failed++
	s.failures[pkg]++
	fmt.Fprintln(s.w, title)
	for _, name := range about {
		if b := s.output[name]; b != nil {
			fmt.Fprint(s.w, b.String())
			delete(s.output, name)
		}
	}
}
