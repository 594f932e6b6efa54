package postprocess

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestManifest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run.ID = "1cd71123-e1ba-a63f-b80d-697ed61c9d99"
	const text = `{"type":"manifest","output":"DIR/new/m.json","strip_path":true,"strip_time":true,"custom_data":{"b":"<2>","a":"{{build_name}}"}}`
	out, keep, err := b.process(text, b.image("disk.img", "gone"))
	if err != nil || keep != Must || out.ID != "Null" || len(out.Files) != 2 {
		t.Fatalf("%+v, %v, %v", out, keep, err)
	}
	const first = `    {
      "name": "web",
      "builder_type": "null",
      "files": [
        {
          "name": "disk.img",
          "size": 100000
        },
        {
          "name": "gone",
          "size": 0
        }
      ],
      "artifact_id": "Null",
      "packer_run_uuid": "1cd71123-e1ba-a63f-b80d-697ed61c9d99",
      "custom_data": {
        "a": "null",
        "b": "\u003c2\u003e"
      }
    }`
	want := "{\n  \"builds\": [\n" + first + "\n  ],\n  \"last_run_uuid\": \"1cd71123-e1ba-a63f-b80d-697ed61c9d99\"\n}"
	if diff := cmp.Diff(want, b.read("new/m.json")); diff != "" {
		t.Error(diff)
	}

	// Another run adds to it, and -force begins anew.
	b.run.ID = "2"
	if _, _, err := b.process(`{"type":"manifest","output":"DIR/new/m.json"}`, b.image()); err != nil {
		t.Fatal(err)
	}
	got := b.read("new/m.json")
	for _, part := range []string{first + ",\n", `"build_time": 1`, `"files": null`, `"custom_data": null`, `"last_run_uuid": "2"`} {
		if !strings.Contains(got, part) {
			t.Errorf("no %s in\n%s", part, got)
		}
	}
	b.run.Force = true
	for _, names := range []string{`"2"`, `"2" "2"`, `"3"`} {
		if names == `"3"` {
			b.run.ID = "3"
		}
		if names == `"2"` {
			b.run.Force = false // the same run goes on
		}
		if _, _, err := b.process(text, b.image()); err != nil {
			t.Fatal(err)
		}
		b.run.Force = true
	}
	if got := b.read("new/m.json"); strings.Count(got, `"name"`) != 1 {
		t.Error(got)
	}
}

func TestManifestThatIsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.write("m.json", "[]")
	if _, _, err := b.process(`{"type":"manifest","output":"DIR/m.json"}`, b.image()); err == nil || !strings.Contains(err.Error(), "not a manifest") {
		t.Error(err)
	}
	if got := b.read("m.json"); got != "[]" {
		t.Errorf("it is %q now", got)
	}
	b.write("m.json", " \n")
	if _, _, err := b.process(`{"type":"manifest","output":"DIR/m.json"}`, b.image()); err != nil {
		t.Error(err)
	}
}

// Builds that end at the same time share a manifest.
func TestManifestOfMany(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := open(t, strings.ReplaceAll(`{"type":"manifest","output":"DIR/new/dir/m.json"}`, "DIR", b.dir))
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			run := b.run
			run.BuildName = fmt.Sprint(i)
			if _, _, err := p.Process(t.Context(), run, b.image()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var m manifestFile
	if err := json.Unmarshal([]byte(b.read("new/dir/m.json")), &m); err != nil || len(m.Builds) != 20 {
		t.Errorf("%d builds, %v", len(m.Builds), err)
	}
}
