package disk

import (
	"testing"
)

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"10G", "512MiB", "1048576", "", "-1", "G", "９G", "1.5G"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseSize(s); err == nil && (n <= 0 || n%mib != 0 || n > 64<<40) {
			t.Errorf("%q is %d", s, n)
		}
	})
}

// FuzzNewer holds the order of versions to be one.
func FuzzNewer(f *testing.F) {
	for _, s := range [][2]string{{"6.1.0-9-amd64", "6.1.0-10-amd64"}, {"6.1", "6.1.0"}, {"", "1"}, {"a", "1"}, {"01", "1"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if newer(a, b) && newer(b, a) {
			t.Errorf("%q and %q are newer than each other", a, b)
		}
		if newer(a, a) {
			t.Errorf("%q is newer than itself", a)
		}
	})
}
