package provision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/template"
)

// scriptConfig says what to run: the options that provisioners of scripts share.
type scriptConfig struct {
	Inline         []string `opt:"inline" doc:"Lines of a script, run as one script. If the first one begins with #!, it chooses the interpreter instead of inline_shebang."`
	Script         string   `opt:"script" doc:"A script file on this host; a relative path counts from the current directory."`
	Scripts        []string `opt:"scripts" doc:"Script files on this host, run one after the other until one fails."`
	InlineShebang  string   `opt:"inline_shebang" default:"/bin/sh -e" doc:"The interpreter of inline, without #!."`
	ValidExitCodes []int    `opt:"valid_exit_codes" doc:"Exit statuses that count as success; 0 alone when not given."`
}

// script is one thing to run.
type script struct {
	name string // for people
	path string // on the host; empty when the text stands in the template
	text string
}

// scripts returns what is to be run, in order. Files have to be there.
func (s *scriptConfig) scripts() ([]script, error) {
	both := error(nil)
	if s.Script != "" && len(s.Scripts) > 0 {
		both = template.At("scripts", errors.New("give either script or scripts, not both"))
	}
	if len(s.Inline) > 0 && (s.Script != "" || len(s.Scripts) > 0) {
		both = errors.Join(both, template.At("inline", errors.New("give either inline or script files, not both")))
	}
	switch {
	case both != nil:
		return nil, both
	case len(s.Inline) > 0:
		return []script{s.inline()}, nil
	case s.Script != "":
		return files("script", s.Script)
	case len(s.Scripts) > 0:
		return files("scripts", s.Scripts...)
	}
	return nil, template.Missing("inline", "script", "scripts")
}

func (s *scriptConfig) inline() script {
	var b strings.Builder
	if !strings.HasPrefix(s.Inline[0], "#!") {
		b.WriteString("#!" + s.InlineShebang + "\n")
	}
	for _, line := range s.Inline {
		b.WriteString(line + "\n")
	}
	name := fmt.Sprintf("inline (%d lines)", len(s.Inline))
	if len(s.Inline) == 1 {
		name = "inline (1 line)"
	}
	return script{name: name, text: b.String()}
}

func files(option string, paths ...string) ([]script, error) {
	var list []script
	var errs []error
	for _, p := range paths {
		if p == os.DevNull { // what templates name for no script
			list = append(list, script{name: p})
			continue
		}
		info, err := os.Stat(p)
		if err == nil && !info.Mode().IsRegular() && !isNull(info) {
			err = &fs.PathError{Op: "run", Path: p, Err: errors.New("not a file")}
		}
		errs = append(errs, template.At(option, err))
		list = append(list, script{name: p, path: p})
	}
	return list, errors.Join(errs...)
}

// isNull tells whether a file is the null device, by which templates say that there is
// nothing to run. Of another device or a pipe nobody knows whether it ends, or what is in
// it the next time.
func isNull(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// open returns the script's content. Unless it is to be taken as it is, line ends
// become those of Unix: an interpreter named "sh\r" is not found.
func (s script) open(binary bool) (io.ReadCloser, error) {
	if s.path == "" {
		return io.NopCloser(strings.NewReader(s.text)), nil
	}
	if binary {
		return os.Open(s.path)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))), nil
}

// hashScripts adds the content of the script files; that of inline has been added
// with the configuration.
func hashScripts(h *cache.Hash, list []script) error {
	for i, s := range list {
		if s.path == "" {
			continue
		}
		if info, err := os.Stat(s.path); err == nil && isNull(info) {
			h.Add(hostName("script", i, s.path), "")
			continue
		}
		if err := h.AddFile(hostName("script", i, s.path), s.path); err != nil {
			return err
		}
	}
	return nil
}

// exitError returns an error unless the status is an allowed one.
func (s *scriptConfig) exitError(sc script, exit int) error {
	valid := s.ValidExitCodes
	if len(valid) == 0 {
		valid = []int{0}
	}
	if slices.Contains(valid, exit) {
		return nil
	}
	allowed := strings.Trim(strings.ReplaceAll(fmt.Sprint(valid), " ", ", "), "[]")
	return fmt.Errorf("script %s ended with exit status %d (allowed: %s)", sc.name, exit, allowed)
}

// namesPrefix is what the variables that carry the names of build and builder have
// in common.
const namesPrefix = "PACKER_BUILD"

// mentionsNames tells whether a script speaks of the variables that carry the names
// of build and builder. A script that cannot be read counts: better a layer too many.
func mentionsNames(list []script) bool {
	for _, s := range list {
		r, err := s.open(true)
		if err != nil {
			return true
		}
		text, err := io.ReadAll(r)
		r.Close()
		if err != nil || bytes.Contains(text, []byte(namesPrefix)) {
			return true
		}
	}
	return false
}

// Describe names what is run: the first line of an inline script, or the files.
func (s *scriptConfig) Describe() string {
	switch {
	case len(s.Inline) > 0:
		return s.Inline[0]
	case s.Script != "":
		return filepath.Base(s.Script)
	case len(s.Scripts) == 1:
		return filepath.Base(s.Scripts[0])
	case len(s.Scripts) > 1:
		return fmt.Sprintf("%s and %d more", filepath.Base(s.Scripts[0]), len(s.Scripts)-1)
	}
	return ""
}
