package fake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Seal powers the machine off and removes what the rules name.
func (m *Machine) Seal(ctx context.Context, rules []machine.SealRule) error {
	if err := m.builder.fault(ctx, Call{Op: OpSeal}); err != nil {
		return fmt.Errorf("seal fake machine: %w", err)
	}
	if s := m.off(halted); s > halted {
		return fmt.Errorf("seal fake machine: it is %v", s)
	}
	files := &Files{root: m.root, alive: &group{}}
	var errs []error
	for _, rule := range rules {
		found := files.matching(rule.Paths)
		for _, p := range found {
			if err := files.seal(rule, p); err != nil {
				errs = append(errs, fmt.Errorf("seal %s: %w", rule.Name, err))
			}
		}
		if len(found) > 0 && rule.Do == machine.Remove {
			if err := files.again(rule.Again); err != nil {
				errs = append(errs, fmt.Errorf("seal %s: %w", rule.Name, err))
			}
		}
	}
	return errors.Join(errs...)
}

// Residue tells what the rules find. It refuses once the machine was powered on.
func (m *Machine) Residue(_ context.Context, rules []machine.SealRule) ([]machine.Residue, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.begun || m.state > halted {
		return nil, errors.New("look for residue: the machine was started")
	}
	files := &Files{root: m.root, alive: &group{}}
	var found []machine.Residue
	for _, rule := range rules {
		for _, p := range files.matching(rule.Paths) {
			what, err := files.residue(rule, p)
			if err != nil {
				return nil, fmt.Errorf("look for residue of %s: %w", rule.Name, err)
			}
			if what != "" {
				found = append(found, machine.Residue{Rule: rule.Name, Path: p, What: what})
			}
		}
	}
	return found, nil
}

// matching returns the paths that patterns name, sorted within each pattern. Of a
// tree ("/**") these are the entries at its top.
func (f *Files) matching(patterns []string) []string {
	var found []string
	for _, pattern := range patterns {
		if top, ok := strings.CutSuffix(pattern, "/**"); ok {
			pattern = top + "/*"
		}
		at := []string{"/"}
		parts := strings.Split(strings.TrimPrefix(pattern, "/"), "/")
		wild := func(part string) bool { return strings.ContainsAny(part, "*?[") }
		for i, part := range parts {
			straight := i < len(parts)-1 && wild(part) && wild(parts[len(parts)-1])
			var next []string
			for _, dir := range at {
				entries, err := f.ReadDir(dir)
				if err != nil {
					continue // not there, or not a directory: nothing matches
				}
				for _, e := range entries {
					if straight && !e.IsDir() {
						continue // a link may lead anywhere
					}
					if ok, _ := path.Match(part, e.Name()); ok {
						next = append(next, path.Join(dir, e.Name()))
					}
				}
			}
			at = next
		}
		found = append(found, at...)
	}
	return found
}

func (f *Files) seal(rule machine.SealRule, name string) error {
	what, err := f.residue(rule, name)
	if err != nil || what == "" {
		return err
	}
	switch rule.Do {
	case machine.Truncate:
		fi, err := f.Lstat(name)
		if err != nil {
			return err
		}
		return f.WriteFile(name, nil, fi.Mode())
	case machine.DropLines:
		text, err := f.ReadFile(name)
		if err != nil {
			return err
		}
		var rest strings.Builder
		for line := range strings.Lines(string(text)) {
			if !strings.Contains(line, rule.Marker) {
				rest.WriteString(line)
			}
		}
		fi, err := f.Lstat(name)
		if err != nil {
			return err
		}
		return f.WriteFile(name, []byte(rest.String()), fi.Mode())
	}
	return f.RemoveAll(name)
}

// residue tells what of a rule is at a path; "" for nothing.
func (f *Files) residue(rule machine.SealRule, name string) (string, error) {
	fi, err := f.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if rule.Do == machine.Remove {
		return "present", nil
	}
	if !fi.Mode().IsRegular() || fi.Size() == 0 {
		return "", nil
	}
	if rule.Do == machine.Truncate {
		return "not empty", nil
	}
	text, err := f.ReadFile(name)
	if err != nil || !strings.Contains(string(text), rule.Marker) {
		return "", err
	}
	if rule.Do == machine.DropLines {
		return "holds a temporary line", nil
	}
	return "present", nil
}

// again puts in what makes anew what a rule removed.
func (f *Files) again(a machine.Again) error {
	for _, need := range a.Needs {
		if _, err := f.Stat(need); err != nil {
			return nil
		}
	}
	var own []string
	for _, file := range a.Files {
		own = append(own, file.Path)
	}
	for _, l := range a.Links {
		own = append(own, l.Path)
	}
	if len(f.matching(own)) > 0 {
		return nil
	}
	for _, p := range f.matching(a.Unless) {
		if text, err := f.ReadFile(p); err == nil && strings.Contains(string(text), a.Mark) {
			return nil
		}
	}
	var errs []error
	for _, file := range a.Files {
		errs = append(errs, f.MkdirAll(path.Dir(file.Path), 0o755), f.WriteFile(file.Path, []byte(file.Text), 0o644))
	}
	for _, l := range a.Links {
		errs = append(errs, f.MkdirAll(path.Dir(l.Path), 0o755), f.Symlink(l.Target, l.Path))
	}
	return errors.Join(errs...)
}
