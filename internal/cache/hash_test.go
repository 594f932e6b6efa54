package cache

import (
	"regexp"
	"strings"
	"testing"
)

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	long := strings.Repeat("x", 1000)
	cases := map[string]func() *Hash{
		"empty":                func() *Hash { return NewHash("", "shell 1", secret) },
		"other kind":           func() *Hash { return NewHash("", "shell 2", secret) },
		"other parent":         func() *Hash { return NewHash(key("p"), "shell 1", secret) },
		"parent as kind":       func() *Hash { return NewHash("shell 1", "", secret) },
		"value":                func() *Hash { return adds("a", "b") },
		"shifted":              func() *Hash { return adds("ab", "") },
		"shifted left":         func() *Hash { return adds("", "ab") },
		"two":                  func() *Hash { return adds("a", "b", "c", "d") },
		"two, reordered":       func() *Hash { return adds("c", "d", "a", "b") },
		"two in one":           func() *Hash { return adds("a", "bcd") },
		"repeated":             func() *Hash { return adds("a", "b", "a", "b") },
		"long":                 func() *Hash { return adds("a", long) },
		"what a long one show": func() *Hash { return adds("a", shown(long)) },
		"secret": func() *Hash {
			h := NewHash("", "shell 1", secret)
			h.AddSecret("a", "b")
			return h
		},
		"secret's digest as value": func() *Hash { return adds("a", keyed(secret, "a", "b")) },
		"secret, other home": func() *Hash {
			h := NewHash("", "shell 1", []byte("another home's key"))
			h.AddSecret("a", "b")
			return h
		},
	}
	seen := map[Key]string{}
	for name, make := range cases {
		h := make()
		k := h.Key()
		if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(string(k)) {
			t.Errorf("%s: key %q", name, k)
		}
		if again := make().Key(); again != k || h.Key() != k {
			t.Errorf("%s: the key is not the same twice", name)
		}
		if other, ok := seen[k]; ok {
			t.Errorf("%s has the key of %s", name, other)
		}
		seen[k] = name
	}
}

func adds(pairs ...string) *Hash {
	h := NewHash("", "shell 1", nil)
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// The key of given inputs is part of the format: when it changes, every layer of
// every home is built again.
func TestKeyIsStable(t *testing.T) {
	t.Parallel()
	got := adds("inline", "apt-get update", "inline", "apt-get install nginx").Key()
	if want := Key("sha256:50a1b2e486ac6e8b46b0e689e7ad9d17c415053f00af6b912120dbb47553a09b"); got != want {
		t.Errorf("key %s, want %s", got, want)
	}
}

func TestInputs(t *testing.T) {
	t.Parallel()
	h := NewHash("", "shell 1", []byte("k"))
	long := strings.Repeat("é", 200)
	h.Add("short", "as it is")
	h.Add("long", long)
	h.Add("binary", "\xff\x00")
	h.AddSecret("password", "hunter2")
	in := h.Inputs()
	equal(t, "first", in[0], Input{"kind", "shell 1"})
	equal(t, "short", in[1], Input{"short", "as it is"})
	for i, bytes := range map[int]string{2: "(400 bytes)", 3: "(2 bytes)"} {
		if v := in[i].Value; !strings.HasPrefix(v, "sha256:") || !strings.HasSuffix(v, bytes) {
			t.Errorf("%s is shown as %q", in[i].Name, v)
		}
	}
	if v := in[4].Value; !strings.HasPrefix(v, "hmac-sha256:") || strings.Contains(v, "hunter2") {
		t.Errorf("a secret is shown as %q", v)
	}
	if !h.Secret() || adds("a", "b").Secret() {
		t.Error("Secret does not tell of secrets")
	}
	in[0].Name = "changed"
	if h.Inputs()[0].Name != "kind" {
		t.Error("Inputs gives its own memory away")
	}
}

func TestSecretWithoutHomeKey(t *testing.T) {
	t.Parallel()
	h := NewHash("", "shell 1", nil)
	h.AddSecret("password", "hunter2")
	h.Add("a", "b")
	if h.Err() == nil || h.Key() != "" {
		t.Errorf("err %v, key %q: want an error and no key", h.Err(), h.Key())
	}
	if !h.Secret() {
		t.Error("the layer is not marked as secret")
	}
}
