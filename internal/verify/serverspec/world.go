package serverspec

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// world is what specs see outside of their own values, in one evaluation. Specs are not
// trusted with this host: on the controller they read files below the directory that rspec
// would be started in, and run commands only where the options allow it.
type world struct {
	spec    *Spec
	project *project
	session *verify.Session
	replay  *replay
	counter *counter
	order   *order
	backend func() string // that the specs have set, or ""
	reach   func() error  // why the target is not the machine of the specs
	missing func(library string)
}

// allowing is how somebody lets specs do more on the controller.
const allowing = "--allow-commands (in a template allow_commands = true)"

// unchecked is the reason why an example cannot be judged. No rescue takes it.
type unchecked struct{ why string }

func (e *unchecked) Error() string { return e.why }

// onTarget tells where the specs look; what names the effect for the error that asks.
func (w *world) onTarget(what string) (bool, error) {
	switch w.spec.options.RunsOn {
	case OnTarget:
		return true, nil
	case OnController:
		return false, nil
	}
	if w.spec.options.Local {
		return true, nil
	}
	switch w.backend() {
	case "exec":
		return true, nil
	case "":
		return false, &unchecked{what + ` means another thing on the machine under test than here, and the specs set no backend: say --specs-run-on target or controller (in a template specs_run_on = "target")`}
	}
	return false, nil
}

// own is a path of the specs' own tree, which is here wherever they run.
func (w *world) own(name string) (path string, ok bool) {
	path = name
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.project.root, path)
	}
	path = filepath.Clean(path)
	if !below(w.project.tree, path) {
		return path, false
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		root, err := filepath.EvalSymlinks(w.project.tree)
		if err != nil || !below(root, real) {
			return path, false
		}
	}
	return path, true
}

func below(root, path string) bool {
	return path == root || strings.HasPrefix(path, root+"/") // nothing is below /, which is everybody's
}

// looking is to ask what kind of file is there, which specs may of any file on the
// controller: a report then shows no more of it than that.
const looking = "looking at"

// unwritten is the error for what names a Tempfile: the text of one is nowhere but in the
// spec, which does no harm where it is only passed on to what finds the target.
func unwritten(text string) error {
	if strings.Contains(text, "proofmark-tempfile-") {
		return &unchecked{"a Tempfile is kept in the spec, and written nowhere: use File.write"}
	}
	return nil
}

// here gives the path of a file that specs may read on the controller; ok is false when
// it is to be asked of the target.
func (w *world) here(what, name string) (path string, ok bool, err error) {
	if err := unwritten(name); err != nil {
		return "", false, err
	}
	path, own := w.own(name)
	if own {
		_, err := os.Lstat(path)
		spec, lib := filepath.Join(w.project.root, "spec"), filepath.Join(w.project.root, "lib")
		if err == nil || !filepath.IsAbs(name) || below(spec, path) || below(lib, path) {
			return path, true, nil
		}
	}
	target, err := w.onTarget(what + " of " + name)
	switch {
	case err != nil && own:
		return path, true, nil
	case err != nil:
		return "", false, err
	case target:
		return path, false, nil
	case own, w.spec.options.AllowCommands, what == looking:
		return path, true, nil
	}
	return "", false, &unchecked{fmt.Sprintf("%s of %s: of this host specs may read only files below %s, without "+allowing, what, name, w.project.tree)}
}

func (w *world) Env(at ruby.Place, name string) (string, bool, error) {
	for _, list := range [][]string{w.spec.options.Environ, w.project.environ} {
		for _, line := range slices.Backward(list) { // later ones over earlier ones
			if k, v, ok := strings.Cut(line, "="); ok && k == name {
				return v, true, nil
			}
		}
	}
	return "", false, nil
}

func (w *world) Environ(ruby.Place) ([]string, error) { return w.spec.environment(w.project), nil }

// environment that the specs of a project see, sorted, each name once.
func (s *Spec) environment(p *project) []string {
	all := map[string]string{}
	for _, line := range slices.Concat(p.environ, s.options.Environ) {
		name, value, _ := strings.Cut(line, "=")
		all[name] = value
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, name+"="+all[name])
	}
	return list
}

func (w *world) Getwd(ruby.Place) (string, error) { return w.project.root, nil }

