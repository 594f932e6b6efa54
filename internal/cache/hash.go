package cache

// Hash collects the named inputs of one step and gives a key. The order of the
// calls matters; names may repeat.
type Hash struct{}

// NewHash begins the hash of a step on top of parent. secret is the home's own
// key for keyed digests of sensitive values.
func NewHash(parent Key, kind string, secret []byte) *Hash { return &Hash{} }

// Add adds a value.
func (h *Hash) Add(name, value string) {}

// AddSecret adds a sensitive value as a keyed digest, and marks the layer as
// never to be shared beyond its home.
func (h *Hash) AddSecret(name, value string) {}

// AddFile adds a file's content and permission bits. Its times do not matter.
func (h *Hash) AddFile(name, path string) error { return nil }

// AddTree adds a directory tree: relative paths, types, permission bits, link
// targets and contents. Times and owners do not matter.
func (h *Hash) AddTree(name, dir string) error { return nil }

// Resolve returns the resolution of something "latest" (an index digest, a newest
// image), asking resolve at most once per the store's age limit. When resolve
// fails and an older resolution is known, that one is used and warn is called.
func (h *Hash) Resolve(name string, resolve func() (string, error)) (string, error) {
	return resolve()
}

// Key returns the key over everything added so far.
func (h *Hash) Key() Key { return "" }

// Inputs returns what was added, in order.
func (h *Hash) Inputs() []Input { return nil }

// Secret tells whether AddSecret was called.
func (h *Hash) Secret() bool { return false }
