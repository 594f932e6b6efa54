package template

// Template is a template as evaluated for one command: variables are known,
// -only, -except and overrides are applied.
type Template struct {
	Path      string // as given on the command line
	Dir       string // absolute directory of the template
	Files     []string
	Digest    string // "sha256:…" over the names and contents of Files
	Builds    []*Build
	Variables []Variable
	Warnings  Diagnostics
}

// Variable is an input variable (or a sensitive local) with its value as text
// (JSON for what is not a string).
type Variable struct {
	Name      string
	Value     string
	Sensitive bool
	Pos       Pos
}

// Secrets returns every sensitive string that must be masked in output, longest
// first. Parts of sensitive lists and maps count.
func (t *Template) Secrets() []string { return nil }

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
	PauseBefore string // durations as Go writes them; validated
	Timeout     string
	MaxRetries  int
	NoCache     bool // cache = false
}

// Block is one configured component whose body is not decoded yet.
type Block struct {
	Type string // the kind's name: "shell"
	Name string // optional label
	Pos  Pos
}

// Hasher takes named values; cache.Hash is one.
type Hasher interface {
	Add(name, value string)
	AddSecret(name, value string)
}

// Hash adds the evaluated configuration to h, attribute by attribute in the order
// of names, sensitive parts by AddSecret. Where a value depends on what is known only after connect
// (build.*), its source text is added instead.
func (b *Block) Hash(h Hasher) {}

// Input is one -var or -var-file flag, in command line order.
type Input struct {
	Name, Value string // -var
	File        string // -var-file
}

// Options of Load. The zero value works.
type Options struct {
	Inputs       []Input
	Only, Except []string // globs on build names; Except also on post-processor names
	Environ      []string // "K=V"; nil: os.Environ()
	// Known tells which kinds exist, for "did you mean"; kind is "source",
	// "provisioner", "verify", "post-processor". nil: all kinds are accepted.
	Known func(kind string) []string
}

// Load reads a template: a *.pkr.hcl or *.pkr.json file, a directory of those, a
// legacy *.json file, or "-" for legacy JSON on standard input. The error is
// Diagnostics when the template is at fault.
func Load(path string, o Options) (*Template, error) { return nil, nil }