func (w *world) ReadFile(at ruby.Place, name string) ([]byte, error) {
	path, ok, err := w.here("reading", name)
	if err != nil {
		return nil, err
	}
	if ok {
		return once(w, at, func() ([]byte, error) { return readLimited(path) })
	}
	f, err := w.fileFact(path, "content")
	switch {
	case err != nil:
		return nil, err
	case !f.Exists:
		return nil, fs.ErrNotExist
	case f.TooLarge:
		return nil, &unchecked{fmt.Sprintf("%s is larger than what a spec may read", name)}
	case f.ReadErr != "":
		return nil, &unchecked{fmt.Sprintf("read %s: %s", name, f.ReadErr)}
	}
	return f.Content, nil
}

func readLimited(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not wait for a writer
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, fmt.Errorf("read %s: it is no regular file: %w", path, fs.ErrPermission)
	}
	b, err := io.ReadAll(io.LimitReader(f, probe.MaxBlob+1))
	if err == nil && len(b) > probe.MaxBlob {
		return nil, &unchecked{path + " is larger than what a spec may read"}
	}
	return b, err
}

// fileFact asks the target about a file.
func (w *world) fileFact(path string, args ...string) (probe.File, error) {
	if err := w.reach(); err != nil {
		return probe.File{}, err
	}
	q := probe.Question{Kind: probe.KindFile, Name: path}
	for _, a := range args {
		q.Args = map[string]string{a: "1"}
	}
	f, known, err := verify.Fact[probe.File](w.session, w.order.place(q))
	switch {
	case !known:
		return f, ruby.ErrOpen
	case err != nil:
		return f, &unchecked{err.Error()}
	}
	return f, nil
}

func (w *world) Stat(at ruby.Place, name string) (fs.FileInfo, error) { return w.stat(at, name, true) }

func (w *world) Lstat(at ruby.Place, name string) (fs.FileInfo, error) {
	return w.stat(at, name, false)
}

func (w *world) stat(at ruby.Place, name string, follow bool) (fs.FileInfo, error) {
	path, ok, err := w.here(looking, name)
	if err != nil {
		return nil, err
	}
	if ok {
		if follow {
			return os.Stat(path)
		}
		return os.Lstat(path)
	}
	f, err := w.fileFact(path)
	switch {
	case err != nil:
		return nil, err
	case !f.Exists, follow && f.Type == "symlink" && f.TargetType == "":
		return nil, fs.ErrNotExist
	}
	if follow && f.Type == "symlink" {
		out, err := w.shell(at, "stat -L -c '%s %f %Y' -- "+quote(path), true)
		if err != nil {
			return nil, err
		}
		var size, mtime int64
		var mode uint32
		if _, err := fmt.Sscanf(string(out.Stdout), "%d %x %d", &size, &mode, &mtime); err == nil {
			return fileInfo{path, size, goMode(f.TargetType, mode), mtime}, nil
		}
	}
	var mode uint32
	_, _ = fmt.Sscanf(f.Mode, "%o", &mode)
	return fileInfo{path, f.Size, goMode(f.Type, mode), f.MTime}, nil
}

type fileInfo struct {
	path  string
	size  int64
	mode  fs.FileMode
	mtime int64
}

func (f fileInfo) Name() string       { return filepath.Base(f.path) }
func (f fileInfo) Size() int64        { return f.size }
func (f fileInfo) Mode() fs.FileMode  { return f.mode }
func (f fileInfo) ModTime() time.Time { return time.Unix(f.mtime, 0) }
func (f fileInfo) IsDir() bool        { return f.mode.IsDir() }
func (f fileInfo) Sys() any           { return nil }

func goMode(typ string, bits uint32) fs.FileMode {
	mode := fs.FileMode(bits & 0o777)
	for bit, m := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			mode |= m
		}
	}
	return mode | map[string]fs.FileMode{
		"directory": fs.ModeDir, "symlink": fs.ModeSymlink, "socket": fs.ModeSocket, "pipe": fs.ModeNamedPipe,
		"block-device": fs.ModeDevice, "character-device": fs.ModeDevice | fs.ModeCharDevice,
	}[typ]
}

