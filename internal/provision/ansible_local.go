package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// AnsibleLocal runs playbooks inside the machine.
func AnsibleLocal() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("ansible-local", "run Ansible playbooks inside the machine, where Ansible is installed", ansibleLocalConfig.check)
}

type ansibleLocalConfig struct {
	PlaybookFile          string   `opt:"playbook_file" doc:"The playbook, a file on this host."`
	PlaybookFiles         []string `opt:"playbook_files" doc:"Several of them, run in order; instead of playbook_file."`
	Command               string   `opt:"command" default:"ANSIBLE_FORCE_COLOR=1 PYTHONUNBUFFERED=1 ansible-playbook" doc:"Command in the machine that runs a playbook."`
	ExtraArguments        []string `opt:"extra_arguments" doc:"More arguments for the command."`
	GroupVars             string   `opt:"group_vars" doc:"Directory of this host with variables of groups."`
	HostVars              string   `opt:"host_vars" doc:"Directory of this host with variables of hosts."`
	PlaybookDir           string   `opt:"playbook_dir" doc:"Directory of this host that is uploaded as a whole, in the form that Ansible recommends."`
	PlaybookPaths         []string `opt:"playbook_paths" doc:"Directories of this host with more playbooks."`
	RolePaths             []string `opt:"role_paths" doc:"Directories of this host with one role each."`
	CollectionPaths       []string `opt:"collection_paths" doc:"Directories of this host with one collection each."`
	StagingDirectory      string   `opt:"staging_directory" doc:"Directory in the machine to upload to; a new one below /tmp/packer-provisioner-ansible-local when not given."`
	CleanStagingDirectory bool     `opt:"clean_staging_directory" default:"false" doc:"Remove that directory at the end."`
	InventoryFile         string   `opt:"inventory_file" doc:"Inventory, a file on this host; one with the machine alone when not given."`
	InventoryGroups       []string `opt:"inventory_groups" doc:"Groups that the machine is in when there is no inventory_file."`
	GalaxyFile            string   `opt:"galaxy_file" doc:"Requirements file of roles and collections to install first."`
	GalaxyCommand         string   `opt:"galaxy_command" default:"ansible-galaxy" doc:"Program in the machine that installs them."`
	GalaxyForceInstall    bool     `opt:"galaxy_force_install" default:"false" doc:"Install them again when they are there."`
	GalaxyRolesPath       string   `opt:"galaxy_roles_path" doc:"Directory in the machine for those roles; galaxy_roles below the staging directory when not given."`
	GalaxyCollectionsPath string   `opt:"galaxy_collections_path" doc:"Directory in the machine for those collections; galaxy_collections below the staging directory when not given."`
}

func (c ansibleLocalConfig) check() error {
	errs := []error{
		checkFiles("playbook_file", c.PlaybookFile),
		checkFiles("playbook_files", c.PlaybookFiles...),
		checkFiles("inventory_file", c.InventoryFile),
		checkFiles("galaxy_file", c.GalaxyFile),
		checkDirs("playbook_dir", c.PlaybookDir),
		checkDirs("group_vars", c.GroupVars),
		checkDirs("host_vars", c.HostVars),
		checkDirs("playbook_paths", c.PlaybookPaths...),
		checkDirs("role_paths", c.RolePaths...),
		checkDirs("collection_paths", c.CollectionPaths...),
	}
	switch {
	case c.PlaybookFile != "" && len(c.PlaybookFiles) > 0:
		errs = append(errs, template.At("playbook_files", errors.New("give either playbook_file or playbook_files, not both")))
	case c.PlaybookFile == "" && len(c.PlaybookFiles) == 0:
		errs = append(errs, template.Missing("playbook_file", "playbook_files"))
	}
	return errors.Join(errs...)
}
