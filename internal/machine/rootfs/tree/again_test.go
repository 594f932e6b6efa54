package tree

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestHostKeysAgain: an image whose SSH host keys were removed makes its own,
// unless that cannot work or is done already; sealed offline and by the script.
func TestHostKeysAgain(t *testing.T) {
	t.Parallel()
	const wants = "etc/systemd/system/multi-user.target.wants/"
	tests := []struct {
		name  string
		files map[string]string // beside what every tree has; "-> x" is a link, "" no file
		made  bool
	}{
		{"keys", nil, true},
		{"no keys", map[string]string{"etc/ssh/ssh_host_rsa_key": ""}, false},
		{"no ssh-keygen", map[string]string{"usr/bin/ssh-keygen": ""}, false},
		{"no systemd", map[string]string{"usr/lib/systemd/systemd": ""}, false},
		{"cloud-init", map[string]string{wants + "cloud-init.service": "ExecStart=cloud-init init"}, true},
		{"other units", map[string]string{wants + "cron.service": "-> /lib/systemd/system/cron.service", "usr/lib/systemd/system/cron.service": "x"}, true},
		{"a unit that is not enabled", map[string]string{"etc/systemd/system/own.service": "ExecStart=ssh-keygen -A"}, true},
		{"a unit that is enabled", map[string]string{
			wants + "own.service": "-> /etc/systemd/system/own.service", "etc/systemd/system/own.service": "ExecStart=/usr/bin/ssh-keygen -A",
		}, false},
		{"a setting of the service", map[string]string{"etc/systemd/system/ssh.service.d/keys.conf": "ExecStartPre=ssh-keygen -A"}, false},
		{"Fedora's", map[string]string{"usr/lib/systemd/system/sshd-keygen@.service": "ExecStart=/usr/libexec/openssh/sshd-keygen %i"}, false},
		{"masked", map[string]string{"etc/systemd/system/proofmark-ssh-host-keys.service": "-> /dev/null"}, false},
		{"a link to nowhere", map[string]string{wants + "x.service": "-> /nowhere"}, true},
	}
	for _, tt := range tests {
		for _, how := range []string{"offline", "by script"} {
			t.Run(tt.name+"/"+how, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				files := map[string]string{
					"lib": "-> usr/lib", "usr/lib/systemd/systemd": "x", "usr/bin/ssh-keygen": "x", "etc/ssh/ssh_host_rsa_key": canary,
				}
				maps.Copy(files, tt.files)
				rule := hostKeysRule(t)
				if how == "by script" {
					rule = below(dir, rule)
				}
				for name, text := range files {
					name, text := filepath.Join(dir, name), text
					target, link := strings.CutPrefix(text, "-> ")
					switch {
					case link:
						if how == "by script" && filepath.IsAbs(target) && target != "/dev/null" {
							target = dir + target
						}
						must(t, os.MkdirAll(filepath.Dir(name), 0o755))
						must(t, os.Symlink(target, name))
					case text != "":
						write(t, name, text, 0o644)
					}
				}
				if how == "offline" {
					must(t, Seal(t.Context(), dir, []machine.SealRule{rule}))
				} else {
					needDisk(t, dir)
					cmd := exec.Command("sh", "-s")
					cmd.Stdin = strings.NewReader(machine.SealScript([]machine.SealRule{rule}))
					if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
						t.Fatalf("%v\n%s", err, out)
					}
				}
				if _, err := os.Lstat(filepath.Join(dir, "etc/ssh/ssh_host_rsa_key")); err == nil {
					t.Error("the key is still there")
				}
				at := filepath.Join(dir, "etc/systemd/system")
				link, _ := os.Readlink(filepath.Join(at, "multi-user.target.wants/proofmark-ssh-host-keys.service"))
				if (link != "") != tt.made {
					t.Errorf("enabled by a link to %q, want one: %v", link, tt.made)
				}
				text, _ := os.ReadFile(filepath.Join(at, "proofmark-ssh-host-keys.service"))
				if tt.made != strings.Contains(string(text), "\nExecStart=/usr/bin/ssh-keygen -A\n") {
					t.Errorf("the unit is %q, want one: %v", text, tt.made)
				}
				if fi, err := os.Lstat(filepath.Join(at, "proofmark-ssh-host-keys.service")); tt.made && (err != nil || fi.Mode() != 0o644) {
					t.Errorf("the unit is %v, %v", fi, err)
				}
			})
		}
	}
}

func hostKeysRule(t *testing.T) machine.SealRule {
	t.Helper()
	rules := machine.SealRules(nil)
	i := slices.IndexFunc(rules, func(r machine.SealRule) bool { return r.Name == "ssh-host-keys" })
	if i < 0 {
		t.Fatal("no rule")
	}
	return rules[i]
}

// below gives a rule another root, for the script: a test cannot seal the machine
// it runs on.
func below(dir string, r machine.SealRule) machine.SealRule {
	prefix := func(paths []string) (list []string) {
		for _, p := range paths {
			list = append(list, dir+p)
		}
		return list
	}
	r.Paths, r.Again.Needs, r.Again.Unless = prefix(r.Paths), prefix(r.Again.Needs), prefix(r.Again.Unless)
	r.Again.Files, r.Again.Links = slices.Clone(r.Again.Files), slices.Clone(r.Again.Links)
	for i := range r.Again.Files {
		r.Again.Files[i].Path = dir + r.Again.Files[i].Path
	}
	for i := range r.Again.Links {
		r.Again.Links[i].Path = dir + r.Again.Links[i].Path
	}
	return r
}

// needDisk skips where the script would leave everything alone.
func needDisk(t *testing.T, dir string) {
	t.Helper()
	var st unix.Statfs_t
	must(t, unix.Statfs(dir, &st))
	if st.Type == unix.TMPFS_MAGIC {
		t.Skip("a disk is missing: set TMPDIR to a directory that is not in memory, which the script leaves alone")
	}
}