func (w *world) Readlink(at ruby.Place, name string) (string, error) {
	path, ok, err := w.here("reading the link", name)
	if err != nil {
		return "", err
	}
	if ok {
		return os.Readlink(path)
	}
	f, err := w.fileFact(path)
	if err == nil && !f.Exists {
		err = fs.ErrNotExist
	}
	return f.LinkTarget, err
}

func (w *world) ReadDir(at ruby.Place, name string) ([]string, error) {
	path, ok, err := w.here("listing", name)
	if err != nil {
		return nil, err
	}
	if ok {
		list, err := os.ReadDir(path)
		var names []string
		for _, e := range list {
			names = append(names, e.Name())
		}
		return names, err
	}
	out, err := w.shell(at, "cd -- "+quote(path)+" && ls -1A", true)
	if err != nil {
		return nil, err
	}
	if out.Exit != 0 {
		return nil, fs.ErrNotExist
	}
	return strings.FieldsFunc(string(out.Stdout), func(r rune) bool { return r == '\n' }), nil
}

func (w *world) Access(at ruby.Place, name string, mode uint32) (bool, error) {
	path, ok, err := w.here(looking, name)
	if err != nil {
		return false, err
	}
	if ok {
		info, err := os.Stat(path)
		return err == nil && uint32(info.Mode().Perm())>>6&mode == mode, nil
	}
	var tests []string
	for bit, letter := range map[uint32]string{4: "-r", 2: "-w", 1: "-x"} {
		if mode&bit != 0 {
			tests = append(tests, "test "+letter+" "+quote(path))
		}
	}
	slices.Sort(tests)
	out, err := w.shell(at, strings.Join(tests, " && "), true)
	return out.Exit == 0, err
}

// shell asks the target for a command. What is not passive is told apart from others of
// its text by where it stands.
func (w *world) shell(at ruby.Place, line string, passive bool) (probe.Command, error) {
	if err := w.reach(); err != nil {
		return probe.Command{}, err
	}
	return w.shellWithin(at, line, passive, w.timeout(), nil)
}

func (w *world) timeout() time.Duration {
	if w.spec.options.Timeout <= 0 {
		return time.Minute
	}
	return w.spec.options.Timeout
}

// shellWithin is shell with a time of its own, and with what else there is to say about
// the command, which may be nil.
func (w *world) shellWithin(at ruby.Place, line string, passive bool, timeout time.Duration, more map[string]string) (probe.Command, error) {
	args := map[string]string{"timeout": timeout.String()}
	maps.Copy(args, more)
	if passive {
		args["passive"] = "1"
	} else {
		args["instance"] = w.counter.at(at.Pos, at.Kind).key()
	}
	c, known, err := verify.Fact[probe.Command](w.session, w.order.place(probe.Question{Kind: probe.KindCommand, Name: line, Args: args}))
	switch {
	case !known:
		return c, ruby.ErrOpen
	case err != nil:
		return c, &unchecked{err.Error()}
	case c.TimedOut:
		return c, &unchecked{fmt.Sprintf("the command did not end within %v: %s", timeout, line)}
	}
	return c, nil
}

// reaching tells whether a command is for finding or starting the machine that ServerSpec
// is to connect to. The target is there without it.
func reaching(line string) bool {
	word, _, _ := strings.Cut(strings.TrimLeft(line, " '"), " ")
	switch strings.Trim(word, "'") {
	case "vagrant", "docker-machine", "kitchen", "ssh-keygen", "ssh-keyscan", "ssh-add":
		return true
	}
	return false
}

