package build_test

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
)

// TestTemplateThatWentBack: what a name leads to is what the template says, also
// after a change was taken back, and children start from that.
func TestTemplateThatWentBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(parentAndChild, build.Options{}).must(build.Built, build.Built)
	b.build(edit(t, parentAndChild, "echo base", "echo basis"), build.Options{}).must(build.Built, build.Built)
	r := b.build(parentAndChild, build.Options{}).must(build.Built, build.Built)
	for _, name := range []string{"fake.base", "fake.web"} {
		for _, step := range r.steps(name) {
			if !strings.HasSuffix(step, "*") {
				t.Errorf("%s ran %s", name, step)
			}
		}
	}
	b.wantVersions("web:3 proven", "base:3 proven", "web:2 proven", "base:2 proven", "web:1 proven", "base:1 proven")
	v := b.versions()
	if got := files(t, v[0].Image.ID)["./srv/web"]; !strings.HasSuffix(got, "base\n") || v[0].Parent.Version != 3 {
		t.Errorf("a child of %+v holds %q", v[0].Parent, got)
	}
	b.build(parentAndChild, build.Options{}).must(build.Unchanged, build.Unchanged)
	b.wantClean()
}

// TestRefusedVersionThatCameBack is refused again, although newer ones are there.
func TestRefusedVersionThatCameBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.build(three, build.Options{}).must(build.Built)
	wrong := edit(t, three, `"one", "two"]`, `"none"]`)
	b.build(wrong, build.Options{}).refused("failed")
	b.build(edit(t, three, "echo two", "echo  two"), build.Options{}).must(build.Built)
	b.build(wrong, build.Options{}).refused("nothing has changed since")
	b.build(three, build.Options{}).must(build.Built)
	b.wantVersions("web:3 proven", "web:2 proven", "web:1 refused")
}
