package tree

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "rewrite golden files")

func TestOCIConfig(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	write(t, filepath.Join(src, "a"), "1", 0o644)
	must(t, os.Chmod(src, 0o755))
	for _, d := range []string{filepath.Join(src, "a"), src} {
		must(t, os.Chtimes(d, time.Unix(1, 0), time.Unix(1, 0)))
	}
	for name, o := range map[string]OCIOptions{
		"plain": {Arch: "amd64"},
		"full": {
			Name: "web:1", Arch: "armhf", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
			Labels: map[string]string{"org.opencontainers.image.title": "web"}, Cmd: []string{"nginx"}, Entry: []string{"/init"},
			Env: []string{"A=b"}, Workdir: "/srv", User: "www-data", Gzip: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			_, err := CaptureOCI(t.Context(), []string{src}, out, o)
			must(t, err)
			img, err := OpenOCI(out, "", o.Arch)
			must(t, err)
			// Digests depend on who owns the files and on the compressor.
			img.Config.RootFS.DiffIDs[0] = v1.Hash{Algorithm: "sha256", Hex: "diff id"}
			img.Manifest.Layers[0].Digest, img.Manifest.Config.Digest = v1.Hash{}, v1.Hash{}
			img.Manifest.Layers[0].Size, img.Manifest.Config.Size = 0, 0
			index, err := readIndex(out)
			must(t, err)
			index.Manifests[0].Digest, index.Manifests[0].Size = v1.Hash{}, 0
			got, err := json.MarshalIndent(map[string]any{"index": index, "manifest": img.Manifest, "config": img.Config}, "", "  ")
			must(t, err)
			golden := filepath.Join("testdata", "oci-"+name+".json")
			if *update {
				must(t, os.MkdirAll("testdata", 0o755))
				must(t, os.WriteFile(golden, append(got, '\n'), 0o644))
			}
			want, err := os.ReadFile(golden)
			must(t, err)
			same(t, golden, string(want), string(got)+"\n")
		})
	}
}

// layout writes layers that are given as archives into an OCI image layout.
func layout(t *testing.T, layers ...[]byte) string {
	t.Helper()
	l := layoutWriter{dir: filepath.Join(t.TempDir(), "layout")}
	must(t, os.MkdirAll(l.blobs(), 0o755))
	var c v1.ConfigFile
	c.OS, c.Architecture = "linux", platform("").Architecture
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1}
	for _, b := range layers {
		h, n, err := v1.SHA256(strings.NewReader(string(b)))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(l.blobs(), h.Hex), b, 0o644))
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCIUncompressedLayer, Digest: h, Size: n})
		c.RootFS.DiffIDs = append(c.RootFS.DiffIDs, h)
	}
	var err error
	m.Config, err = l.json(types.OCIConfigJSON, c)
	must(t, err)
	d, err := l.json(types.OCIManifestSchema1, m)
	must(t, err)
	must(t, l.file("index.json", v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{d}}))
	return l.dir
}

