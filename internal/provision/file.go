package provision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// File moves files and directories between this host and the machine.
func File() template.Kind[Provisioner] {
	return template.Define("file", "copy files into the machine, or out of it", openFile)
}

type fileConfig struct {
	Source      string   `opt:"source" doc:"File or directory to copy. Of a directory whose name ends with / the content is copied, else the directory itself. In a download only a name that ends with / is a directory, and the last element may hold the wildcards *, ? and [...]."`
	Sources     []string `opt:"sources" doc:"Several of them. The destination is a directory."`
	Content     *string  `opt:"content" doc:"Text to write to the destination, instead of a source. An empty one is not written."`
	Destination string   `opt:"destination,required" doc:"Where to copy to. If it is a directory, or ends with /, a file keeps its name there. In the machine the parent directory has to exist, and ~/ is the home directory. Uploaded files become 0644, or 0755 when their owner may execute them."`
	Direction   string   `opt:"direction" default:"upload" doc:"upload: from this host into the machine; download: out of the machine."`
	Generated   bool     `opt:"generated" default:"false" doc:"The source is made by an earlier step: it need not exist before, and the step is never taken from a layer."`
}

type file struct {
	fileConfig
	sources []string
}

func openFile(c fileConfig) (Provisioner, error) {
	f := &file{fileConfig: c, sources: c.Sources}
	if c.Source != "" {
		f.sources = append([]string{c.Source}, c.Sources...)
	}
	var errs []error
	if c.Direction != "" && c.Direction != "upload" && !f.download() {
		errs = append(errs, template.At("direction", fmt.Errorf("%q is neither upload nor download", c.Direction)))
	}
	switch {
	case f.content() != "" && len(f.sources) > 0:
		errs = append(errs, template.At("content", errors.New("give either content or a source, not both")))
	case f.content() != "" && f.download():
		errs = append(errs, template.At("content", errors.New("content is for uploads only")))
	case c.Content == nil && len(f.sources) == 0:
		errs = append(errs, template.Missing("source", "sources", "content"))
	}
	if !f.download() && !c.Generated {
		errs = append(errs, checkExist("source", c.Source), checkExist("sources", c.Sources...))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return f, nil
}

// Describe names what is copied where.
func (f *file) Describe() string {
	what := "text"
	if len(f.sources) > 0 {
		what = filepath.Base(f.sources[0])
	}
	if n := len(f.sources) - 1; n > 0 {
		what += fmt.Sprintf(" and %d more", n)
	}
	return what + " → " + f.Destination
}

func (f *file) download() bool { return f.Direction == "download" }

func (f *file) content() string {
	if f.Content == nil {
		return ""
	}
	return *f.Content
}

func (f *file) Fingerprint(_ context.Context, h *cache.Hash) error {
	switch {
	case f.download():
		return cache.ErrOutside
	case f.Generated:
		// What an earlier step will make is not known yet.
		return cache.ErrVolatile
	}
	for i, s := range f.sources {
		info, err := os.Stat(s)
		if err != nil {
			return err
		}
		name := hostName("source", i, s)
		if info.IsDir() {
			err = machine.HashTree(h, name, s)
		} else {
			err = h.AddFile(name, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// HostPaths: of an upload the base name counts, which Fingerprint adds.
func (f *file) HostPaths() []string {
	if f.download() || f.Generated {
		return nil
	}
	return []string{"source", "sources"}
}

// hostName names the i-th file of an option for a key: "source 1 site/".
func hostName(option string, i int, file string) string {
	name := fmt.Sprintf("%s %d %s", option, i+1, filepath.Base(file))
	if strings.HasSuffix(file, "/") {
		name += "/"
	}
	return name
}

// maxScript is the size, in bytes, up to which an uploaded file may be a script.
const maxScript = 1 << 20

// UsesNames looks for PACKER_BUILD_NAME and PACKER_BUILDER_TYPE in what is uploaded:
// a later step may run it. What cannot be read counts: better a layer too many.
func (f *file) UsesNames() bool {
	if f.download() || f.Generated {
		return false
	}
	found := strings.Contains(f.content(), namesPrefix)
	for _, s := range f.sources {
		if top, err := filepath.EvalSymlinks(s); err == nil {
			s = top
		}
		err := filepath.WalkDir(s, func(path string, e fs.DirEntry, err error) error {
			if err != nil || found {
				return err
			}
			info, err := os.Stat(path)
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxScript {
				return nil // the fingerprint tells what is wrong
			}
			text, err := os.ReadFile(path)
			found = bytes.Contains(text, []byte(namesPrefix))
			return err
		})
		found = found || err != nil
	}
	return found
}

func (f *file) Provision(ctx context.Context, run Run, c machine.Communicator) error {
	if f.download() {
		for _, s := range f.sources {
			if err := f.fetch(ctx, run, c, s); err != nil {
				return err
			}
		}
		return nil
	}
	dst, err := expandHome(ctx, c, f.Destination)
	if err != nil {
		return err
	}
	switch {
	case f.content() != "":
		return f.uploadContent(ctx, run, c, dst)
	case len(f.sources) == 0:
		run.Out.Say("Nothing to upload to %s: the content is empty", f.Destination)
	case len(f.sources) > 1 && !strings.HasSuffix(dst, "/"):
		dst += "/"
	}
	for _, s := range f.sources {
		if err := f.upload(ctx, run, c, s, dst); err != nil {
			return err
		}
	}
	return nil
}

func (f *file) uploadContent(ctx context.Context, run Run, c machine.Communicator, dst string) error {
	if strings.HasSuffix(dst, "/") {
		dst += "pkr-file-content"
	}
	run.Out.Say("Uploading content => %s", dst)
	if err := c.Put(ctx, dst, 0o644, strings.NewReader(f.content())); err != nil {
		return explainPut(ctx, c, dst, fmt.Errorf("upload content to %s: %w", dst, err))
	}
	return nil
}

func (f *file) upload(ctx context.Context, run Run, c machine.Communicator, src, dst string) error {
	info, err := os.Stat(src)
	if err != nil {
		return err
	}
	name := filepath.Base(src)
	run.Out.Say("Uploading %s => %s", src, dst)
	if info.IsDir() {
		if !strings.HasSuffix(src, "/") {
			dst = path.Join(dst, name)
		}
		t, end := transfer(run.Out, src)
		defer end()
		return machine.PutTree(ctx, c, src, dst, t)
	}
	if strings.HasSuffix(dst, "/") {
		dst += name
	}
	mode := fs.FileMode(0o644)
	if info.Mode()&0o100 != 0 {
		mode = 0o755
	}
	err = putFile(ctx, run, c, src, dst, mode, info.Size())
	if err != nil && isDirectory(ctx, c, dst) {
		dst = path.Join(dst, name)
		err = putFile(ctx, run, c, src, dst, mode, info.Size())
	}
	if err != nil {
		return explainPut(ctx, c, dst, fmt.Errorf("upload %s to %s: %w", src, dst, err))
	}
	return nil
}

func putFile(ctx context.Context, run Run, c machine.Communicator, src, dst string, mode fs.FileMode, size int64) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	moved := run.Out.Progress(filepath.Base(src), size)
	defer moved(0, true)
	return c.Put(ctx, dst, mode, watched{in, moved})
}

// transfer shows the progress of a tree's transfer until end is called.
func transfer(out machine.Log, name string) (t machine.Transfer, end func()) {
	end = func() {}
	t.Warn = out.Warn
	t.Begin = func(total int64) func(int64) {
		moved := out.Progress(path.Base(name), total)
		end = func() { moved(0, true) }
		return func(n int64) { moved(n, false) }
	}
	return t, func() { end() }
}

// watched reports what was read of it.
type watched struct {
	r     io.Reader
	moved func(n int64, done bool)
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.moved(int64(n), false)
	return n, err
}
