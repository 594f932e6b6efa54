package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

func noTerminal(context.Context) error { return errors.New("no terminal") }

func allKinds() template.Set[Provisioner] {
	return template.NewSet(
		Ansible(), AnsibleLocal(), Breakpoint(noTerminal), ChefClient(), ChefSolo(), Converge(), File(), HCPSBOM(), InSpec(),
		PowerShell(), PuppetMasterless(), PuppetServer(), SaltMasterless(), Shell(), ShellLocal(), Sleep(),
		WindowsRestart(), WindowsShell(), WindowsUpdate(),
	)
}

// checked loads a template and returns its warnings and what is wrong with it.
func checked(t *testing.T, name, text string) (template.Diagnostics, error) {
	t.Helper()
	set := allKinds()
	tm, err := template.Load(write(t, filepath.Join(t.TempDir(), name), text, 0o600), template.Options{
		Environ: []string{},
		Check: func(kind string, b *template.Block) template.Diagnostics {
			if kind != "provisioner" {
				return nil
			}
			return set.Check(b)
		},
	})
	if err != nil {
		return nil, err
	}
	return tm.Warnings, nil
}

// TestEveryOption: testdata/options holds templates with every option of every kind,
// in both languages, as people would write them.
func TestEveryOption(t *testing.T) {
	t.Parallel()
	for _, k := range allKinds().Kinds() {
		for _, ext := range []string{".hcl", ".json"} {
			t.Run(k.Name+ext, func(t *testing.T) {
				t.Parallel()
				b, err := os.ReadFile("testdata/options/" + k.Name + ext)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range k.Options() {
					if ext == ".json" && !strings.Contains(string(b), fmt.Sprintf("%q:", o.Name)) ||
						ext == ".hcl" && !strings.Contains(string(b), "  "+o.Name+" ") {
						t.Errorf("no option %s", o.Name)
					}
				}
				name, text := "t.pkr.hcl", "source \"null\" \"x\" {}\nbuild {\n  sources = [\"null.x\"]\n"+string(b)+"}\n"
				if ext == ".json" {
					name, text = "t.json", `{"variables": {"name": "x"}, "builders": [{"type": "null"}], "provisioners": `+string(b)+"}"
				}
				warnings, err := checked(t, name, text)
				if err != nil {
					t.Fatal(err)
				}
				for _, w := range warnings {
					t.Errorf("warning: %v", w)
				}
			})
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	const file, dir = "testdata/host/file.yml", "testdata/host/dir"
	needed := map[string]string{ // what a kind cannot do without
		"ansible":           `playbook_file = "` + file + `"`,
		"ansible-local":     `playbook_file = "` + file + `"`,
		"chef-client":       `server_url = "https://chef"`,
		"converge":          `module = "m.hcl"`,
		"hcp-sbom":          `source = "/sbom"`,
		"inspec":            `profile = "p"`,
		"powershell":        `inline = ["dir"]`,
		"puppet-masterless": `manifest_file = "` + file + `"`,
		"salt-masterless":   `local_state_tree = "` + dir + `"`,
		"windows-shell":     `inline = ["dir"]`,
	}
	for _, tt := range []struct {
		kind, options string
		want          string // part of the errors; the options begin in line 5; "" for none
	}{
		{"ansible", `local_port = 65536`, `t:5:14: local_port: 65536 is no port`},
		{"ansible", `galaxy_file = "gone.yml"`, `t:5:15: galaxy_file: stat gone.yml: no such file or directory`},
		{"ansible", `ssh_host_key_file = "` + dir + `"`, `t:5:21: ssh_host_key_file: use ` + dir + `: is a directory; give a file`},
		{"ansible", `ssh_authorized_key_file = "gone"`, `t:5:27: ssh_authorized_key_file: stat gone`},
		{"ansible", `inventory_directory = "` + file + `"`, `t:5:23: inventory_directory: use ` + file + `: is a file; give a directory`},
		{"ansible", `ansible_proxy_key_type = "DSA"`, `t:5:26: ansible_proxy_key_type: "DSA" is not known: use ECDSA or RSA`},
		{"ansible", `inventory_file_template = "{{.Alias}}"`, `t:5:27: inventory_file_template: {{.Alias}} is not known here: this option has {{.HostAlias}}, {{.Host}}`},
		{"ansible", `playbook_file = "gone.yml"`, `playbook_file: stat gone.yml`},
		{"ansible", `playbook_file = ""`, `option "playbook_file" is empty, but required`},
		{"ansible", `galaxy_file = "${build.ID}.yml"`, ``},
		{"ansible-local", `playbook_files = ["` + file + `"]`, `t:5:18: playbook_files: give either playbook_file or playbook_files, not both`},
		{"ansible-local", `playbook_file = ""`, `but the block needs option "playbook_file" or "playbook_files"`},
		{"ansible-local", `inventory_file = "gone"`, `t:5:18: inventory_file: stat gone`},
		{"ansible-local", `galaxy_file = "gone"`, `t:5:15: galaxy_file: stat gone`},
		{"ansible-local", `playbook_dir = "gone"`, `t:5:16: playbook_dir: stat gone`},
		{"ansible-local", `group_vars = "` + file + `"`, `t:5:14: group_vars: use ` + file},
		{"ansible-local", `host_vars = "gone"`, `t:5:13: host_vars: stat gone`},
		{"ansible-local", `playbook_paths = ["` + dir + `", "gone"]`, `t:5:18: playbook_paths: stat gone`},
		{"ansible-local", `role_paths = ["gone"]`, `t:5:14: role_paths: stat gone`},
		{"ansible-local", `collection_paths = ["gone"]`, `t:5:20: collection_paths: stat gone`},
		{"chef-client", `server_url = ""`, `option "server_url" is empty, but required`},
		{"chef-client", `guest_os_type = "mac"`, `t:5:17: guest_os_type: "mac" is neither unix nor windows`},
		{"chef-client", `config_template = "` + dir + `"`, `t:5:19: config_template: use ` + dir},
		{"chef-client", `encrypted_data_bag_secret_path = "gone"`, `t:5:34: encrypted_data_bag_secret_path: stat gone`},
		{"chef-client", `policy_name = "p"`, `t:5:15: policy_name: policy_name and policy_group are given together`},
		{"chef-client", `policy_group = "p"`, `t:5:16: policy_group: policy_name and policy_group are given together`},
		{"chef-client", "policy_group = \"p\"\npolicy_name = build.ID", ``},
		{"chef-client", `json_string = "[]"`, `t:5:15: json_string: it is no JSON object`},
		{"chef-client", `knife_command = "{{.Knife}}"`, `t:5:17: knife_command: {{.Knife}} is not known here`},
		{"chef-client", `execute_command = "{{.Path}}"`, `t:5:19: execute_command: {{.Path}} is not known here: this option has {{.ConfigPath}}`},
		{"chef-client", `install_command = "{{.Path}}"`, `t:5:19: install_command: {{.Path}}`},
		{"chef-solo", `cookbook_paths = ["` + dir + `", "gone"]`, `t:5:18: cookbook_paths: stat gone`},
		{"chef-solo", `roles_path = "gone"`, `t:5:14: roles_path: stat gone`},
		{"chef-solo", `data_bags_path = "gone"`, `t:5:18: data_bags_path: stat gone`},
		{"chef-solo", `environments_path = "` + file + `"`, `t:5:21: environments_path: use ` + file},
		{"chef-solo", `guest_os_type = "os/2"`, `guest_os_type: "os/2" is neither`},
		{"chef-solo", ``, ``},
		{"converge", `module = ""`, `option "module" is empty`},
		{"converge", "module_dirs {\n  source = \"x\"\n}", `block "module_dirs[0]" needs option "destination"`},
		{"converge", "module_dirs {\n  destination = \"x\"\n}", `block "module_dirs[0]" needs option "source"`},
		{"converge", `execute_command = "{{.Modul}}"`, `t:5:19: execute_command: {{.Modul}} is not known here`},
		{"converge", `bootstrap_command = "{{.Module}}"`, `t:5:21: bootstrap_command: {{.Module}} is not known here`},
		{"hcp-sbom", `auto_generate = true`, `t:5:17: auto_generate: give either source or auto_generate`},
		{"hcp-sbom", `sbom_name = "a b"`, `t:5:13: sbom_name: "a b" is not made of`},
		{"hcp-sbom", `execute_command = "{{.Vars}}"`, `t:5:19: execute_command: {{.Vars}} is not known here`},
		{"hcp-sbom", "source = \"\"\nauto_generate = true\nscanner_checksum = \"x\"", `t:7:20: scanner_checksum: needs scanner_url`},
		{"hcp-sbom", "source = \"\"\nauto_generate = true\nelevated_password = \"x\"", `t:7:21: elevated_password: a password needs its user`},
		{"hcp-sbom", `source = ""`, `but the block needs option "source" or "auto_generate"`},
		{"inspec", `profile = ""`, `option "profile" is empty`},
		{"inspec", `backend = "telnet"`, `t:5:11: backend: "telnet" is not known: use one of ssh, winrm`},
		{"inspec", `backend = "docker"`, `block "inspec" needs option "host"`},
		{"inspec", "backend = \"docker\"\nhost = build.ID", ``},
		{"inspec", `local_port = 100000`, `t:5:14: local_port: 100000 is no port`},
		{"inspec", `attributes_directory = "gone"`, `t:5:24: attributes_directory: stat gone`},
		{"inspec", `ssh_host_key_file = "gone"`, `t:5:21: ssh_host_key_file: stat gone`},
		{"inspec", `ssh_authorized_key_file = "gone"`, `t:5:27: ssh_authorized_key_file: stat gone`},
		{"powershell", `inline = []`, `needs option "inline" or "script" or "scripts"`},
		{"powershell", `script = "` + file + `"`, `inline: give either inline or script files, not both`},
		{"powershell", "inline = []\nscript = \"" + file + "\"\nscripts = [\"" + file + `"]`, `t:7:11: scripts: give either script or scripts`},
		{"powershell", "inline = []\nscripts = [\"gone.ps1\", \"" + file + `", "lost.ps1"]`, `t:6:11: scripts: stat lost.ps1`},
		{"powershell", `environment_vars = ["A"]`, `t:5:20: environment_vars: each element must be NAME=value`},
		{"powershell", `elevated_password = "x"`, `t:5:21: elevated_password: a password needs its user: give elevated_user too`},
		{"powershell", "elevated_password = \"x\"\nelevated_user = build.User", ``},
		{"powershell", `execution_policy = "lax"`, `t:5:20: execution_policy: "lax" is not known: use one of bypass, allsigned`},
		{"powershell", `execution_policy = 8`, `t:5:20: execution_policy: "8" is not known`},
		{"powershell", `debug_mode = 3`, `t:5:14: debug_mode: 3 is not known: use 0, 1 or 2`},
		{"powershell", `execute_command = "{{.Script}}"`, `t:5:19: execute_command: {{.Script}} is not known here: this option has {{.Vars}}, {{.Path}}`},
		{"powershell", `elevated_execute_command = "{{.Script}}"`, `t:5:28: elevated_execute_command: {{.Script}}`},
		{"powershell", `env_var_format = "%s"`, `t:5:18: env_var_format: "%s" must hold two %s`},
		{"powershell", `elevated_env_var_format = "%s"`, `t:5:27: elevated_env_var_format: "%s" must hold two %s`},
		{"puppet-masterless", `manifest_file = "gone.pp"`, `manifest_file: stat gone.pp`},
		{"puppet-masterless", `manifest_file = ""`, `option "manifest_file" is empty`},
		{"puppet-masterless", `manifest_dir = "` + file + `"`, `t:5:16: manifest_dir: use ` + file},
		{"puppet-masterless", `module_paths = ["gone"]`, `t:5:16: module_paths: stat gone`},
		{"puppet-masterless", `hiera_config_path = "` + dir + `"`, `t:5:21: hiera_config_path: use ` + dir},
		{"puppet-masterless", `guest_os_type = "mac"`, `t:5:17: guest_os_type: "mac"`},
		{"puppet-masterless", `execute_command = "puppet {{.PuppetServer}}"`, `t:5:19: execute_command: {{.PuppetServer}} is not known here`},
		{"puppet-masterless", `extra_arguments = ["{{.Vars}}"]`, `t:5:19: extra_arguments: {{.Vars}} is not known here`},
		{"puppet-server", `client_cert_path = "gone"`, `t:5:20: client_cert_path: stat gone`},
		{"puppet-server", `client_private_key_path = "` + file + `"`, `t:5:27: client_private_key_path: use ` + file},
		{"puppet-server", `guest_os_type = "mac"`, `t:5:17: guest_os_type: "mac"`},
		{"puppet-server", `execute_command = "puppet {{.ManifestFile}}"`, `t:5:19: execute_command: {{.ManifestFile}}`},
		{"puppet-server", ``, ``},
		{"salt-masterless", `local_state_tree = ""`, `option "local_state_tree" is empty`},
		{"salt-masterless", `local_state_tree = "gone"`, `local_state_tree: stat gone`},
		{"salt-masterless", `local_pillar_roots = "` + file + `"`, `t:5:22: local_pillar_roots: use ` + file},
		{"salt-masterless", `minion_config = "` + dir + `"`, `t:5:17: minion_config: use ` + dir},
		{"salt-masterless", `grains_file = "gone"`, `t:5:15: grains_file: stat gone`},
		{"salt-masterless", "minion_config = \"" + file + "\"\nremote_state_tree = \"/srv\"", `t:6:21: remote_state_tree: not together with minion_config`},
		{"salt-masterless", "minion_config = \"" + file + "\"\nremote_pillar_roots = \"/srv\"", `t:6:23: remote_pillar_roots: not together with minion_config`},
		{"salt-masterless", `formulas = ["https://example.org/a.git"]`, `t:5:12: formulas: "https://example.org/a.git" is not of the form`},
		{"salt-masterless", `guest_os_type = "mac"`, `t:5:17: guest_os_type: "mac"`},
		{"sleep", `duration = "soon"`, `option "duration": a duration is needed`},
		{"windows-shell", `inline = []`, `needs option "inline" or "script" or "scripts"`},
		{"windows-shell", `script = "gone.bat"`, `inline: give either inline or script files, not both`},
		{"windows-shell", "inline = []\nscript = \"gone.bat\"", `t:6:10: script: stat gone.bat`},
		{"windows-shell", `environment_vars = ["=x"]`, `t:5:20: environment_vars: each element`},
		{"windows-shell", `execute_command = "{{.Pth}}"`, `t:5:19: execute_command: {{.Pth}} is not known here`},
		{"windows-restart", `restart_timeout = "soon"`, `option "restart_timeout": a duration is needed`},
		{"windows-update", `update_limit = "many"`, `option "update_limit": a number is needed`},
		{"shell", `inline = build.ID == "" ? ["a"] : ["b"]`, ``},
		{"shell", "environment_vars = [\"A\"]", "environment_vars: each element"},
		{"shell-local", `command = "x ${build.ID}"`, ``},
		{"shell-local", "inline = [\"x\"]\ncommand = \"x\"", `t:6:11: command: give either command, inline`},
		{"file", "destination = \"/x\"\nsource = build.ID", ``},
		{"file", "destination = \"/x\"\nsource = \"gone\"\nsources = [\"lost\"]\ncontent = \"x\"\ndirection = \"in\"", `t:6:10: source: stat gone`},
		{"file", `source = "` + file + `"`, `block "file" needs option "destination"`},
	} {
		t.Run(tt.kind+" "+tt.options, func(t *testing.T) {
			t.Parallel()
			options := tt.options
			first, _, _ := strings.Cut(needed[tt.kind], " ")
			if !strings.Contains("\n"+options, "\n"+first+" ") {
				options += "\n" + needed[tt.kind]
			}
			text := "source \"null\" \"x\" {}\nbuild {\nsources = [\"null.x\"]\nprovisioner \"" + tt.kind + "\" {\n" + options + "\n}\n}\n"
			_, err := checked(t, "t.pkr.hcl", text)
			got := ""
			if err != nil {
				got = err.Error()
			}
			for line := range strings.Lines(got) {
				if _, rest, ok := strings.Cut(line, "/t.pkr.hcl:"); ok {
					got = strings.Replace(got, strings.TrimSuffix(line, rest), "t:", 1)
				}
			}
			if (tt.want == "") != (err == nil) || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q in it", got, tt.want)
			}
		})
	}
}
