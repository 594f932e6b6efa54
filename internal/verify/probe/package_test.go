package probe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const dpkgStatus = `Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b8
Description: shell
 Version: 9 is not a field here
	Package: nor is this

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9

Package: libc6
Status: hold ok installed
Architecture: i386
Version: 2.36-8

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: leaving
Status: deinstall ok installed
Architecture: all
Version: 2

Package: stuck
Status: install ok half-configured
Architecture: all
Version: 3

Package: broken
Status: install reinstreq half-installed
Architecture: all
Version: 4
`

func TestPackageRecords(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"var/lib/dpkg/status": strings.TrimSuffix(dpkgStatus, "\n")})
	for name, want := range map[string][]PackageRecord{
		"libc6:i386": {{Version: "2.36-8", Arch: "i386", Status: "hold ok installed"}},
		"gone":       {{Version: "1", Arch: "all", Status: "deinstall ok config-files"}},
		"nothing":    nil,
	} {
		got := one[Package](t, root, Question{Kind: KindPackage, Name: name})
		if diff := cmp.Diff(want, got.Records); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	if got := one[Package](t, root, Question{Kind: KindPackage, Name: "libc6"}); len(got.Records) != 2 {
		t.Errorf("libc6: %+v", got.Records)
	}
}

func TestPackageDpkg(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"var/lib/dpkg/status": strings.TrimSuffix(dpkgStatus, "\n")})
	tests := []struct {
		name     string
		versions []string
	}{
		{"bash", []string{"5.2.15-2+b8"}},
		{"libc6", []string{"2.36-9", "2.36-8"}},
		{"libc6:i386", []string{"2.36-8"}},
		{"libc6:arm64", nil},
		{"gone", nil},
		{"leaving", nil},
		{"stuck", nil},
		{"nothing", nil},
	}
	for _, tt := range tests {
		got := one[Package](t, root, Question{Kind: KindPackage, Name: tt.name})
		want := Package{Installed: tt.versions != nil, Versions: append([]string{}, tt.versions...), Manager: "dpkg"}
		want.Records = got.Records // TestPackageRecords
		if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
	sys := one[System](t, root, Question{Kind: KindSystem})
	if diff := cmp.Diff([]string{"broken (half-installed, reinstreq)", "stuck (half-configured)"}, sys.BadDpkg); diff != "" {
		t.Error(diff)
	}
	inv := one[Inventory](t, root, Question{Kind: KindInventory})
	var names []string
	for _, p := range inv.Packages {
		names = append(names, p.Name+":"+p.Arch)
	}
	want := []string{"bash:amd64", "broken:all", "leaving:all", "libc6:amd64", "libc6:i386", "stuck:all"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}

func TestPackageStatusDirectory(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"var/lib/dpkg/status.d/tzdata":         "Package: tzdata\nVersion: 2024a\nArchitecture: all\n",
		"var/lib/dpkg/status.d/tzdata.md5sums": "Package: wrong\nVersion: 1\n",
	})
	if p := one[Package](t, root, Question{Kind: KindPackage, Name: "tzdata"}); !p.Installed || p.Versions[0] != "2024a" {
		t.Errorf("got %+v", p)
	}
	if p := one[Package](t, root, Question{Kind: KindPackage, Name: "wrong"}); p.Installed {
		t.Errorf("got %+v", p)
	}
}

func TestPackageApk(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"lib/apk/db/installed": "C:Q1x=\nP:musl\nV:1.2.4-r2\nA:x86_64\n\nP:busybox\nV:1.36-r5\nA:x86_64\nF:bin\nR:busybox\n"})
	want := &Package{Installed: true, Versions: []string{"1.36-r5"}, Manager: "apk", Records: []PackageRecord{{Version: "1.36-r5", Arch: "x86_64"}}}
	if diff := cmp.Diff(want, one[Package](t, root, Question{Kind: KindPackage, Name: "busybox"})); diff != "" {
		t.Error(diff)
	}
}

func TestPackageNoDatabase(t *testing.T) {
	t.Parallel()
	if _, errs := answers(t, t.TempDir(), Question{Kind: KindPackage, Name: "bash"}); errs[0] == nil {
		t.Error("a system without package database gives an answer")
	}
}

func FuzzParseDpkg(f *testing.F) {
	f.Add(dpkgStatus)
	f.Add("Package:\nStatus: a b\n\n\x00:")
	f.Add(strings.Repeat("x", 70<<10) + "\nPackage: a\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseDpkg(strings.NewReader(text), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if e.name == "" || strings.Contains(e.name, "\n") {
				t.Errorf("entry %+v", e)
			}
		}
		if _, err := parseApk(strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestEachLineCutsLongLines(t *testing.T) {
	t.Parallel()
	var got []int
	text := "a\r\n" + strings.Repeat("b", 200<<10) + "\nccc"
	if err := eachLine(strings.NewReader(text), func(l []byte) error { got = append(got, len(l)); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 64 << 10, 3}, got); diff != "" {
		t.Error(diff)
	}
}
