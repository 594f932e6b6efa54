package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// BootstrapOptions says what mmdebstrap installs.
type BootstrapOptions struct {
	Suite      string   // e.g. "bookworm"
	Mirror     string   // see Resolve; empty for the host's own package sources
	Variant    string   // e.g. "minbase"; empty for "apt"
	Components []string // empty for main; for a mirror given as URL
	Packages   []string
	Arch       string // Debian's name; empty for the host's
	Keyring    string // file or directory; empty for the host's
	Mode       string // "root", "unshare"; empty: root when root, else unshare
	// Epoch becomes SOURCE_DATE_EPOCH, so that two runs on the same packages make
	// the same tree; zero: not set.
	Epoch time.Time
	// Env is added to the environment of mmdebstrap, e.g. proxies.
	Env []string
}

var (
	suiteName   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+/_-]*$`)
	packageName = regexp.MustCompile(`^[A-Za-z0-9?~./][^\s,]*$`)
)

// Bootstrap makes a Debian root file system in dir, which is empty or missing.
// Temporary files lie in the directory that holds dir. What mmdebstrap prints
// goes to out. When ctx ends, all of its processes are ended and nothing of it
// stays mounted; dir is the caller's to remove then, as after any error. What
// mmdebstrap copies from the host (resolver settings, host name) is removed
// again. Recommended packages are not installed.
func Bootstrap(ctx context.Context, dir string, o BootstrapOptions, out machine.Log) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	args, err := o.args(dir)
	if err != nil {
		return fmt.Errorf("bootstrap: %w", err)
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return errors.New("bootstrap: mmdebstrap is not installed: apt-get install --no-install-recommends mmdebstrap")
	}
	name := "mmdebstrap"
	if o.Mode == "root" {
		// Process and mount namespaces of its own: however it ends, its processes and
		// mounts end with it. In mode unshare mmdebstrap makes them itself.
		name, args = "unshare", append([]string{"--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "--", name}, args...)
	}
	screen := out.Output()
	tail := &tailWriter{w: screen}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = tail, tail
	cmd.Env = o.env(ctx)
	if o.Mode == "root" {
		// What it leaves when it is killed lies beside what it made.
		cmd.Env = append(cmd.Env, "TMPDIR="+filepath.Dir(dir))
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	if o.Mode == "root" {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL // unshare holds off SIGTERM
	}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGTERM) }
	cmd.WaitDelay = 3 * time.Second
	err = run(cmd)
	screen.Close()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("bootstrap: %w", context.Cause(ctx))
	case err != nil:
		return fmt.Errorf("bootstrap %s: %w", o.Suite, o.diagnose(tail.String(), err))
	}
	if o.Mode == "root" {
		if err := removeHostFiles(dir); err != nil {
			return fmt.Errorf("bootstrap %s: %w", o.Suite, err)
		}
	}
	return nil
}

// removeHostFiles removes what mmdebstrap copied from the host. A link was made
// by a package.
func removeHostFiles(dir string) error {
	r, err := openRoot(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	etc, err := r.open("etc", unix.O_PATH|unix.O_DIRECTORY, asMachine)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(etc)
	for _, f := range []string{"resolv.conf", "hostname"} {
		var st unix.Stat_t
		if lstat(etc, f, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
			continue
		}
		if err := unix.Unlinkat(etc, f, 0); err != nil {
			return fmt.Errorf("remove the host's %s: %w", f, err)
		}
	}
	return nil
}

// run runs a command and afterwards ends what may be left of its process group.
func run(cmd *exec.Cmd) error {
	// The signal that tells of the parent's death is sent when the thread that
	// started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	_ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) // ESRCH: nothing is left
	return err
}

func (o *BootstrapOptions) args(dir string) ([]string, error) {
	if !suiteName.MatchString(o.Suite) {
		return nil, fmt.Errorf("%q is no name of a suite", o.Suite)
	}
	if o.Mode == "" {
		o.Mode = "unshare"
		if os.Geteuid() == 0 {
			o.Mode = "root"
		}
	}
	if o.Mode != "root" && o.Mode != "unshare" {
		return nil, fmt.Errorf("mode %q is neither root nor unshare", o.Mode)
	}
	if o.Variant == "" {
		o.Variant = "apt"
	}
	args := []string{
		"--mode=" + o.Mode, "--variant=" + o.Variant, "--format=directory",
	}
	if o.Mode == "unshare" { // else it is done afterwards, also for variants that run no hooks
		args = append(args, `--customize-hook=for f in "$1/etc/resolv.conf" "$1/etc/hostname"; do [ -L "$f" ] || rm -f "$f"; done`)
	}
	if len(o.Components) > 0 {
		args = append(args, "--components="+strings.Join(o.Components, ","))
	}
	for _, p := range o.Packages {
		if !packageName.MatchString(p) {
			return nil, fmt.Errorf("%q is no name of a package", p)
		}
		args = append(args, "--include="+p)
	}
	if o.Arch != "" {
		args = append(args, "--architectures="+o.Arch)
	}
	if o.Keyring != "" {
		args = append(args, "--keyring="+o.Keyring)
	}
	mirror := o.Mirror
	if mirror == "" {
		if mirror = HostSources(o.Suite); mirror == "" {
			return nil, noSources(o.Suite)
		}
	}
	args = append(args, "--", o.Suite, dir)
	for line := range strings.Lines(mirror) {
		if line = strings.TrimSpace(line); line != "" {
			args = append(args, line)
		}
	}
	return args, nil
}

// env is what packages see of the host when they are installed: how to reach the
// mirror, and neither credentials nor settings that would change what they do.
func (o *BootstrapOptions) env(ctx context.Context) []string {
	env := []string{"LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if slices.Contains([]string{"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "APT_CONFIG", "SSL_CERT_FILE", "SSL_CERT_DIR"}, name) ||
			strings.HasSuffix(strings.ToLower(name), "_proxy") {
			env = append(env, v)
		}
	}
	if !o.Epoch.IsZero() {
		env = append(env, "SOURCE_DATE_EPOCH="+strconv.FormatInt(o.Epoch.Unix(), 10))
	}
	for _, s := range []string{"http", "https"} {
		if os.Getenv(s+"_proxy") == "" {
			if p := AptProxy(ctx, s); p != "" {
				env = append(env, s+"_proxy="+p)
			}
		}
	}
	return append(env, o.Env...)
}

// diagnosis says what something means that mmdebstrap and apt print; $1 is what the group
// matched.
type diagnosis struct {
	is  *regexp.Regexp
	say string
}

// diagnoses are those of what is usually wrong. The first that matches counts. They are
// made when they are needed: not every start of the program pays for them.
func diagnoses() []diagnosis {
	return []diagnosis{
		{regexp.MustCompile(`(?i)no space left on device`), "no space is left on the file system of the root file system or of /tmp: free some"},
		{regexp.MustCompile(`(?:Could not connect to|Unable to connect to|Cannot initiate the connection to|Connection timed out|Could not resolve|Temporary failure resolving|Connection failed) ?'?([^\s']*)`), "the mirror cannot be reached ($1): check its address, the network and the proxy (http_proxy)"},
		{regexp.MustCompile(`E: The repository '(\S+ \S+)[^']*' does not have a Release file`), "the mirror has no such suite ($1): check suite and mirror"},
		{regexp.MustCompile(`E: Unable to locate package (\S+)`), "there is no package $1 in this suite and its components"},
		{regexp.MustCompile(`E: Package '?(\S+?)'? has no installation candidate`), "there is no package $1 in this suite and its components"},
		{regexp.MustCompile(`(?:NO_PUBKEY|EXPKEYSIG|is not signed|couldn't be verified).*`), "the mirror's signature cannot be verified: install debian-archive-keyring, or name the keyring"},
		{regexp.MustCompile(`E: (?:Failed to fetch|Some index files failed to download).*`), "the mirror did not deliver: $0"},
		{regexp.MustCompile(`(?i)unmet dependencies`), "the packages cannot be installed together: see the output above"},
		{regexp.MustCompile(`(?i)newuidmap|/etc/subuid|unshare.*not permitted`), "this user cannot make user namespaces: apt-get install uidmap, and give it ranges in /etc/subuid and /etc/subgid"},
		{regexp.MustCompile(`E: unable to (?:access|pick).*|E: .*[Pp]ermission denied.*`), "$0"},
	}
}

func (o *BootstrapOptions) diagnose(output string, err error) error {
	for _, d := range diagnoses() {
		if m := d.is.FindStringSubmatchIndex(output); m != nil {
			return errors.New(string(d.is.ExpandString(nil, d.say, output, m)))
		}
	}
	// The first error is the reason, later ones are its consequences.
	for line := range strings.Lines(output) {
		if strings.HasPrefix(line, "E: ") {
			return fmt.Errorf("mmdebstrap: %s", strings.TrimSpace(line[3:]))
		}
	}
	return fmt.Errorf("mmdebstrap: %w", err)
}

// tailWriter passes output on and keeps the end of it.
type tailWriter struct {
	w   io.Writer
	end []byte
}

const maxTailKept = 64 << 10

func (t *tailWriter) Write(p []byte) (int, error) {
	if t.end = append(t.end, p...); len(t.end) > 2*maxTailKept {
		t.end = append(t.end[:0], t.end[len(t.end)-maxTailKept:]...)
	}
	return t.w.Write(p)
}

func (t *tailWriter) String() string { return string(t.end) }
