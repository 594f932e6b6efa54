// Package probe is the language between a verify session and the small program
// that runs inside a machine: questions go in, facts come out, in order.
package probe

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Question asks for one fact. Two questions with equal keys have the same answer
// within one generation of facts.
type Question struct {
	Kind string            `json:"kind"` // "file", "package", …: see the constants
	Name string            `json:"name"`
	Args map[string]string `json:"args,omitempty"`
}

// Key identifies the question.
func (q Question) Key() string {
	var b strings.Builder
	b.WriteString(q.Kind + "\x00" + q.Name)
	for _, k := range slices.Sorted(maps.Keys(q.Args)) {
		b.WriteString("\x00" + k + "\x01" + q.Args[k])
	}
	return b.String()
}

// Valid returns why the question cannot be put: what is no text gets lost on the way,
// and no file or command has a zero byte in its name.
func (q Question) Valid() error {
	for _, text := range append(slices.Collect(maps.Values(q.Args)), q.Name) {
		if !utf8.ValidString(text) {
			return fmt.Errorf("ask about %q: it is not UTF-8", text)
		}
	}
	if strings.Contains(q.Name, "\x00") {
		return fmt.Errorf("ask about %q: it has a zero byte", q.Name)
	}
	return nil
}

// Version of the questions and facts. It is an input of every proof and part of
// the greeting of a probe, so it goes up whenever a fact changes its shape or its
// meaning: images that were proven by an older probe are then proven again.
const Version = "4"

// MaxBlob is the most that one fact holds of a file, an output or a body.
const MaxBlob = 8 << 20

// Answer to one question. Fact is the JSON of the kind's fact type; Error says
// why the question could not be answered, which is not the same as "no".
type Answer struct {
	Fact  json.RawMessage `json:"fact,omitempty"`
	Error string          `json:"error,omitempty"`
	// NoProbe says with Error that only a shell answers, which takes questions of
	// KindCommand and no others. No probe says it.
	NoProbe bool `json:"-"`
}

// Kinds of questions, with the type of their facts, what Name is, and which Args they take.
const (
	KindFile        = "file"         // File; absolute path. Args: "content": "1" to have Content, "md5"/"sha256"/"sha512": "1" for digests
	KindPackage     = "package"      // Package; name
	KindService     = "service"      // Service; unit, ".service" may be missing
	KindPort        = "port"         // Port; "tcp:80", "tcp6:80", "udp:53", "80" (tcp or tcp6)
	KindUser        = "user"         // User; name
	KindGroup       = "group"        // Group; name
	KindProcess     = "process"      // Process; name as in /proc/PID/comm (15 bytes) or the base name of argv[0]
	KindCommand     = "command"      // Command; line for /bin/sh -c. Args: "timeout" (Go duration; 10s), "env" (lines "K=V"), "here": "1" to run it where the probe was started and not in /, "passive": "1" for one that changes nothing, "instance", "after" (told apart by it alone)
	KindGrep        = "grep"         // Grep; absolute path. Args: "pattern" (basic regular expression), "fixed": "1" for a text that stands for itself
	KindKernelParam = "kernel-param" // KernelParam; "net.ipv4.ip_forward"
	KindMount       = "mount"        // Mount; mount point. Args: "timeout"
	KindAddr        = "addr"         // Addr; "tcp://host:port", "udp://…". Args: "timeout", "local-address"
	KindDNS         = "dns"          // DNS; host, or "A:host", "CNAME:…", "MX:…", "TXT:…", "PTR:…", "SRV:…", "AAAA:…", "NS:…", "CAA:…". Args: "timeout", "server"
	KindHTTP        = "http"         // HTTP; URL. Args: "timeout", "allow-insecure", "no-follow-redirects", "method", "username", "password", "request-body", "request-headers" (lines "K: v"), "proxy", "ca-file", "cert-file", "key-file"
	KindInterface   = "interface"    // Interface; name
	KindSystem      = "system"       // System; "" : for the sanity set
	KindInventory   = "inventory"    // Inventory; ""
)

