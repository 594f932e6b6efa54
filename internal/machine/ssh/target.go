package ssh

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Target is what a person writes to name a machine:
//
//	ssh://user@host:port?key=FILE&known_hosts=FILE&sudo=false
//
// Only the host is needed. It may be an alias of ~/.ssh/config, which also says what
// is not given here.
type Target struct {
	Host       string
	Port       int // 0: not given
	User       string
	Key        string // private key file: the only key to log in with
	KnownHosts string // file of known host keys, instead of the usual ones
	NoSudo     bool   // commands are those of the user who logs in; SSH itself does not care
}

const targetForm = "write ssh://user@host:port?key=FILE&known_hosts=FILE&sudo=false; all but the host may be left out"

// ParseTarget reads a target. Errors do not repeat a password.
func ParseTarget(s string) (Target, error) {
	t, err := parseTarget(s)
	if err != nil {
		if u, perr := url.Parse(s); perr == nil && u.User != nil {
			s = u.Redacted()
		} else if at := strings.LastIndex(s, "@"); at >= 0 {
			s = "ssh://…" + s[at:]
		}
		return Target{}, fmt.Errorf("read target %q: %w; %s", s, err, targetForm)
	}
	return t, nil
}

// hostName is of names, addresses with or without a zone, and aliases. What begins with
// a dash looks like an option to some programs.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_.:][A-Za-z0-9_.:%~-]*$`)

func parseTarget(s string) (Target, error) {
	u, err := url.Parse(s)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) {
			err = e.Err // which does not repeat the text
		}
		return Target{}, err
	}
	t := Target{Host: u.Hostname()}
	switch {
	case u.Scheme != "ssh":
		return t, errors.New("does not begin with ssh://")
	case !hostName.MatchString(t.Host):
		return t, errors.New("has no host")
	case u.Path != "" && u.Path != "/":
		return t, fmt.Errorf("has a path %q, which means nothing", u.Path)
	case u.Fragment != "":
		return t, errors.New(`has a #, which means nothing; write %23 in a file name`)
	}
	if u.User != nil {
		if _, ok := u.User.Password(); ok {
			return t, errors.New("holds a password, which others can see in the list of processes: use a key or the agent")
		}
		if t.User = u.User.Username(); t.User == "" {
			return t, errors.New("has no user before the @")
		}
	}
	if p := u.Port(); p != "" {
		if t.Port, err = parsePort(p); err != nil {
			return t, err
		}
		if t.Port == 0 {
			return t, errors.New(`"0" is no port: ports are 1 to 65535`)
		}
	} else if strings.HasSuffix(u.Host, ":") {
		return t, errors.New("has no port after the colon")
	}
	return t, t.parseOptions(u.RawQuery)
}

// parseOptions reads what follows the ?. A plus sign is one: these are file names.
func (t *Target) parseOptions(query string) error {
	for option := range strings.SplitSeq(query, "&") {
		if option == "" {
			continue
		}
		name, text, _ := strings.Cut(option, "=")
		value, err := url.PathUnescape(text)
		if err != nil {
			return fmt.Errorf("option %s: %w", name, err)
		}
		var to *string
		switch name {
		case "sudo":
			if value != "true" && value != "false" {
				return fmt.Errorf("option sudo is %q: write true or false", value)
			}
			t.NoSudo = value == "false"
			continue
		case "key":
			to = &t.Key
		case "known_hosts":
			to = &t.KnownHosts
		default:
			return fmt.Errorf("option %q is not known: there are key, known_hosts and sudo", name)
		}
		if value == "" {
			return fmt.Errorf("option %s names no file", name)
		}
		if *to != "" {
			return fmt.Errorf("option %s stands there twice", name)
		}
		*to = value
	}
	return nil
}

// String is the target in the form that ParseTarget reads.
func (t Target) String() string {
	u := url.URL{Scheme: "ssh", Host: t.Host}
	if strings.Contains(t.Host, ":") {
		u.Host = "[" + t.Host + "]"
	}
	if t.Port != 0 {
		u.Host += ":" + strconv.Itoa(t.Port)
	}
	if t.User != "" {
		u.User = url.User(t.User)
	}
	var options []string
	for _, o := range [][2]string{{"key", t.Key}, {"known_hosts", t.KnownHosts}} {
		if o[1] != "" {
			options = append(options, o[0]+"="+url.PathEscape(o[1]))
		}
	}
	if t.NoSudo {
		options = append(options, "sudo=false")
	}
	u.RawQuery = strings.Join(options, "&")
	return u.String()
}

// Options say how to reach the target, with what the user's files say of it. Host keys
// have to be known: where StrictHostKeyChecking is no, off or accept-new, a host of
// which none is known is taken.
func (t Target) Options(f ClientFiles) (Options, error) {
	o, err := f.resolve(t.Host, t.User, t.Port, maxJumps)
	if err != nil {
		return o, fmt.Errorf("target %s: %w", t, err)
	}
	if t.KnownHosts != "" {
		if err := readable(t.KnownHosts); err != nil {
			return o, fmt.Errorf("target %s: known_hosts: %w", t, err)
		}
		o.HostKeys = KnownHosts(false, t.KnownHosts)
	}
	if t.Key != "" {
		if err := readable(t.Key); err != nil {
			return o, fmt.Errorf("target %s: key: %w", t, err)
		}
		o.Auth.Files, o.Auth.OnlyFiles = []string{t.Key}, true
	}
	return o, nil
}

func readable(file string) error {
	path, err := expandHome(file)
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return f.Close()
}
