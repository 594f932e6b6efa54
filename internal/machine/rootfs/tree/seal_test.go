package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// canary is a secret that stands in everything that sealing must remove.
const canary = "c4nary-S3CRET"

// residue is one file of each kind that sealing must remove, with its rule.
var residue = map[string]string{
	"etc/machine-id":                                      "machine-id",
	"var/lib/dbus/machine-id":                             "machine-id",
	"etc/ssh/ssh_host_ed25519_key":                        "ssh-host-keys",
	"etc/ssh/ssh_host_rsa_key.pub":                        "ssh-host-keys",
	"etc/dropbear/dropbear_rsa_host_key":                  "ssh-host-keys",
	"var/lib/systemd/random-seed":                         "random-seed",
	"var/lib/urandom/random-seed":                         "random-seed",
	"var/lib/systemd/credential.secret":                   "credential-secret",
	"root/.ssh/authorized_keys":                           "temporary-keys",
	"home/admin/.ssh/authorized_keys":                     "temporary-keys",
	"var/lib/dhcp/dhclient.eth0.leases":                   "dhcp-leases",
	"var/lib/dhcpcd/eth0.lease":                           "dhcp-leases",
	"var/lib/NetworkManager/internal-1-eth0.lease":        "dhcp-leases",
	"var/lib/NetworkManager/secret_key":                   "dhcp-leases",
	"root/.bash_history":                                  "shell-history",
	"home/admin/.python_history":                          "shell-history",
	"home/admin/.local/share/fish/fish_history":           "shell-history",
	"var/lib/cloud/instances/i-1/user-data.txt":           "cloud-init",
	"var/lib/cloud/data/result.json":                      "cloud-init",
	"usr/sbin/policy-rc.d":                                "build-policy",
	"etc/apt/apt.conf.d/99proxy":                          "build-policy",
	"etc/hosts":                                           "build-policy",
	"etc/resolv.conf":                                     "resolver",
	"var/lib/apt/lists/deb.example.org_dists_x_InRelease": "package-lists",
	"var/lib/apt/lists/partial/x":                         "package-lists",
	"var/cache/apt/archives/x_1_all.deb":                  "package-caches",
	"var/cache/apt/pkgcache.bin":                          "package-caches",
	"var/cache/dnf/x/repodata/y":                          "package-caches",
	"var/log/journal/0123/system.journal":                 "logs",
	"var/log/syslog":                                      "logs",
	"var/log/nginx/access.log":                            "logs",
	"var/log/dpkg.log.1":                                  "logs",
	"var/log/wtmp":                                        "logs",
	"tmp/.hidden/x":                                       "temporary-files",
	"tmp/script":                                          "temporary-files",
	"var/tmp/x":                                           "temporary-files",
	"run/app/app.pid":                                     "temporary-files",
	"run/x":                                               "temporary-files",
	"etc/udev/rules.d/70-persistent-net.rules":            "udev-net-rules",
	"var/crash/_usr_bin_x.crash":                          "crash-dumps",
	"var/lib/systemd/coredump/core.x.zst":                 "crash-dumps",
	"etc/systemd/system/ssh.service.d/10-temporary.conf":  "build-policy",
	"var/log/cloud-init-output.log":                       "cloud-init",
	"etc/network/interfaces.d/50-cloud-init":              "cloud-init",
	"boot/efi/loader/random-seed":                         "random-seed",
	"home/admin/.local/state/lesshst":                     "shell-history",
	"var/lib/cloud/sem/config_scripts_per_once.once":      "cloud-init",
	"var/lib/systemd/network/lease":                       "dhcp-leases",
	"var/log/apt/history.log":                             "logs",
	"var/lib/apt/lists/auxfiles/x":                        "package-lists",
	"etc/netplan/50-cloud-init.yaml":                      "cloud-init",
	"var/cache/apt/archives/partial/y_1_all.deb":          "package-caches",
	"home/admin/.mysql_history":                           "shell-history",
	"root/.viminfo":                                       "shell-history",
	"var/lib/dhclient/dhclient.leases":                    "dhcp-leases",
	"var/db/dhcpcd/duid":                                  "dhcp-leases",
	"etc/dhcpcd.secret":                                   "dhcp-leases",
	"etc/environment":                                     "build-policy",
	"etc/sudoers.d/temporary":                             "build-policy",
	"var/log/installer/deep/x":                            "logs",
	"var/log/btmp":                                        "logs",
	"var/cache/apk/APKINDEX.tar.gz":                       "package-lists",
	"var/cache/yum/x":                                     "package-caches",
	"home/admin/.zsh_history":                             "shell-history",
	"home/admin/.psql_history":                            "shell-history",
	"root/.lesshst":                                       "shell-history",
}

