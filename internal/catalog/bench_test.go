package catalog

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkOpenAndByKey is what a build costs at the catalog in which nothing
// changed: 50 versions of an image with 500 packages and 1500 files in /etc.
func BenchmarkOpenAndByKey(b *testing.B) {
	path := filepath.Join(b.TempDir(), "catalog.db")
	c := open(b, path)
	v := full()
	v.Content.Etc = map[string]string{}
	for i := range 500 {
		v.Content.Packages = append(v.Content.Packages, Package{fmt.Sprint("package", i), "1.2.3-4+deb12u5", "amd64", "dpkg"})
	}
	for i := range 1500 {
		v.Content.Etc[fmt.Sprint("/etc/some/where/file", i)] = strings.Repeat("ab", 32)
	}
	for i := range 50 {
		v.Key = fmt.Sprint("key", i)
		add(b, c, v)
	}
	for b.Loop() {
		c, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.ByKey(b.Context(), "web", "key7"); err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
