package serverspec

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// find expands paths into projects, in the order of the paths; files below a directory
// are sorted.
func find(paths []string) ([]*project, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf(`name the spec files: paths = ["spec/*_spec.rb"]`)
	}
	var files []string
	for _, path := range paths {
		got, err := expand(path)
		if err != nil {
			return nil, err
		}
		for _, f := range got {
			if f = filepath.Clean(f); !slices.Contains(files, f) {
				files = append(files, f)
			}
		}
	}
	var projects []*project
	for _, f := range files {
		root := rootOf(f)
		environ := rakeEnviron(root, f)
		i := slices.IndexFunc(projects, func(p *project) bool { return p.root == root && slices.Equal(p.environ, environ) })
		if i < 0 {
			i, projects = len(projects), append(projects, &project{root: root, tree: treeOf(root), environ: environ})
		}
		projects[i].files = append(projects[i].files, f)
	}
	return projects, nil
}

// Is tells whether a path that a user gives is for Open: a *_spec.rb, or a directory with
// one somewhere below, or a pattern for such files.
func Is(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return strings.HasSuffix(path, "_spec.rb")
	}
	files, err := expand(path)
	return err == nil && len(files) > 0
}

func expand(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		var files []string
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(name, "_spec.rb") {
				files = append(files, name)
			}
			return err
		})
		if err == nil && len(files) == 0 {
			err = fmt.Errorf("no file below %s ends in _spec.rb", path)
		}
		return files, err
	case err == nil:
		return []string{path}, nil
	}
	files, bad := filepath.Glob(path)
	if bad != nil {
		return nil, fmt.Errorf("bad pattern %q: %w", path, bad)
	}
	if len(files) == 0 && strings.Contains(path, "**") {
		return everyLevel(path)
	}
	if len(files) == 0 {
		if strings.ContainsAny(path, "*?[") {
			return nil, fmt.Errorf("no file matches %q", path)
		}
		return nil, fmt.Errorf("find spec files: %w", err)
	}
	return files, nil
}

// everyLevel is for patterns in which ** stands for any number of directories.
func everyLevel(pattern string) ([]string, error) {
	top, rest, _ := strings.Cut(pattern, "**")
	rest = strings.TrimPrefix(rest, "/")
	var files []string
	err := filepath.WalkDir(filepath.Clean(top), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		ok, err := filepath.Match(filepath.Base(rest), filepath.Base(name))
		if ok {
			files = append(files, name)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no file matches %q", pattern)
	}
	return files, err
}

// rootOf is the directory in which rspec would be started for a file: the nearest around
// it that has a .rspec or a Rakefile, or else the one that holds the directory spec, or
// the directory serverspec, which is a suite of Test Kitchen; not /, below which the
// files of the whole host are.
func rootOf(file string) string {
	abs, err := filepath.Abs(file)
	if err != nil {
		return filepath.Dir(file)
	}
	otherwise := filepath.Dir(abs)
	for dir := otherwise; ; dir = filepath.Dir(dir) {
		for _, name := range []string{".rspec", "Rakefile"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return dir
			}
		}
		switch up := filepath.Dir(dir); filepath.Base(dir) {
		case "spec":
			if up != "/" {
				return up
			}
		case "serverspec":
			otherwise = dir
		}
		if dir == filepath.Dir(dir) {
			return otherwise
		}
	}
}

// treeOf is the repository that a project is part of, whose files belong together, or
// else the project alone. A home directory that is kept as a repository is none.
func treeOf(root string) string {
	home, _ := os.UserHomeDir()
	for dir := root; dir != filepath.Dir(dir) && dir != filepath.Clean(home); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
	}
	return root
}

// read parses a file, once, by its absolute path, which is what __FILE__ is.
func (s *sources) read(path string) *source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if got, ok := s.parsed[path]; ok {
		return got
	}
	src := &source{}
	s.parsed[path] = src
	text, err := readLimited(path)
	if err != nil {
		src.problem = err
		return src
	}
	src.text = string(text)
	tree, problems := syntax.Parse(path, src.text)
	if len(problems) > 0 {
		src.problem = problems[0]
		return src
	}
	src.tree = tree
	return src
}

