package main

import (
	"errors"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// listFlag is a comma separated list that adds up when repeated. An empty value is an
// empty name, which nothing has: a script whose choice came out empty builds nothing.
type listFlag []string

func (f *listFlag) String() string { return strings.Join(*f, ",") }
func (f *listFlag) Type() string   { return "names" }
func (f *listFlag) Set(s string) error {
	for name := range strings.SplitSeq(s, ",") {
		*f = append(*f, strings.TrimSpace(name))
	}
	return nil
}

// varFlag keeps -var and -var-file in the order of the command line.
type varFlag struct {
	to   *[]template.Input
	file bool
}

func (f *varFlag) String() string { return "" }

func (f *varFlag) Type() string {
	if f.file {
		return "file"
	}
	return "name=value"
}

func (f *varFlag) Set(s string) error {
	if f.file {
		*f.to = append(*f.to, template.Input{File: s})
		return nil
	}
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return errors.New("write it as name=value")
	}
	*f.to = append(*f.to, template.Input{Name: name, Value: value})
	return nil
}
