package provision

import (
	"errors"
	"fmt"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Ansible runs playbooks of this host against the machine.
func Ansible() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("ansible", "run an Ansible playbook on this host against the machine", ansibleConfig.check)
}

type ansibleConfig struct {
	PlaybookFile          string        `opt:"playbook_file,required" doc:"The playbook, a file on this host."`
	Command               string        `opt:"command" default:"ansible-playbook" doc:"Program that runs the playbook."`
	ExtraArguments        []string      `opt:"extra_arguments" doc:"More arguments for the program; no shell reads them."`
	AnsibleEnvVars        []string      `opt:"ansible_env_vars" doc:"Environment variables of the program, as NAME=value."`
	AnsibleSSHExtraArgs   []string      `opt:"ansible_ssh_extra_args" doc:"Arguments that Ansible gives to ssh."`
	Groups                []string      `opt:"groups" doc:"Groups of the inventory that the machine is in."`
	EmptyGroups           []string      `opt:"empty_groups" doc:"Groups of the inventory that have no member."`
	HostAlias             string        `opt:"host_alias" default:"default" doc:"Name of the machine in the inventory."`
	User                  string        `opt:"user" doc:"Value of ansible_user; the user who runs the build when not given, or with use_proxy = false the one of the connection."`
	LocalPort             int           `opt:"local_port" doc:"First port of this host to try for the SSH proxy; any free one when not given."`
	SSHHostKeyFile        string        `opt:"ssh_host_key_file" doc:"Host key of the SSH proxy; a new one when not given."`
	SSHAuthorizedKeyFile  string        `opt:"ssh_authorized_key_file" doc:"Public key that may log in to the SSH proxy; a new one when not given."`
	ProxyKeyType          string        `opt:"ansible_proxy_key_type" default:"ECDSA" doc:"Type of the keys that are made for the SSH proxy: ECDSA or RSA."`
	SFTPCommand           string        `opt:"sftp_command" default:"/usr/lib/sftp-server -e" doc:"Command in the machine that serves SFTP, with its output on standard error."`
	SkipVersionCheck      bool          `opt:"skip_version_check" default:"false" doc:"Do not ask the program for its version first."`
	UseSFTP               bool          `opt:"use_sftp" default:"false" doc:"Let Ansible move files by SFTP instead of SCP."`
	InventoryDirectory    string        `opt:"inventory_directory" doc:"Directory in which the inventory is made, beside what else lies there."`
	InventoryFileTemplate template.Late `opt:"inventory_file_template" doc:"A line of the inventory, with {{.HostAlias}}, {{.Host}}, {{.User}} and {{.Port}}."`
	InventoryFile         string        `opt:"inventory_file" doc:"Inventory to use instead of one that is made for the run."`
	KeepInventoryFile     bool          `opt:"keep_inventory_file" default:"false" doc:"Do not remove the inventory that was made."`
	GalaxyFile            string        `opt:"galaxy_file" doc:"Requirements file of roles and collections to install first."`
	GalaxyCommand         string        `opt:"galaxy_command" default:"ansible-galaxy" doc:"Program that installs them."`
	GalaxyForceInstall    bool          `opt:"galaxy_force_install" default:"false" doc:"Install them again when they are there."`
	GalaxyForceWithDeps   bool          `opt:"galaxy_force_with_deps" default:"false" doc:"Install them and what they depend on again."`
	RolesPath             string        `opt:"roles_path" doc:"Directory of this host for the roles."`
	CollectionsPath       string        `opt:"collections_path" doc:"Directory of this host for the collections."`
	UseProxy              *bool         `opt:"use_proxy" default:"true" doc:"Let Ansible talk to an SSH server on this host, which passes everything on to the machine by its communicator; false: straight to the machine."`
	WinRMUseHTTP          bool          `opt:"ansible_winrm_use_http" default:"false" doc:"Let Ansible use WinRM without encryption."`
}

// check leaves out whether the program is installed: that is of the host, not of the
// template.
func (c ansibleConfig) check() error {
	errs := []error{
		checkFiles("playbook_file", c.PlaybookFile),
		checkFiles("galaxy_file", c.GalaxyFile),
		checkFiles("ssh_host_key_file", c.SSHHostKeyFile),
		checkFiles("ssh_authorized_key_file", c.SSHAuthorizedKeyFile),
		checkDirs("inventory_directory", c.InventoryDirectory),
		checkLocalPort(c.LocalPort),
		checkFields("inventory_file_template", c.InventoryFileTemplate, "HostAlias", "Host", "User", "Port"),
	}
	switch strings.ToUpper(c.ProxyKeyType) {
	case "", "ECDSA", "RSA":
	default:
		errs = append(errs, template.At("ansible_proxy_key_type", fmt.Errorf("%q is not known: use ECDSA or RSA", c.ProxyKeyType)))
	}
	return errors.Join(errs...)
}

func checkLocalPort(port int) error {
	if port < 0 || port > 65535 {
		return template.At("local_port", fmt.Errorf("%d is no port: give one of 1 to 65535", port))
	}
	return nil
}
