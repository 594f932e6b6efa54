package provision

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// InSpec runs an InSpec profile against the machine.
func InSpec() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("inspec", "run an InSpec profile on this host against the machine", inspecConfig.check)
}

type inspecConfig struct {
	Profile              string   `opt:"profile,required" doc:"The profile: a directory of this host, or what else inspec exec takes."`
	Command              string   `opt:"command" default:"inspec" doc:"Program that runs the profile."`
	ExtraArguments       []string `opt:"extra_arguments" doc:"More arguments for the program."`
	InspecEnvVars        []string `opt:"inspec_env_vars" doc:"Environment variables of the program, as NAME=value."`
	AttributesDirectory  string   `opt:"attributes_directory" doc:"Directory of this host with files of attributes."`
	Attributes           []string `opt:"attributes" doc:"Files of attributes."`
	Backend              string   `opt:"backend" default:"ssh" doc:"How InSpec reaches the machine: ssh, winrm, docker or local."`
	User                 string   `opt:"user" doc:"User to log in as; the user who runs the build when not given."`
	Host                 string   `opt:"host" doc:"Host to connect to; 127.0.0.1 when not given. The backend docker needs it."`
	LocalPort            int      `opt:"local_port" doc:"First port of this host to try for the SSH proxy; any free one when not given."`
	SSHHostKeyFile       string   `opt:"ssh_host_key_file" doc:"Host key of the SSH proxy; a new one when not given."`
	SSHAuthorizedKeyFile string   `opt:"ssh_authorized_key_file" doc:"Public key that may log in to the SSH proxy; a new one when not given."`
	ValidExitCodes       []int    `opt:"valid_exit_codes" default:"0,101" doc:"Exit statuses that count as success."`
}

var inspecBackends = []string{"ssh", "winrm", "docker", "local"}

func (c inspecConfig) check() error {
	errs := []error{
		checkFiles("ssh_host_key_file", c.SSHHostKeyFile),
		checkFiles("ssh_authorized_key_file", c.SSHAuthorizedKeyFile),
		checkDirs("attributes_directory", c.AttributesDirectory),
		checkLocalPort(c.LocalPort),
	}
	if c.Backend != "" && !slices.Contains(inspecBackends, c.Backend) {
		errs = append(errs, template.At("backend", fmt.Errorf("%q is not known: use one of %s", c.Backend, strings.Join(inspecBackends, ", "))))
	}
	if c.Backend == "docker" && c.Host == "" {
		errs = append(errs, template.Missing("host"))
	}
	return errors.Join(errs...)
}
