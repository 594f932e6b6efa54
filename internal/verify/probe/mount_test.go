package probe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const mountinfo = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
30 22 0:26 / /mnt/with\040space rw,nosuid,nodev,noexec shared:5 master:2 - tmpfs tmpfs\011x rw,size=10k,context="a,b",mode=755
31 22 0:27 / /over rw - overlay overlay rw
32 31 0:28 /sub /over ro,noatime - ext4 /dev/vdb
broken line
33 31 0:28 / /short
`

func TestParseMountinfo(t *testing.T) {
	t.Parallel()
	got, err := parseMountinfo(strings.NewReader(mountinfo))
	if err != nil {
		t.Fatal(err)
	}
	want := []mountEntry{
		{"/", "/dev/vda", "ext4", []string{"rw", "relatime"}, []string{"rw", "discard"}},
		{"/mnt/with space", "tmpfs\tx", "tmpfs", []string{"rw", "nosuid", "nodev", "noexec"}, []string{"rw", "size=10k", `context="a,b"`, "mode=755"}},
		{"/over", "overlay", "overlay", []string{"rw"}, []string{"rw"}},
		{"/over", "/dev/vdb", "ext4", []string{"ro", "noatime"}, []string{}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(mountEntry{})); diff != "" {
		t.Error(diff)
	}
}

func TestMountTopmost(t *testing.T) {
	t.Parallel()
	v := newView(NewProber("/"), nil)
	v.mounts = func() ([]mountEntry, error) {
		return []mountEntry{{point: "/", source: "below"}, {point: "/", source: "above"}}, nil
	}
	m, err := v.mount(t.Context(), Question{Kind: KindMount, Name: "/."})
	if err != nil || m.Source != "above" {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestMountOfThisHost(t *testing.T) {
	t.Parallel()
	m := one[Mount](t, "/", Question{Kind: KindMount, Name: "/proc/"})
	if !m.Exists || m.Filesystem != "proc" || len(m.Opts) == 0 {
		t.Errorf("got %+v", m)
	}
	root := one[Mount](t, "/", Question{Kind: KindMount, Name: "/"})
	if root.Usage < 0 || root.Usage > 100 {
		t.Errorf("usage %d", root.Usage)
	}
	if m := one[Mount](t, "/", Question{Kind: KindMount, Name: t.TempDir()}); m.Exists {
		t.Errorf("got %+v", m)
	}
}

func FuzzParseMountinfo(f *testing.F) {
	f.Add(mountinfo)
	f.Add(`1 2 3 4 \04 \777\040\ - a \999`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseMountinfo(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.opts == nil || e.super == nil {
				t.Errorf("%+v", e)
			}
		}
	})
}
