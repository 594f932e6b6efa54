package provision

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// PuppetMasterless applies manifests of this host.
func PuppetMasterless() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("puppet-masterless", "apply Puppet manifests in the machine, without a server", puppetMasterlessConfig.check)
}

type puppetMasterlessConfig struct {
	ManifestFile string `opt:"manifest_file,required" doc:"Manifest to apply: a file or a directory of this host."`
	puppetConfig
	ManifestDir      string   `opt:"manifest_dir" doc:"Directory of this host with manifests that the file imports; for Puppet 3 alone."`
	ModulePaths      []string `opt:"module_paths" doc:"Directories of this host with modules."`
	HieraConfigPath  string   `opt:"hiera_config_path" doc:"Configuration of Hiera, a file of this host."`
	StagingDirectory string   `opt:"staging_directory" doc:"Directory in the machine to upload to; packer-puppet-masterless in /tmp or %SYSTEMROOT%/Temp when not given."`
}

func (c puppetMasterlessConfig) check() error {
	return errors.Join(
		c.puppetConfig.check("HieraConfigPath", "ModulePath", "ModulePathJoiner", "ManifestFile", "ManifestDir"),
		checkExist("manifest_file", c.ManifestFile),
		checkDirs("manifest_dir", c.ManifestDir),
		checkDirs("module_paths", c.ModulePaths...),
		checkFiles("hiera_config_path", c.HieraConfigPath),
	)
}
