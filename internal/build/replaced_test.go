package build_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// TestReplaced: of several versions in one place the last one is there.
func TestReplaced(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open(filepath.Join(t.TempDir(), "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	kit := build.Kit{Catalog: c}
	var all []catalog.Version
	for _, v := range []struct{ name, file string }{{"web", "/out/disk"}, {"db", "/out/other"}, {"web", "/out/disk"}} {
		made, err := c.Add(t.Context(), catalog.Version{Name: v.name, Status: catalog.Proven, Image: image.Image{Files: []string{v.file}}})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
	if err := kit.Replaced(t.Context(), all[0]); err == nil || !strings.Contains(err.Error(), "web:1 is not there any more: its files were replaced by those of web:2") {
		t.Errorf("web:1: %v", err)
	}
	for _, v := range all[1:] {
		if err := kit.Replaced(t.Context(), v); err != nil {
			t.Errorf("%s:%d: %v", v.Name, v.Version, err)
		}
	}
}
