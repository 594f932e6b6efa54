package interpolate

import "time"

// Env is what functions may know. The zero value works; functions whose answer
// is missing fail with an error that says so.
type Env struct {
	// User answers {{user `name`}}. known is false for a variable nobody declared.
	// nil: the language has no user variables.
	User func(name string) (value string, known bool)
	// Getenv answers {{env `NAME`}}. nil: not allowed in this place.
	Getenv func(name string) string
	// Ask answers {{vault `path` `key`}}, {{consul_key `key`}}, {{aws_secretsmanager `name` `key`}}
	// and {{aws_secretsmanager_raw `name`}}. nil: not allowed in this place.
	Ask func(function string, args []string) (string, error)

	Dir       string // {{template_dir}}
	Pwd       string // {{pwd}}
	BuildName string // {{build_name}}
	BuildType string // {{build_type}}
	Version   string // {{packer_version}}
	Now       time.Time
	// CleanName answers {{clean_resource_name}} as the platform wants names;
	// nil: letters, digits, and -._ stay, everything else becomes a dash.
	CleanName func(string) string
}
