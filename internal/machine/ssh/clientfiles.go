package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/kevinburke/ssh_config"
)

// ClientFiles are what an SSH client of this user goes by.
type ClientFiles struct {
	Configs []string // in the form of ssh_config; the first that says something counts
	Keys    []string // tried when the files name none
	Known   []string // known_hosts
	Agent   string   // socket, or ""
	User    string   // who logs in when nothing says another
}

// UserFiles are those that OpenSSH takes too.
func UserFiles(getenv func(string) string) ClientFiles {
	f := ClientFiles{
		Configs: []string{"~/.ssh/config", "/etc/ssh/ssh_config"},
		Keys:    []string{"~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ecdsa_sk", "~/.ssh/id_ed25519", "~/.ssh/id_ed25519_sk"},
		Known:   userKnownHosts(),
		Agent:   getenv("SSH_AUTH_SOCK"),
	}
	if u, err := user.Current(); err == nil {
		f.User = u.Username
	}
	return f
}

// maxJumps bounds jump hosts that have jump hosts.
const maxJumps = 8

// settings answers for one host.
type settings struct {
	host  string
	files []*ssh_config.Config
}

func (f ClientFiles) settings(host string) (settings, error) {
	s := settings{host: host}
	for _, file := range f.Configs {
		data, err := readFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return s, err
		}
		c, err := ssh_config.DecodeBytes(data)
		if err != nil {
			return s, fmt.Errorf("read %s: %w", file, err)
		}
		s.files = append(s.files, c)
	}
	return s, nil
}

func (s settings) get(key string) string {
	for _, f := range s.files {
		if v, err := f.Get(s.host, key); err == nil && v != "" {
			return strings.Trim(v, `"`)
		}
	}
	return ""
}

// all is for keys that may stand there many times.
func (s settings) all(key string) (values []string) {
	for _, f := range s.files {
		v, err := f.GetAll(s.host, key)
		if err == nil {
			values = append(values, v...)
		}
	}
	return values
}

// is tells whether a key has one of the values, in any case.
func (s settings) is(key string, values ...string) bool {
	v := s.get(key)
	for _, want := range values {
		if strings.EqualFold(v, want) {
			return true
		}
	}
	return false
}

// resolve says how to reach a host, which may be an alias.
func (f ClientFiles) resolve(host, login string, port, jumps int) (Options, error) {
	var o Options
	s, err := f.settings(host)
	if err != nil {
		return o, err
	}
	name := host
	if n := s.get("HostName"); n != "" {
		name = strings.ReplaceAll(strings.ReplaceAll(n, "%h", host), "%%", "%")
	}
	if port == 0 {
		port = 22
		if p := s.get("Port"); p != "" {
			if port, err = parsePort(p); err != nil {
				return o, fmt.Errorf("ssh_config: Port of %s: %w", host, err)
			}
		}
	}
	o.Addr = net.JoinHostPort(name, strconv.Itoa(port))
	o.User = first(login, s.get("User"), f.User)
	if alias := s.get("HostKeyAlias"); alias != "" {
		o.KnownAs = net.JoinHostPort(alias, "22")
	}
	o.HostKeys = f.hostKeys(s)
	f.auth(&o, s, strings.NewReplacer("%%", "%", "%h", name, "%n", host, "%p", strconv.Itoa(port), "%r", o.User, "%u", f.User, "%d", "~"))
	if o.ConnectTimeout, err = seconds(s, "ConnectTimeout"); err != nil {
		return o, err
	}
	if o.KeepAlive, err = seconds(s, "ServerAliveInterval"); err != nil {
		return o, err
	}
	o.Ciphers, o.KeyExchanges = list(s.get("Ciphers")), list(s.get("KexAlgorithms"))
	jump := s.get("ProxyJump")
	if command := s.get("ProxyCommand"); jump == "" && command != "" && !strings.EqualFold(command, "none") {
		return o, fmt.Errorf("ssh_config has a ProxyCommand for %s, which is not supported: use ProxyJump", host)
	}
	if jump != "" && !strings.EqualFold(jump, "none") {
		if o.Via, err = f.jump(jump, jumps-1); err != nil {
			return o, err
		}
	}
	return o, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func (f ClientFiles) hostKeys(s settings) HostKeys {
	files := strings.Fields(s.get("UserKnownHostsFile"))
	if len(files) == 0 {
		files = f.Known
	} else if global := strings.Fields(s.get("GlobalKnownHostsFile")); len(global) > 0 {
		files = append(files, global...)
	}
	for i, file := range files {
		files[i] = strings.ReplaceAll(file, "%d", "~")
	}
	return KnownHosts(s.is("StrictHostKeyChecking", "no", "off", "accept-new"), files...)
}

func (f ClientFiles) auth(o *Options, s settings, expand *strings.Replacer) {
	o.Auth.Agent = f.Agent
	switch agent := s.get("IdentityAgent"); {
	case strings.EqualFold(agent, "none"):
		o.Auth.Agent = ""
	case agent == "" || agent == "SSH_AUTH_SOCK":
	default:
		if path, err := expandHome(os.ExpandEnv(expand.Replace(agent))); err == nil {
			o.Auth.Agent = path
		}
	}
	for _, file := range s.all("IdentityFile") {
		if !strings.EqualFold(file, "none") {
			o.Auth.Files = append(o.Auth.Files, expand.Replace(strings.Trim(file, `"`)))
		}
	}
	if len(o.Auth.Files) == 0 {
		o.Auth.Files = f.Keys
	}
	o.Auth.OnlyFiles = s.is("IdentitiesOnly", "yes")
}

// jump reads the hosts of ProxyJump: the first is reached first.
func (f ClientFiles) jump(hosts string, left int) (*Options, error) {
	if left < 0 {
		return nil, fmt.Errorf("ssh_config: more than %d jump hosts, or they lead in a circle", maxJumps)
	}
	var last *Options
	for host := range strings.SplitSeq(hosts, ",") {
		host = strings.TrimSpace(host)
		if !strings.HasPrefix(host, "ssh://") {
			host = "ssh://" + host
		}
		t, err := ParseTarget(host)
		if err != nil {
			return nil, fmt.Errorf("ProxyJump in ssh_config: %w", err)
		}
		o, err := f.resolve(t.Host, t.User, t.Port, left)
		if err != nil {
			return nil, err
		}
		if last != nil {
			o.Via = last
		}
		last = &o
	}
	return last, nil
}

func seconds(s settings, key string) (time.Duration, error) {
	v := s.get(key)
	if v == "" || v == "0" {
		return 0, nil
	}
	if n, err := strconv.Atoi(v); err == nil && n > 0 {
		return time.Duration(n) * time.Second, nil
	}
	if d, err := time.ParseDuration(v); err == nil && d > 0 {
		return d, nil
	}
	return 0, fmt.Errorf("%s of %s in ssh_config: %q is no time", key, s.host, v)
}

// list reads a whole list of algorithms; one that changes the usual ones is left out.
func list(text string) []string {
	if text == "" || strings.ContainsAny(text[:1], "+-^") {
		return nil
	}
	return strings.Split(text, ",")
}
