package template

import "time"

// The kinds of the golden tests. They look like real ones.

type rootfsConfig struct {
	Suite    string   `opt:"suite" default:"bookworm" doc:"Debian suite"`
	Variant  string   `opt:"variant" default:"minbase"`
	Packages []string `opt:"packages"`
	Parent   string   `opt:"parent"`
	Services bool     `opt:"start_services"`
	Output   *struct {
		Format string `opt:"format,required"`
	} `opt:"output"`
	Disks []struct {
		Size int `opt:"size,required"`
	} `opt:"disk"`
}

type shellConfig struct {
	Inline  []string          `opt:"inline"`
	Script  string            `opt:"script"`
	Vars    []string          `opt:"environment_vars"`
	Env     map[string]string `opt:"env"`
	Execute Late              `opt:"execute_command" default:"chmod +x {{.Path}}; {{.Vars}} {{.Path}}"`
	Codes   []int             `opt:"valid_exit_codes"`
	Retry   time.Duration     `opt:"start_retry_timeout" default:"5m"`
}

type fileConfig struct {
	Source      string `opt:"source,required" doc:"file or directory to copy"`
	Destination string `opt:"destination,required"`
}

type anyConfig struct {
	Rest Tree `opt:",remain"`
}

func self[C any](c C) (any, error) { return c, nil }

func kinds() map[string]Set[any] {
	return map[string]Set[any]{
		"source": NewSet(
			Define("rootfs", "", self[rootfsConfig]), Define("null", "", self[anyConfig]), Define("amazon-ebs", "", self[anyConfig]),
			Define("amazon-instance", "", self[anyConfig])),
		"provisioner": NewSet(Define("shell", "", self[shellConfig]), Define("file", "", self[fileConfig]), Define("shell-local", "", self[anyConfig]),
			Define("puppet-server", "", self[anyConfig])),
		"verify":         NewSet(Define("inline", "", self[anyConfig]), Define("goss", "", self[anyConfig])),
		"post-processor": NewSet(Define("manifest", "", self[anyConfig]), Define("compress", "", self[anyConfig])),
	}
}

func known(kind string) []string { return kinds()[kind].Names() }

func checkBlock(b *Block) Diagnostics {
	for _, s := range kinds() {
		for _, name := range s.Names() {
			if name == b.Type {
				return s.Check(b)
			}
		}
	}
	return nil
}