func (w *world) Run(ctx context.Context, at ruby.Place, c ruby.Command) (ruby.Output, error) {
	line := c.Line
	if len(c.Argv) > 0 {
		var words []string
		for _, a := range c.Argv {
			words = append(words, quote(a))
		}
		line = strings.Join(words, " ")
	}
	unsaid := w.backend() == "" || w.spec.options.Local && w.backend() != "exec"
	if reaching(line) && unsaid && w.spec.options.RunsOn == "" {
		return ruby.Output{}, nil
	}
	if err := unwritten(line); err != nil {
		return ruby.Output{}, err
	}
	target, err := w.onTarget("the command `" + line + "`")
	if err != nil {
		return ruby.Output{}, err
	}
	if !target {
		if !w.spec.options.AllowCommands && reaching(line) {
			return ruby.Output{}, nil
		}
		if !w.spec.options.AllowCommands {
			return ruby.Output{}, &unchecked{"specs run commands and change files on this host only with " + allowing + ": " + strings.TrimPrefix(line, "LC_ALL=C ")}
		}
		return once(w, at, func() (ruby.Output, error) { return w.runHere(ctx, c) })
	}
	if len(c.Unset) > 0 {
		line = unset(c.Unset) + line
	}
	for i := len(c.Env) - 1; i >= 0; i-- {
		name, value, _ := strings.Cut(c.Env[i], "=")
		line = "export " + name + "=" + quote(value) + "; " + line
	}
	if c.Dir != "" {
		if path, own := w.own(c.Dir); own && !w.spec.options.Local {
			return ruby.Output{}, &unchecked{"the command `" + line + "` is to run in a directory of the specs, " + path + ", which is not on the target"}
		}
		line = "cd " + quote(c.Dir) + " && { " + line + "\n}"
	}
	if len(c.Stdin) > 0 {
		line = "{ " + line + "\n} <<'PROOFMARK_END'\n" + string(c.Stdin) + "\nPROOFMARK_END"
	}
	if c.Merge {
		line = "{ " + line + "\n} 2>&1"
	}
	out, err := w.shell(at, line, false)
	return ruby.Output{Stdout: out.Stdout, Stderr: out.Stderr, Exit: out.Exit}, err
}

func (w *world) Now(at ruby.Place) (time.Time, error) {
	return once(w, at, func() (time.Time, error) { return time.Now(), nil })
}

// maxSleep is how long one sleep of a spec may be.
const maxSleep = 5 * time.Minute

// Sleep waits on the target, between the questions before and after it.
func (w *world) Sleep(ctx context.Context, at ruby.Place, d time.Duration) error {
	switch {
	case d <= 0:
		return nil
	case d > maxSleep:
		return &unchecked{fmt.Sprintf("the spec sleeps for %v, and %v is the most", d, maxSleep)}
	}
	_, err := w.shellWithin(at, "sleep "+strconv.FormatFloat(d.Seconds(), 'f', -1, 64), false, d+10*time.Second, nil)
	return err
}

func (w *world) Random(at ruby.Place, n int) ([]byte, error) {
	return once(w, at, func() ([]byte, error) {
		b := make([]byte, n)
		_, err := rand.Read(b)
		return b, err
	})
}

func (w *world) Print(at ruby.Place, stream int, text string) error {
	out := w.spec.options.Output
	if out == nil { // so it need not be remembered either, however much it is
		return nil
	}
	_, err := once(w, at, func() (bool, error) {
		if _, err := io.WriteString(out, text); err != nil {
			return false, fmt.Errorf("print what a spec prints: %w", err)
		}
		return true, nil
	})
	return err
}

// Require finds Ruby anywhere on the controller, as helpers that projects share are. What
// is not called so, such as a file of settings, could be a secret that happens to parse.
func (w *world) Require(ctx context.Context, at ruby.Place, name, from string) (*syntax.File, error) {
	for _, path := range w.candidates(name, from, at.Pos.File) {
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if _, own := w.own(path); !own && !strings.HasSuffix(path, ".rb") {
			return nil, &unchecked{fmt.Sprintf("loading of %s: specs may read only files below %s on this host, and *.rb", path, w.project.tree)}
		}
		src := w.spec.sources.read(path)
		if src.problem != nil {
			return nil, &unchecked{src.problem.Error()}
		}
		return src.tree, nil
	}
	if from == "" {
		if emulated(name) {
			return nil, nil
		}
		w.missing(name)
	}
	return nil, fs.ErrNotExist
}

// candidates are the files that require in a file may mean, in order.
func (w *world) candidates(name, from, file string) []string {
	var dirs []string
	switch {
	case filepath.IsAbs(name):
		dirs = []string{"/"}
	case from != "":
		dirs = []string{from}
	case strings.HasPrefix(name, "./"), strings.HasPrefix(name, "../"):
		dirs = []string{w.project.root}
	default:
		dirs = w.project.searched(file)
	}
	var list []string
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		list = append(list, path+".rb", path)
		if strings.HasSuffix(path, ".rb") {
			list = append(list[:len(list)-2], path)
		}
	}
	return list
}
