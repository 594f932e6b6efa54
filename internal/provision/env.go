package provision

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// envConfig is the environment that scripts get.
type envConfig struct {
	Env             map[string]string `opt:"env" doc:"Environment variables of the script. They win over environment_vars."`
	EnvironmentVars []string          `opt:"environment_vars" doc:"Environment variables of the script, as a list of NAME=value."`
	EnvVarFormat    string            `opt:"env_var_format" doc:"How one variable is written in {{.Vars}}: the first %s is its name, the second its value, in which single quotes are escaped. When not given: %s='%s' and a space, or export %s='%s' and a line break where use_env_var_file is set."`
}

const (
	wordFormat = "%s='%s' "
	lineFormat = "export %s='%s'\n"
)

// check reports what is wrong with the options.
func (e *envConfig) check() error {
	var errs []error
	for _, v := range e.EnvironmentVars {
		// Before connect, an element with a value of build.* is empty.
		if v != "" && strings.IndexByte(v, '=') <= 0 {
			// A value without a name may be a secret: it is not repeated.
			errs = append(errs, template.At("environment_vars", errors.New("each element must be NAME=value")))
			break
		}
	}
	if _, ok := e.Env[""]; ok {
		errs = append(errs, template.At("env", errors.New("a variable has no name")))
	}
	if e.EnvVarFormat != "" {
		errs = append(errs, checkEnvFormat("env_var_format", e.EnvVarFormat))
	}
	return errors.Join(errs...)
}

func checkEnvFormat(option, format string) error {
	if strings.Contains(fmt.Sprintf(format, "NAME", "value"), "%!") {
		return template.At(option, fmt.Errorf("%q must hold two %%s, for the name and the value", format))
	}
	return nil
}

// all is the environment by name.
func (e *envConfig) all(run Run) map[string]string {
	all := buildEnv(run)
	for _, v := range e.EnvironmentVars {
		if name, value, ok := strings.Cut(v, "="); ok {
			all[name] = value
		}
	}
	maps.Copy(all, e.Env)
	return all
}

// vars writes the environment for a command line, sorted by name.
func (e *envConfig) vars(run Run, format string) string {
	if e.EnvVarFormat != "" {
		format = e.EnvVarFormat
	}
	all := e.all(run)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, format, name, strings.ReplaceAll(all[name], "'", `'"'"'`))
	}
	return b.String()
}

// buildEnv is what every script learns of the build it runs in.
func buildEnv(run Run) map[string]string {
	env := map[string]string{
		"PACKER_BUILD_NAME":   run.BuildName,
		"PACKER_BUILDER_TYPE": run.BuildType,
		"PACKER_RUN_UUID":     run.ID,
	}
	if ip, port, err := net.SplitHostPort(run.HTTPAddr); err == nil {
		env["PACKER_HTTP_ADDR"] = run.HTTPAddr
		env["PACKER_HTTP_IP"] = ip
		env["PACKER_HTTP_PORT"] = port
	}
	maps.Copy(env, run.Env)
	return env
}
