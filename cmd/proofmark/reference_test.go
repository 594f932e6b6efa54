package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
)

const referenceDir = "../../docs/reference"

// TestReference holds the pages of docs/reference, which are made from kinds.go
// alone, against it.
func TestReference(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	var index strings.Builder
	index.WriteString("# Reference\n\nEvery kind that a template may use, with its options. Made from the program.\n\n")
	addPages(pages, &index, "builder", "source", builders(home{}, nil).Kinds())
	addPages(pages, &index, "provisioner", "provisioner", provisioners(nil).Kinds())
	addPages(pages, &index, "check", "verify", verifiers().Kinds())
	addPages(pages, &index, "post-processor", "post-processor", postProcessors().Kinds())
	addPages(pages, &index, "data-source", "data", dataSources().Kinds())
	pages["README.md"] = index.String()

	entries, err := os.ReadDir(referenceDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := pages[e.Name()]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s is of no kind: remove it", e.Name())
		} else if err := os.Remove(filepath.Join(referenceDir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range pages {
		path := filepath.Join(referenceDir, name)
		got, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		current(t, path, string(got), want)
	}
}

// addPages makes a page for each kind, and its line in the index. block is what
// such a thing is called in HCL2.
func addPages[T any](pages map[string]string, index *strings.Builder, what, block string, kinds []template.Kind[T]) {
	for _, k := range kinds {
		name := what + "-" + k.Name + ".md"
		fmt.Fprintf(index, "- %s [`%s`](%s): %s\n", what, k.Name, name, k.Summary)
		var b strings.Builder
		labels := fmt.Sprintf("%q", k.Name)
		if block == "source" || block == "data" {
			labels += ` "NAME"`
		}
		fmt.Fprintf(&b, "# %s `%s`: %s\n\n", strings.ToUpper(what[:1])+what[1:], k.Name, strings.ToLower(k.Summary[:1])+k.Summary[1:])
		if !k.Works() {
			b.WriteString("This version checks such blocks in full; it cannot run them yet.\n\n")
		}
		switch {
		case what == "check" && len(k.Options()) == 0:
			b.WriteString("What stands in the block are [resources](../checks.md#resources).\n")
		default:
			fmt.Fprintf(&b, "In HCL2 `%s %s { … }`. Options:\n\n| option | type | default | what it says |\n|---|---|---|---|\n", block, labels)
			optionRows(&b, "", k.Options())
		}
		switch what {
		case "provisioner":
			b.WriteString("\nAnd the options that [every provisioner](../template.md#options-that-every-provisioner-takes) takes.\n")
		case "check":
			b.WriteString("\nAnd `only` and `except`, which choose builds.\n")
		case "builder":
			b.WriteString("\nAnd [`labels`](../template.md#what-is-added).\n")
		}
		pages[name] = b.String()
	}
}

func optionRows(b *strings.Builder, prefix string, options []template.Option) {
	for _, o := range options {
		def := "–"
		switch {
		case o.Required:
			def = "required"
		case o.Default != "":
			def = "`" + cell(o.Default) + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", prefix+o.Name, o.Type, def, cell(o.Doc))
		optionRows(b, prefix+o.Name+".", o.Options)
	}
}
