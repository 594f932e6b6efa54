package build_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// Builds of one template write to one manifest and one file of checksums: what one that
// fails has written goes, whichever was first, and what the other has written stays.
func TestBuildsThatShareFiles(t *testing.T) {
	t.Parallel()
	const before = `{"builds":[{"name":"old"}], "last_run_uuid":"x"}` // not as we would write it
	for fails, want := range map[string][]string{"a": {"old", "b"}, "b": {"old", "a"}, "a b": {"old"}, "none": {"old", "a", "b"}} {
		b := newBench(t)
		b.write("out/manifest.json", before)
		b.write("out/sums", "old sum\n")
		for _, name := range []string{"a.added", "b.added"} {
			if err := syscall.Mkfifo(filepath.Join(b.dir, name), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		// Both have written before one of them ends: each opens its pipe to say so, and
		// waits for the other one's.
		hcl := strings.NewReplacer("DIR", b.dir, "FAILS", fails).Replace(`
source "leaf" "a" { target = "DIR/a" }
source "leaf" "b" { target = "DIR/b" }
build {
  sources = ["source.leaf.a", "source.leaf.b"]
  post-processors {
    post-processor "checksum" { output = "DIR/out/sums" }
  }
  post-processor "manifest" { output = "DIR/out/manifest.json" }
  post-processor "shell-local" {
    inline = ["cd DIR", "if [ $PACKER_BUILD_NAME = a ]; then echo >a.added; read x <b.added; else read x <a.added; echo >b.added; fi",
      "case ' FAILS ' in *\" $PACKER_BUILD_NAME \"*) exit 7;; esac"]
  }
}`)
		b.build(hcl, build.Options{})
		var m struct{ Builds []struct{ Name string } }
		text, err := os.ReadFile(filepath.Join(b.dir, "out/manifest.json"))
		if err != nil || json.Unmarshal(text, &m) != nil {
			t.Fatalf("%s, %v", text, err)
		}
		var got []string
		for _, entry := range m.Builds {
			got = append(got, entry.Name)
		}
		slices.Sort(got[1:])
		if !slices.Equal(got, want) || len(want) == 1 && string(text) != before {
			t.Errorf("%s failed: %q is there, want %q\n%s", fails, got, want, text)
		}
		sums, err := os.ReadFile(filepath.Join(b.dir, "out/sums"))
		if n := strings.Count(string(sums), "\n"); n != len(want) || err != nil || !strings.HasPrefix(string(sums), "old sum\n") {
			t.Errorf("%s failed: %q, %v", fails, sums, err)
		}
		if got := b.out(); got != "manifest.json sums" {
			t.Errorf("%s failed: left %q", fails, got)
		}
		b.wantClean()
	}
}

// What a script of the template does to a file that the build made goes with the file.
func TestScriptsMayChangeOutputs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(b.posts("leaf", `
  provisioner "shell-local" { inline = ["echo more >>DIR/out/leaf.txt"] }
  post-processor "shell-local" { inline = ["echo signed >>DIR/out/leaf.txt", "exit 7"] }`), build.Options{}).fails("exit status 7", build.Failed)
	if got := b.out(); got != "" {
		t.Errorf("left %q", got)
	}
	b.wantClean()
}
