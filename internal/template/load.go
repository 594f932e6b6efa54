package template

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFile bounds a template or variables file.
const maxFile = 32 << 20

// Load reads a template: a *.pkr.hcl or *.pkr.json file, a directory of those, a
// legacy *.json file, or "-" for legacy JSON on standard input. The error is
// Diagnostics when the template is at fault.
func Load(path string, o Options) (*Template, error) {
	l := &loader{path: path, opt: o.withDefaults(), tmpl: &Template{Path: path}}
	return l.load()
}

func (l *loader) load() (t *Template, err error) {
	defer func() {
		// Libraries that parse what users write have had panics. None may show a
		// person a stack trace.
		if p := recover(); p != nil {
			t, err = nil, l.crashed(p)
		}
	}()
	if err := l.read(); err != nil {
		return nil, err
	}
	for _, b := range l.blocks {
		b.texts = l.texts
	}
	l.check()
	diags := l.diags.arrange(l.texts)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	l.tmpl.Warnings = diags
	return l.tmpl, nil
}

// check asks Options.Check about every block that takes part.
func (l *loader) check() {
	if l.opt.Check == nil {
		return
	}
	ask := func(kind string, b *Block) {
		if l.opt.Known == nil || slices.Contains(l.opt.Known(kind), b.Type) { // else it has been reported
			l.diags = append(l.diags, l.opt.Check(kind, b)...)
		}
	}
	for _, d := range l.tmpl.Data {
		ask("data", d)
	}
	for _, b := range l.tmpl.Builds {
		ask("source", b.Source)
		for _, s := range b.Provisioners {
			ask("provisioner", s.Block)
		}
		if b.ErrorCleanup != nil {
			ask("provisioner", b.ErrorCleanup.Block)
		}
		for _, v := range b.Verifiers {
			ask("verify", v)
		}
		for _, seq := range b.PostProcessors {
			for _, p := range seq {
				ask("post-processor", p)
			}
		}
	}
}

// loader is one Load.
type loader struct {
	path   string
	opt    Options
	tmpl   *Template
	texts  texts
	diags  Diagnostics
	blocks []*Block

	outline *Outline // what Inspect and NewConsole want
	console *Console // gets the reader
}

func (l *loader) crashed(p any) error {
	l.diags.add(Pos{File: l.path}, "this is a mistake in Proofmark: please report it with the template", "cannot read the template: %v", p)
	return l.diags.arrange(l.texts)
}

func (l *loader) read() error {
	if l.path == "-" {
		src, err := io.ReadAll(io.LimitReader(l.opt.Stdin, maxFile+1))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		return l.standardInput(src)
	}
	st, err := os.Stat(l.path)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	dir := l.path
	if !st.IsDir() {
		dir = filepath.Dir(l.path)
	}
	if l.tmpl.Dir, err = filepath.Abs(dir); err != nil {
		return fmt.Errorf("find the template's directory: %w", err)
	}
	switch {
	case st.IsDir():
		return l.directory()
	case isHCL(l.path):
		return l.hcl([]string{l.path}, nil)
	case strings.HasSuffix(l.path, ".hcl"):
		l.diags.warn(Pos{File: l.path}, "", "the name of a template ends in .pkr.hcl")
		return l.hcl([]string{l.path}, nil)
	}
	return l.legacyFile()
}

func isHCL(name string) bool {
	return strings.HasSuffix(name, ".pkr.hcl") || strings.HasSuffix(name, ".pkr.json")
}

func isAutoVars(name string) bool {
	return strings.HasSuffix(name, ".auto.pkrvars.hcl") || strings.HasSuffix(name, ".auto.pkrvars.json")
}

func (l *loader) standardInput(src []byte) error {
	if len(src) > maxFile {
		return fmt.Errorf("read standard input: larger than %d MiB", maxFile>>20)
	}
	err := notText("<stdin>", src)
	if err != nil {
		return err
	}
	if l.tmpl.Dir, err = os.Getwd(); err != nil {
		return fmt.Errorf("find the working directory: %w", err)
	}
	return l.legacy(l.addText("<stdin>", src))
}

// directory reads all templates of a directory as one.
func (l *loader) directory() error {
	entries, err := os.ReadDir(l.path)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	var files, auto []string
	legacy := ""
	for _, e := range entries {
		name := filepath.Join(l.path, e.Name())
		switch {
		case e.IsDir():
		case isHCL(e.Name()):
			files = append(files, name)
		case isAutoVars(e.Name()):
			auto = append(auto, name)
		case strings.HasSuffix(e.Name(), ".json") && legacy == "":
			legacy = name
		}
	}
	if len(files) == 0 {
		detail := "a directory holds templates that end in .pkr.hcl or .pkr.json"
		if legacy != "" {
			detail += "; a legacy JSON template is given by its name, such as " + legacy
		}
		l.diags.add(Pos{File: l.path}, detail, "no template in this directory")
		return nil
	}
	return l.hcl(files, auto)
}

func (l *loader) legacyFile() error {
	t, err := l.file(l.path)
	if err != nil {
		return err
	}
	return l.legacy(t)
}

// file reads a template file and makes it part of the template's digest.
func (l *loader) file(path string) (*text, error) {
	src, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	if err := notText(path, src); err != nil {
		return nil, err
	}
	l.tmpl.Files = append(l.tmpl.Files, path)
	return l.addText(path, src), nil
}

func (l *loader) addText(name string, src []byte) *text {
	t := newText(name, src)
	l.texts = append(l.texts, t)
	return t
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxFile {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("larger than 32 MiB, which no template is")}
	}
	return src, nil
}

// notText tells of a file with a byte that no template may have. Those of UTF-16 have many;
// that they are such is told by who parses them.
func notText(name string, src []byte) error {
	at := bytes.IndexByte(src, 0)
	if at < 0 || bytes.HasPrefix(src, []byte("\xff\xfe")) || bytes.HasPrefix(src, []byte("\xfe\xff")) {
		return nil
	}
	return Diagnostics{{Pos: newText(name, src).pos(at), Summary: "this does not look like a template: it holds binary data",
		Detail: "give a file of text, in HCL2 or JSON"}}
}

// digest is over the names and contents of the template's files.
func (l *loader) digest() string {
	h := sha256.New()
	for _, t := range l.texts {
		name := filepath.Base(t.name)
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(t.src))
		h.Write(t.src)
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}