// File is a fact of a path. When Exists is false nothing else is set. Links are
// followed for Content and digests only.
type File struct {
	Exists     bool   `json:"exists"`
	Type       string `json:"type"` // file, directory, symlink, socket, pipe, block-device, character-device
	Mode       string `json:"mode"` // four octal digits or more, setuid and sticky included: "0644"
	Size       int64  `json:"size"`
	UID        int    `json:"uid"`
	GID        int    `json:"gid"`
	Owner      string `json:"owner"` // name, or the number when it has none
	Group      string `json:"group"`
	LinkTarget string `json:"link_target,omitempty"`
	TargetType string `json:"target_type,omitempty"` // Type at the end of all links; "" when they lead nowhere
	MTime      int64  `json:"mtime"`                 // seconds since 1970
	Content    []byte `json:"content,omitempty"`     // at most MaxBlob
	TooLarge   bool   `json:"too_large,omitempty"`   // Content was asked for and not given: over MaxBlob
	ReadErr    string `json:"read_err,omitempty"`    // Content or digests were asked for and could not be had: a directory, a dangling link, no permission
	MD5        string `json:"md5,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	SHA512     string `json:"sha512,omitempty"`
}

// Package is a fact of a package name.
type Package struct {
	Installed bool            `json:"installed"`
	Versions  []string        `json:"versions"`
	Manager   string          `json:"manager"` // dpkg, rpm, apk
	Records   []PackageRecord `json:"records,omitempty"`
}

// PackageRecord is what a package manager has on record under a package name, which
// may be of a package that is gone or of another architecture.
type PackageRecord struct {
	Version string `json:"version"`          // rpm: epoch:version-release
	Arch    string `json:"arch"`             //
	Status  string `json:"status,omitempty"` // dpkg: "install ok installed"
}

// Grep tells whether a line of a file matches. A file that is not there or cannot be
// read has no line.
type Grep struct {
	Match bool `json:"match"`
}

// Service is a fact of a unit.
type Service struct {
	Exists    bool     `json:"exists"`
	Enabled   bool     `json:"enabled"`
	Running   bool     `json:"running"`
	State     string   `json:"state"`         // systemd's ActiveState/SubState, e.g. "active/running"
	UnitFile  string   `json:"unit_file"`     // systemd's UnitFileState
	RunLevels []string `json:"runlevels"`     // of System V start links: "2" … "5", sorted
	Err       string   `json:"err,omitempty"` // why Running and State could not be told, e.g. nothing is running
}

// Port is a fact of a port.
type Port struct {
	Listening bool     `json:"listening"`
	IP        []string `json:"ip"` // addresses it listens on, sorted
}

// User is a fact of a user name, by NSS (files at least).
type User struct {
	Exists bool     `json:"exists"`
	UID    int      `json:"uid"`
	GID    int      `json:"gid"`
	Groups []string `json:"groups"` // sorted, the primary one included
	Home   string   `json:"home"`
	Shell  string   `json:"shell"`
}

// Group is a fact of a group name.
type Group struct {
	Exists  bool     `json:"exists"`
	GID     int      `json:"gid"`
	Members []string `json:"members"`
}

// Process is a fact of a process name.
type Process struct {
	Running bool  `json:"running"`
	PIDs    []int `json:"pids"`
	// Comm are those whose /proc/PID/comm it is, with ended ones that their parent has
	// not waited for, and without the probe's own: what ps -C lists.
	Comm []int `json:"comm,omitempty"`
}

// Command is the outcome of a command line.
type Command struct {
	Exit     int    `json:"exit"`             // 128 and the number of the signal that ended it
	Stdout   []byte `json:"stdout,omitempty"` // at most MaxBlob each
	Stderr   []byte `json:"stderr,omitempty"`
	TimedOut bool   `json:"timed_out,omitempty"` // and was killed; Exit is -1
	Cut      bool   `json:"cut,omitempty"`       // Stdout or Stderr was longer
}

// KernelParam is a fact of a sysctl.
type KernelParam struct {
	Exists bool   `json:"exists"`
	Value  string `json:"value"` // white space trimmed
}

// Mount is a fact of a mount point.
type Mount struct {
	Exists     bool     `json:"exists"`
	Opts       []string `json:"opts"`
	VFSOpts    []string `json:"vfs_opts"`
	Source     string   `json:"source"`
	Filesystem string   `json:"filesystem"`
	Usage      int      `json:"usage"` // percent of the blocks
}

// Addr tells whether a remote address can be reached.
type Addr struct {
	Reachable bool   `json:"reachable"`
	Err       string `json:"err,omitempty"`
}

// DNS tells whether a name resolves. When no name server answers, the question
// cannot be answered.
type DNS struct {
	Resolvable bool     `json:"resolvable"`
	Addrs      []string `json:"addrs"` // sorted
	Err        string   `json:"err,omitempty"`
}

// HTTP is the answer of a web server.
type HTTP struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    []byte              `json:"body,omitempty"` // at most MaxBlob
	Cut     bool                `json:"cut,omitempty"`  // Body was longer
	Err     string              `json:"err,omitempty"`  // no answer: refused, timed out, bad certificate
}

// Interface is a fact of a network interface.
type Interface struct {
	Exists bool     `json:"exists"`
	Addrs  []string `json:"addrs"` // CIDR, sorted
	MTU    int      `json:"mtu"`
}

// System is what the sanity set wants to know.
type System struct {
	Init          string   `json:"init"`  // "systemd", "sysvinit", …; "" when no init runs as PID 1
	State         string   `json:"state"` // systemctl is-system-running
	FailedUnits   []string `json:"failed_units"`
	InactiveUnits []string `json:"inactive_units"` // enabled services that should be active and are not: no oneshot without RemainAfterExit, no unit whose condition was not met, none that exited cleanly
	Jobs          []string `json:"jobs"`           // still queued
	BadDpkg       []string `json:"bad_dpkg"`       // packages half installed or half configured
	OS            string   `json:"os"`             // PRETTY_NAME
	Arch          string   `json:"arch"`           // GOARCH name
}

// Inventory is what is in the machine. All lists are sorted.
type Inventory struct {
	OS       string             `json:"os"`   // PRETTY_NAME
	Arch     string             `json:"arch"` // GOARCH name
	Packages []InstalledPackage `json:"packages"`
	Etc      map[string]string  `json:"etc"`      // files below /etc: path → sha256 digest (hex), or "-> target"
	Services map[string]string  `json:"services"` // enabled units: name → active state ("" when not booted)
	Ports    []string           `json:"ports"`    // "tcp:80", listening; nothing of the ephemeral UDP ports
	Users    []string           `json:"users"`    // "name:uid:gid:home:shell"
}

// InstalledPackage is one package of an inventory.
type InstalledPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Arch    string `json:"arch"`
	Manager string `json:"manager"` // dpkg, rpm, apk
}
