package cache

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

// Hash collects the named inputs of one step and gives a key. The order of the
// calls matters; names may repeat. A Hash belongs to one goroutine.
type Hash struct {
	sum     hash.Hash
	inputs  []Input
	secret  bool
	err     error
	homeKey func() ([]byte, error)
	resolve func(name string, ask func() (string, error)) (string, error)
	digests *digests // nil: none are remembered
	kind    string
}

// The marks keep inputs of different sorts apart: a text that looks like a file's
// digest must not give the key of that file.
const (
	markValue  = "value"
	markSecret = "secret"
	markFile   = "file"
	markTree   = "tree"
)

// shortValue is the longest value, in bytes, that Inputs shows as it is.
const shortValue = 256

// NewHash begins the hash of a step on top of parent. kind says what makes the
// step, with its version; it is the first of the Inputs. secret is the home's own
// key for keyed digests of sensitive values; without one AddSecret fails.
func NewHash(parent Key, kind string, secret []byte) *Hash {
	h := &Hash{sum: sha256.New(), kind: kind}
	h.homeKey = func() ([]byte, error) {
		if len(secret) == 0 {
			return nil, errors.New("no key for secrets was given")
		}
		return secret, nil
	}
	h.write("proofmark layer 1", string(parent))
	h.Add("kind", kind)
	return h
}

// write feeds texts, each behind its length, so that no two lists of texts look alike.
func (h *Hash) write(texts ...string) { writeTexts(h.sum, texts...) }

func writeTexts(w io.Writer, texts ...string) {
	var n [8]byte
	for _, t := range texts {
		binary.BigEndian.PutUint64(n[:], uint64(len(t)))
		w.Write(n[:])
		io.WriteString(w, t)
	}
}

// Add adds a value.
func (h *Hash) Add(name, value string) {
	h.write(markValue, name, value)
	h.note(name, shown(value))
}

// AddSecret adds a sensitive value as a keyed digest, and marks the layer as
// never to be shared beyond its home. When the home's key cannot be had, Err
// tells and there is no Key.
func (h *Hash) AddSecret(name, value string) {
	h.secret = true
	key, err := h.homeKey()
	if err != nil {
		if h.err == nil {
			h.err = fmt.Errorf("digest sensitive value %s: %w", name, err)
		}
		return
	}
	d := keyed(key, name, value)
	h.write(markSecret, name, d)
	h.note(name, d)
}

// keyed covers the name too, so that equal secrets under two names do not show
// as equal.
func keyed(key []byte, name, value string) string {
	m := hmac.New(sha256.New, key)
	writeTexts(m, name, value)
	return "hmac-sha256:" + hex.EncodeToString(m.Sum(nil))
}

// Resolve adds and returns the resolution of something "latest" (an index digest,
// a newest image), asking resolve at most once per the store's age limit. name
// says in full what is resolved: whoever asks with the same kind and name gets
// the same answer. When resolve fails and an older resolution is known, that one
// is used and the store warns; not so when resolve was cancelled.
func (h *Hash) Resolve(name string, resolve func() (string, error)) (string, error) {
	var v string
	var err error
	if h.resolve != nil {
		v, err = h.resolve(name, resolve)
	} else {
		v, err = resolve()
	}
	if err != nil {
		return "", fmt.Errorf("resolve %s: %w", name, err)
	}
	h.Add(name, v)
	return v, nil
}

// Err tells why there is no key: AddSecret could not get the home's key.
func (h *Hash) Err() error { return h.err }

// Key returns the key over everything added so far, or "" when Err is not nil:
// a key that no store accepts.
func (h *Hash) Key() Key {
	if h.err != nil {
		return ""
	}
	return Key(keyPrefix + hex.EncodeToString(h.sum.Sum(nil)))
}

// Inputs returns what was added, in order; the kind comes first.
func (h *Hash) Inputs() []Input { return append([]Input(nil), h.inputs...) }

// Secret tells whether AddSecret was called.
func (h *Hash) Secret() bool { return h.secret }

func (h *Hash) note(name, value string) {
	h.inputs = append(h.inputs, Input{Name: name, Value: value})
}

// shown is how a value appears among the inputs. What JSON could not give back
// byte by byte is digested too, else it would seem to change.
func shown(value string) string {
	if len(value) <= shortValue && utf8.ValidString(value) {
		return value
	}
	d := sha256.Sum256([]byte(value))
	return fmt.Sprintf("sha256:%x (%d bytes)", d, len(value))
}