func TestOCIWhiteouts(t *testing.T) {
	t.Parallel()
	lower := tarball(t, directory("d"), file("d/1", "x"), file("d/2", "x"), directory("d/sub"), file("d/sub/3", "x"),
		file("f", "x"), symlink("l", "d"), file("keep", "x"))
	for name, c := range map[string]struct {
		upper []item
		want  string // names of what is there, sorted
	}{
		"file":            {[]item{file(".wh.f", "")}, "d d/1 d/2 d/sub d/sub/3 keep l"},
		"directory":       {[]item{file(".wh.d", "")}, "f keep l"},
		"link, not where": {[]item{file(".wh.l", "")}, "d d/1 d/2 d/sub d/sub/3 f keep"},
		"nested":          {[]item{file("d/sub/.wh.3", "")}, "d d/1 d/2 d/sub f keep l"},
		"nothing":         {[]item{file(".wh.nosuch", ""), file("no/such/.wh.x", "")}, "d d/1 d/2 d/sub d/sub/3 f keep l"},
		"opaque first":    {[]item{directory("d"), file("d/.wh..wh..opq", ""), file("d/new", "x")}, "d d/new f keep l"},
		"opaque last":     {[]item{directory("d"), file("d/new", "x"), file("d/sub/new", "x"), file("d/.wh..wh..opq", "")}, "d d/new d/sub d/sub/new f keep l"},
		"whiteout last":   {[]item{file("d/new", "x"), file(".wh.d", "")}, "d d/new f keep l"},
		"replaced":        {[]item{file("d", "x"), directory("f"), file("f/new", "x")}, "d f f/new keep l"},
		"opaque root":     {[]item{file(".wh..wh..opq", ""), file("new", "x")}, "new"},
		"aufs":            {[]item{directory(".wh..wh.plnk"), file(".wh..wh.aufs", "")}, "d d/1 d/2 d/sub d/sub/3 f keep l"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			img, err := OpenOCI(layout(t, lower, tarball(t, c.upper...)), "", "")
			must(t, err)
			dir := t.TempDir()
			_, err = img.Unpack(t.Context(), dir, UnpackOptions{})
			must(t, err)
			var got []string
			must(t, filepath.WalkDir(dir, func(p string, _ os.DirEntry, err error) error {
				if p != dir {
					got = append(got, strings.TrimPrefix(p, dir+"/"))
				}
				return err
			}))
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
	for _, bad := range []string{".wh.", ".wh..", ".wh..."} {
		img, err := OpenOCI(layout(t, lower, tarball(t, file("d/"+bad, ""))), "", "")
		must(t, err)
		if _, err := img.Unpack(t.Context(), t.TempDir(), UnpackOptions{}); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

// The layers made from an overlay's directories show what the overlay shows.
func TestOCILayersOfOverlay(t *testing.T) {
	t.Parallel()
	needRoot(t)
	lower, work := sample(t), t.TempDir()
	dirs := []string{lower}
	for i, change := range []func(merged string) error{
		func(m string) error {
			return errors.Join(os.Remove(m+"/etc/passwd"), os.RemoveAll(m+"/deep"), os.Mkdir(m+"/deep", 0o755),
				os.WriteFile(m+"/deep/new", []byte("1"), 0o600), os.Rename(m+"/usr/bin/large", m+"/usr/bin/larger"))
		},
		func(m string) error {
			return errors.Join(os.WriteFile(m+"/etc/passwd", []byte("again"), 0o644), os.RemoveAll(m+"/strange"),
				os.Remove(m+"/deep/new"), os.Symlink("x", m+"/strange"))
		},
	} {
		upper, wd, merged := filepath.Join(work, string(rune('a'+i))), filepath.Join(work, "w"), filepath.Join(work, "m")
		must(t, os.RemoveAll(wd))
		for _, d := range []string{upper, wd, merged} {
			must(t, os.MkdirAll(d, 0o755))
		}
		lowers := make([]string, len(dirs))
		for n, d := range dirs {
			lowers[len(dirs)-1-n] = d
		}
		if err := unix.Mount("overlay", merged, "overlay", 0, "lowerdir="+strings.Join(lowers, ":")+",upperdir="+upper+",workdir="+wd); err != nil {
			t.Skipf("overlayfs is missing: %v", err)
		}
		err := change(merged)
		want := ""
		if err == nil {
			want = listing(t, merged)
		}
		must(t, unix.Unmount(merged, 0))
		must(t, err)
		dirs = append(dirs, upper)

		out, to := filepath.Join(work, "out"+string(rune('a'+i))), t.TempDir()
		_, err = CaptureOCI(t.Context(), dirs, out, OCIOptions{})
		must(t, err)
		img, err := OpenOCI(out, "", "")
		must(t, err)
		if n := len(img.Manifest.Layers); n != len(dirs) {
			t.Errorf("%d layers from %d directories", n, len(dirs))
		}
		_, err = img.Unpack(t.Context(), to, UnpackOptions{AllDevices: true})
		must(t, err)
		same(t, "layers against overlay", want, listing(t, to))
	}
}

func TestOpenOCI(t *testing.T) {
	t.Parallel()
	l := layoutWriter{dir: filepath.Join(t.TempDir(), "layout")}
	must(t, os.MkdirAll(l.blobs(), 0o755))
	one := func(arch string) v1.Descriptor {
		c, err := l.json(types.OCIConfigJSON, v1.ConfigFile{OS: "linux", Architecture: arch})
		must(t, err)
		d, err := l.json(types.OCIManifestSchema1, v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: c})
		must(t, err)
		d.Platform = &v1.Platform{OS: "linux", Architecture: arch}
		return d
	}
	attestation := one("amd64")
	attestation.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
	multi, err := l.json(types.OCIImageIndex, v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{
		one("s390x"), one("arm64"), one("amd64"), attestation,
	}})
	must(t, err)
	multi.Annotations = map[string]string{refName: "docker.io/library/multi:1"}
	single := one("amd64")
	single.Annotations = map[string]string{refName: "single"}
	must(t, l.file("index.json", v1.IndexManifest{SchemaVersion: 2, Manifests: []v1.Descriptor{multi, single}}))
	for _, c := range []struct{ name, arch, want, err string }{
		{"1", "amd64", "amd64", ""},
		{"1", "arm64", "arm64", ""},
		{"docker.io/library/multi:1", "s390x", "s390x", ""},
		{"single", "amd64", "amd64", ""},
		{"single", "arm64", "", "no image for linux/arm64, only for linux/amd64"},
		{"1", "riscv64", "", "no image for linux/riscv64, only for linux/s390x, linux/arm64, linux/amd64"},
		{"", "amd64", "", "choose one of docker.io/library/multi:1, single"},
		{"2", "amd64", "", `no image "2", only docker.io/library/multi:1, single`},
	} {
		img, err := OpenOCI(l.dir, c.name, c.arch)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%+v: got %v", c, err)
			}
		case err != nil:
			t.Errorf("%+v: %v", c, err)
		case img.Config.Architecture != c.want:
			t.Errorf("%+v: got %s", c, img.Config.Architecture)
		}
	}
	if _, err := OpenOCI(t.TempDir(), "", ""); err == nil || !strings.Contains(err.Error(), "no index.json") {
		t.Errorf("no layout: got %v", err)
	}
}

