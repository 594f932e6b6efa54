package provision

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/proofmark-build/proofmark/internal/template"
)

// SaltMasterless applies Salt states of this host.
func SaltMasterless() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("salt-masterless", "apply Salt states in the machine, without a master", saltConfig.check)
}

type saltConfig struct {
	LocalStateTree string `opt:"local_state_tree,required" doc:"Directory of this host with the states; it is uploaded."`
	guestConfig
	LocalPillarRoots  string   `opt:"local_pillar_roots" doc:"Directory of this host with the pillars; it is uploaded."`
	RemoteStateTree   string   `opt:"remote_state_tree" doc:"Directory in the machine for the states; /srv/salt or C:/salt/state when not given."`
	RemotePillarRoots string   `opt:"remote_pillar_roots" doc:"Directory in the machine for the pillars; /srv/pillar or C:/salt/pillar when not given."`
	CustomState       string   `opt:"custom_state" doc:"State to apply; the highstate when not given."`
	Formulas          []string `opt:"formulas" doc:"Formulas to fetch on this host and upload: git URLs with the directory after //."`
	MinionConfig      string   `opt:"minion_config" doc:"Configuration of the minion, a file of this host; excludes remote_state_tree and remote_pillar_roots."`
	GrainsFile        string   `opt:"grains_file" doc:"Grains, a file of this host."`
	SkipBootstrap     bool     `opt:"skip_bootstrap" default:"false" doc:"Salt is in the machine already: do not install it."`
	BootstrapArgs     string   `opt:"bootstrap_args" doc:"Arguments for the script that installs Salt."`
	DisableSudo       bool     `opt:"disable_sudo" default:"false" doc:"Do not run commands with sudo."`
	TempConfigDir     string   `opt:"temp_config_dir" doc:"Directory in the machine to upload to; /tmp/salt or C:/Windows/Temp/salt when not given."`
	NoExitOnFailure   bool     `opt:"no_exit_on_failure" default:"false" doc:"Go on when a state fails."`
	LogLevel          string   `opt:"log_level" doc:"How much salt-call tells; info when not given."`
	SaltCallArgs      string   `opt:"salt_call_args" doc:"More arguments for salt-call."`
	SaltBinDir        string   `opt:"salt_bin_dir" doc:"Directory of salt-call in the machine, where it is not in the path."`
}

var formulaURL = regexp.MustCompile(`^.*\.git//[a-zA-Z0-9-_]+(\?.*)?$`)

func (c saltConfig) check() error {
	errs := []error{
		c.guestConfig.check(),
		checkDirs("local_state_tree", c.LocalStateTree),
		checkDirs("local_pillar_roots", c.LocalPillarRoots),
		checkFiles("minion_config", c.MinionConfig),
		checkFiles("grains_file", c.GrainsFile),
	}
	for _, f := range c.Formulas {
		if f != "" && !formulaURL.MatchString(f) {
			errs = append(errs, template.At("formulas", fmt.Errorf("%q is not of the form URL.git//DIRECTORY", f)))
		}
	}
	if c.MinionConfig != "" {
		excluded := errors.New("not together with minion_config, which says it itself")
		if c.RemoteStateTree != "" {
			errs = append(errs, template.At("remote_state_tree", excluded))
		}
		if c.RemotePillarRoots != "" {
			errs = append(errs, template.At("remote_pillar_roots", excluded))
		}
	}
	return errors.Join(errs...)
}