// residueTree plants all of it, and beside it what must stay.
func residueTree(t testing.TB) (dir string, stays map[string]string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "tree")
	for f := range residue {
		content := canary + " " + machine.Marker + "\n"
		if strings.HasSuffix(f, "authorized_keys") || f == "etc/hosts" || f == "etc/environment" {
			content = "first line stays\n" + content + "last line stays"
		}
		write(t, filepath.Join(dir, f), content, 0o640)
	}
	stays = map[string]string{
		"etc/apt/apt.conf.d/01norecommend":             "APT::Install-Recommends \"0\";\n",
		"etc/ssh/sshd_config":                          "PermitRootLogin no\n",
		"home/admin/.ssh/id_ed25519":                   "the template's own",
		"home/admin/notes":                             "kept",
		"home/other/.ssh/authorized_keys":              "ssh-ed25519 AAAA own key\n",
		"var/lib/apt/lists/lock":                       "",
		"var/lib/apt/extended_states":                  "x",
		"var/lib/cloud/seed/nocloud/user-data":         "#cloud-config\n",
		"var/lib/cloud/scripts/per-boot/own":           "#!/bin/sh\n",
		"var/lib/systemd/deb-systemd-helper-enabled/x": "x",
		"srv/tmp/x": "kept",
	}
	for f, content := range stays {
		write(t, filepath.Join(dir, f), content, 0o600)
	}
	must(t, os.MkdirAll(filepath.Join(dir, "run/lock"), 0o755))
	must(t, os.Chmod(filepath.Join(dir, "run/lock"), 0o777|fs.ModeSticky))
	return dir, stays
}

func TestSeal(t *testing.T) {
	t.Parallel()
	dir, stays := residueTree(t)
	rules := machine.SealRules(nil)

	found, err := Residue(t.Context(), dir, rules)
	must(t, err)
	var seen []string
	for _, r := range found {
		seen = append(seen, r.Rule)
	}
	for _, name := range machine.SealRuleNames() {
		if !slices.Contains(seen, name) {
			t.Errorf("rule %s finds nothing of what was planted", name)
		}
	}
	for f, rule := range residue {
		if !slices.ContainsFunc(found, func(r machine.Residue) bool {
			return r.Rule == rule && (r.Path == "/"+f || strings.HasPrefix("/"+f, r.Path+"/"))
		}) {
			t.Errorf("rule %s does not find %s", rule, f)
		}
	}

	must(t, Seal(t.Context(), dir, rules))
	found, err = Residue(t.Context(), dir, rules)
	must(t, err)
	if len(found) > 0 {
		t.Errorf("left after sealing: %v", found)
	}
	checkSealed(t, dir, stays)

	// What counts is what is in the captured bytes.
	out := filepath.Join(t.TempDir(), "out.tar.zst")
	_, err = CaptureTar(t.Context(), dir, out, CaptureOptions{})
	must(t, err)
	f, err := os.Open(out)
	must(t, err)
	defer f.Close()
	z, err := zstd.NewReader(f)
	must(t, err)
	defer z.Close()
	all, err := io.ReadAll(z)
	must(t, err)
	for _, s := range []string{canary, machine.Marker} {
		if bytes.Contains(all, []byte(s)) {
			t.Errorf("the image holds %q", s)
		}
	}
}

func checkSealed(t testing.TB, dir string, stays map[string]string) {
	t.Helper()
	for f, want := range stays {
		if got, err := os.ReadFile(filepath.Join(dir, f)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", f, got, err, want)
		}
	}
	for f, want := range map[string]string{
		"etc/machine-id":                  "",
		"var/log/wtmp":                    "",
		"var/log/nginx/access.log":        "",
		"root/.ssh/authorized_keys":       "first line stays\nlast line stays",
		"home/admin/.ssh/authorized_keys": "first line stays\nlast line stays",
		"etc/hosts":                       "first line stays\nlast line stays",
	} {
		got, err := os.ReadFile(filepath.Join(dir, f))
		if err != nil || strings.TrimSuffix(string(got), "\n") != want {
			t.Errorf("%s: %q, %v; want %q", f, got, err, want)
		}
		if fi, err := os.Stat(filepath.Join(dir, f)); err == nil && fi.Mode().Perm() != 0o640 {
			t.Errorf("%s has lost its mode: %v", f, fi.Mode())
		}
	}
	if fi, err := os.Stat(filepath.Join(dir, "run/lock")); err != nil || fi.Mode().Perm() != 0o777 {
		t.Errorf("run/lock: %v", err)
	}
	must(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if b, err := os.ReadFile(p); err != nil || bytes.Contains(b, []byte(canary)) {
				t.Errorf("%s still holds the secret (%v)", p, err)
			}
		}
		return err
	}))
}

func TestSealKeep(t *testing.T) {
	t.Parallel()
	dir, _ := residueTree(t)
	must(t, Seal(t.Context(), dir, machine.SealRules([]string{"logs", "package-lists"})))
	for f, rule := range residue {
		if rule != "logs" && rule != "package-lists" {
			continue
		}
		if b, err := os.ReadFile(filepath.Join(dir, f)); err != nil || !bytes.Contains(b, []byte(canary)) {
			t.Errorf("%s was not kept: %v", f, err)
		}
	}
}