func TestOCIDamaged(t *testing.T) {
	t.Parallel()
	a, b := tarball(t, file("a", "1")), tarball(t, file("b", "2"))
	blob := func(dir string, d v1.Descriptor) string {
		p, err := blobPath(dir, d.Digest)
		must(t, err)
		return p
	}
	dir := layout(t, a, b)
	img, err := OpenOCI(dir, "", "")
	must(t, err)
	// A layer that is whole, but not the one it should be.
	must(t, os.WriteFile(blob(dir, img.Manifest.Layers[1]), a, 0o644))
	if _, err := img.Unpack(t.Context(), t.TempDir(), UnpackOptions{}); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "layer 2") {
		t.Errorf("damaged layer: got %v", err)
	}
	// A config that tells of other content.
	img.Config.RootFS.DiffIDs[0].Hex = strings.Repeat("0", 64)
	if _, err := img.Unpack(t.Context(), t.TempDir(), UnpackOptions{}); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "diff id") {
		t.Errorf("wrong diff id: got %v", err)
	}
	must(t, os.WriteFile(blob(dir, img.Manifest.Config), []byte("{}"), 0o644))
	if _, err := OpenOCI(dir, "", ""); !errors.Is(err, ErrMismatch) {
		t.Errorf("damaged config: got %v", err)
	}
	// A digest that would lead out of the layout.
	must(t, os.WriteFile(filepath.Join(dir, "index.json"),
		[]byte(`{"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:../../../etc/passwd","size":1}]}`), 0o644))
	if _, err := OpenOCI(dir, "", ""); err == nil {
		t.Error("a digest that is a path: no error")
	}
}

// Other tools take what is captured.
func TestOCIReadByBuildah(t *testing.T) {
	t.Parallel()
	needRoot(t)
	if _, err := exec.LookPath("buildah"); err != nil {
		t.Skip("buildah is missing: apt-get install --no-install-recommends buildah")
	}
	src := sample(t)
	for name, o := range map[string]OCIOptions{"zstd": {Name: "latest"}, "gzip": {Name: "latest", Gzip: true}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out := filepath.Join(dir, "out")
			_, err := CaptureOCI(t.Context(), []string{src}, out, o)
			must(t, err)
			store := []string{"--root", filepath.Join(dir, "store"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs"}
			buildah := func(args ...string) string {
				t.Helper()
				cmd := exec.Command("buildah", append(store, args...)...)
				var text strings.Builder
				cmd.Stderr = &text
				cmd.Dir = dir // it takes the path for a name, which must be in lower case
				b, err := cmd.Output()
				if err != nil {
					t.Fatalf("buildah %q: %v\n%s", args, err, text.String())
				}
				return strings.TrimSpace(string(b))
			}
			id := buildah("from", "--pull-never=false", "oci:out:latest")
			mounted := buildah("mount", id)
			got := listing(t, mounted)
			buildah("umount", id)
			want := listing(t, src)
			// It keeps no attributes but capabilities, and no fraction of a second.
			plain := func(s string) string {
				var b strings.Builder
				for l := range strings.Lines(s) {
					if f := strings.Fields(l); f[0] == "file" {
						b.WriteString(strings.Join([]string{f[0], f[1], f[2], f[4], f[5], f[len(f)-1]}, " ") + "\n")
					}
				}
				return b.String()
			}
			same(t, "buildah's tree", plain(want), plain(got))
		})
	}
}