// textOf is the text of a file that was read, or "".
func (s *sources) textOf(path string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if src := s.parsed[path]; src != nil {
		return src.text
	}
	return ""
}

var (
	requires = regexp.MustCompile(`(?m)\b(?:require|require_relative|load)\b\s*\(?\s*['"]([^'"\n]+)['"]`)
	named    = regexp.MustCompile(`['"]([^'"\n]+\.(?:ya?ml|json|rb|erb|txt|conf|properties))['"]`)
)

// inputs are the files that the specs of a project consist of, as far as they name them.
func (s *Spec) inputs(p *project) []string {
	var all []string
	add := func(f string) bool {
		if f == "" || slices.Contains(all, f) {
			return false
		}
		if info, err := os.Stat(f); err != nil || !info.Mode().IsRegular() {
			return false
		}
		all = append(all, f)
		return true
	}
	var follow func(f string)
	follow = func(f string) {
		text, err := os.ReadFile(f)
		if err != nil {
			return
		}
		for _, m := range requires.FindAllStringSubmatch(string(text), -1) {
			abs, _ := filepath.Abs(f)
			for _, dir := range append(p.searched(abs), filepath.Dir(f)) {
				path := filepath.Join(dir, m[1])
				if !strings.HasSuffix(path, ".rb") {
					path += ".rb"
				}
				if path = shown(path); add(path) {
					follow(path)
				}
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			for _, dir := range []string{p.root, filepath.Dir(f), filepath.Join(p.root, "spec")} {
				add(shown(filepath.Join(dir, m[1])))
			}
		}
	}
	add(shown(filepath.Join(p.root, ".rspec")))
	if len(p.environ) > 0 {
		add(shown(filepath.Join(p.root, "Rakefile")))
	}
	for _, f := range p.files {
		if add(f) {
			follow(f)
		}
	}
	return all
}

// loadPath are the directories in which require looks: those of rspec.
func (p *project) loadPath() []string {
	return []string{filepath.Join(p.root, "lib"), filepath.Join(p.root, "spec")}
}

// searched are the directories in which what a file requires may be. For files below
// spec they are rspec's; others are the suites of a tool that adds the suite's own
// directory, as Test Kitchen does with the one of helpers: for them the nearest wins.
// Directories of other specs come last.
func (p *project) searched(from string) []string {
	var list []string
	add := func(dirs ...string) {
		for _, dir := range dirs {
			if !slices.Contains(list, dir) {
				list = append(list, dir)
			}
		}
	}
	if below(filepath.Join(p.root, "spec"), from) || !filepath.IsAbs(from) {
		add(p.loadPath()...)
	}
	if filepath.IsAbs(from) {
		add(around(p.root, from)...)
	}
	add(p.loadPath()...)
	p.once.Do(func() {
		for _, f := range p.files {
			if abs, err := filepath.Abs(f); err == nil {
				p.dirs = append(p.dirs, around(p.root, abs)...)
			}
		}
	})
	add(p.dirs...)
	return list
}

// around are the directories that a file is in, up to root, and the helpers of its suite.
func around(root, file string) []string {
	var list []string
	for dir := filepath.Dir(file); below(root, dir); dir = filepath.Dir(dir) {
		list = append(list, dir)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	dir := filepath.Dir(file)
	for filepath.Base(dir) != "serverspec" && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	if suites := filepath.Dir(filepath.Dir(dir)); filepath.Base(suites) == "integration" {
		at := slices.Index(list, dir) + 1
		list = slices.Insert(list, at, filepath.Join(suites, "helpers", "serverspec"))
	}
	return list
}

// shown is a path relative to the working directory, where it is below it.
func shown(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, "..") {
		return path
	}
	return rel
}