// Links in the tree lead nowhere but into it.
func TestSealStaysInside(t *testing.T) {
	t.Parallel()
	outer := t.TempDir()
	victims := []string{"etc/ssh_host_rsa_key", "home/admin/.bash_history", "tmp/x", "journal/x", "machine-id", "keys"}
	for _, v := range victims {
		write(t, filepath.Join(outer, v), canary+machine.Marker, 0o600)
	}
	dir := filepath.Join(outer, "tree")
	link := func(target, name string) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		must(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	link(filepath.Join(outer, "etc"), "etc/ssh")
	link("../../etc", "usr/etc")
	link("../home", "home")
	link(filepath.Join(outer, "tmp"), "tmp")
	link("../../../../journal", "var/log/journal")
	link("../../machine-id", "etc/machine-id")
	link("../../../keys", "root/.ssh/authorized_keys")
	before := listing(t, outer)
	must(t, Seal(t.Context(), dir, machine.SealRules(nil)))
	same(t, "everything", before, listing(t, outer))

	// A link that leads somewhere in the tree is followed as the machine would.
	write(t, filepath.Join(dir, "data/tmp/inside"), "x", 0o600)
	link("/data/tmp", "var/tmp")
	must(t, Seal(t.Context(), dir, machine.SealRules(nil)))
	if _, err := os.Lstat(filepath.Join(dir, "data/tmp/inside")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a directory behind a link inside of the tree was not emptied: %v", err)
	}
	for _, v := range victims {
		if b, err := os.ReadFile(filepath.Join(outer, v)); err != nil || string(b) != canary+machine.Marker {
			t.Errorf("%s was changed: %q, %v", v, b, err)
		}
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "usr/x"), "x", 0o644)
	must(t, os.Symlink("/", filepath.Join(dir, "tmp")))
	err := Seal(t.Context(), dir, machine.SealRules(nil))
	if err == nil || !strings.Contains(err.Error(), "/tmp leads to the root directory") {
		t.Errorf("a link to the root: got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "usr/x")); err != nil {
		t.Error(err)
	}
	for _, p := range []string{"relative", "/a/../b", "/a/**/b", "/[", "/a//b", "/."} {
		if err := Seal(t.Context(), dir, []machine.SealRule{{Name: "x", Paths: []string{p}}}); err == nil {
			t.Errorf("path %q: no error", p)
		}
	}
	needRoot(t)
	must(t, os.Remove(filepath.Join(dir, "tmp")))
	must(t, os.MkdirAll(filepath.Join(dir, "tmp/mounted"), 0o755))
	mountTmpfs(t, filepath.Join(dir, "tmp/mounted"), "1m")
	write(t, filepath.Join(dir, "tmp/mounted/x"), "x", 0o644)
	if err := Seal(t.Context(), dir, machine.SealRules(nil)); !errors.Is(err, unix.EXDEV) && !errors.Is(err, unix.EBUSY) {
		t.Errorf("something mounted: got %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "tmp/mounted/x")); err != nil {
		t.Error(err)
	}
}

// A sealed overlay does not copy what no rule changes.
func TestSealTouchesLittle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "root/.ssh/authorized_keys"), "ssh-ed25519 AAAA own key\n", 0o600)
	write(t, filepath.Join(dir, "etc/machine-id"), "", 0o444)
	write(t, filepath.Join(dir, "var/log/lastlog"), "", 0o644)
	var before, after unix.Stat_t
	for _, f := range []string{"root/.ssh/authorized_keys", "etc/machine-id", "var/log/lastlog", "etc", "root/.ssh"} {
		must(t, unix.Lstat(filepath.Join(dir, f), &before))
		must(t, Seal(t.Context(), dir, machine.SealRules(nil)))
		must(t, unix.Lstat(filepath.Join(dir, f), &after))
		if before.Ctim != after.Ctim {
			t.Errorf("%s was touched", f)
		}
	}
}

// The script does what Seal does. Its rules get another root, since a test
// cannot seal the machine it runs on.
func TestSealScript(t *testing.T) {
	t.Parallel()
	shells := []string{"sh"}
	for _, s := range []string{"dash", "bash", "busybox"} {
		if _, err := exec.LookPath(s); err == nil {
			shells = append(shells, s)
		}
	}
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			dir, stays := residueTree(t)
			needDisk(t, dir)
			for i := range 150 { // more than go to one program
				write(t, filepath.Join(dir, fmt.Sprintf("var/tmp/a file %d *", i)), canary, 0o600)
				write(t, filepath.Join(dir, fmt.Sprintf("etc/apt/apt.conf.d/%d", i)), canary+" "+machine.Marker, 0o600)
			}
			rules := machine.SealRules(nil)
			for i := range rules {
				rules[i] = below(dir, rules[i])
			}
			args := []string{"-s"}
			if shell == "busybox" {
				args = []string{"sh", "-s"}
			}
			cmd := exec.Command(shell, args...)
			cmd.Stdin = strings.NewReader(machine.SealScript(rules))
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Fatalf("%v\n%s", err, out)
			}
			found, err := Residue(t.Context(), dir, machine.SealRules(nil))
			must(t, err)
			if len(found) > 0 {
				t.Errorf("left after sealing: %v", found)
			}
			checkSealed(t, dir, stays)
		})
	}
}
