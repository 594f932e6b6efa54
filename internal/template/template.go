package template

// Template is a template as evaluated for one command: variables are known,
// -only, -except and overrides are applied.
type Template struct {
	Path        string // as given on the command line
	Dir         string // absolute directory of the template
	Description string
	Files       []string
	Digest      string // "sha256:…" over the names and contents of Files
	Builds      []*Build
	Data        []*Block // data sources, in the order they were read
	Plugins     []Plugin // required_plugins
	Variables   []Variable
	Warnings    Diagnostics

	secrets []string
}

// Variable is an input variable (or a sensitive local) with its value as text
// (JSON for what is not a string).
type Variable struct {
	Name      string
	Value     string
	Default   string // as text; empty when there is none
	Sensitive bool
	Pos       Pos
}

// Build is one source of one build block: what one goroutine builds.
type Build struct {
	Name           string // full name, as -only and -except match it: "rootfs.web" (HCL2, "[build.]type.name") or "web" (JSON)
	Label          string // the source's own label: PACKER_BUILD_NAME
	Description    string
	Source         *Block
	Provisioners   []Step
	ErrorCleanup   *Step
	Verifiers      []*Block
	PostProcessors [][]*Block // sequences
	Labels         map[string]string
	Pos            Pos
}

// Step is a provisioner block with the keys that every provisioner has. only,
// except and override have been applied.
type Step struct {
	*Block
	PauseBefore     string // durations as Go writes them; validated; "" when not given
	Timeout         string
	MaxRetries      int
	NoCache         bool // cache = false
	ContinueOnError bool
}
