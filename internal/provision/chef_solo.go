package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// ChefSolo runs Chef without a server.
func ChefSolo() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("chef-solo", "run Chef in the machine, without a server", chefSoloConfig.check)
}

type chefSoloConfig struct {
	chefConfig
	CookbookPaths       []string `opt:"cookbook_paths" doc:"Directories of this host with cookbooks; they are uploaded."`
	RemoteCookbookPaths []string `opt:"remote_cookbook_paths" doc:"Directories in the machine with cookbooks."`
	RolesPath           string   `opt:"roles_path" doc:"Directory of this host with roles."`
	DataBagsPath        string   `opt:"data_bags_path" doc:"Directory of this host with data bags."`
	EnvironmentsPath    string   `opt:"environments_path" doc:"Directory of this host with environments."`
}

func (c chefSoloConfig) check() error {
	return errors.Join(
		c.chefConfig.check(),
		checkDirs("cookbook_paths", c.CookbookPaths...),
		checkDirs("roles_path", c.RolesPath),
		checkDirs("data_bags_path", c.DataBagsPath),
		checkDirs("environments_path", c.EnvironmentsPath),
	)
}
