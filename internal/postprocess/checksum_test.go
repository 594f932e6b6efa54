package postprocess

import (
	"os/exec"
	"strings"
	"testing"
)

func TestChecksum(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	in := b.image("disk.img", "tree")
	b.write("old.sha1", "before\n")
	out, keep, err := b.process(`{"type":"checksum","checksum_types":["md5","sha1","sha224","sha256","sha384","sha512"],"output":"DIR/{{.BuildName}}/{{.ChecksumType}}"}`, in)
	if err != nil || keep != Must || len(out.Files) != 8 {
		t.Fatalf("%+v, %v, %v", out, keep, err)
	}
	for _, kind := range []string{"md5", "sha1", "sha224", "sha256", "sha384", "sha512"} {
		// The programs that people check with must agree.
		var want strings.Builder
		for _, name := range []string{"disk.img", "tree/a", "tree/b", "tree/etc/hosts"} {
			sum, err := exec.Command(kind+"sum", b.path(name)).Output()
			if err != nil {
				t.Skipf("needs %ssum: %v", kind, err)
			}
			hex, _, _ := strings.Cut(string(sum), " ")
			want.WriteString(hex + "\t" + name + "\n")
		}
		if got := b.read("web/" + kind); got != want.String() {
			t.Errorf("%s:\n%s\nwant\n%s", kind, got, want.String())
		}
	}

	out, _, err = b.process(`{"type":"checksum","checksum_types":["sha1","md5"],"output":"DIR/old.sha1"}`, b.image("disk.img"))
	if err != nil || len(out.Files) != 1 {
		t.Fatalf("%+v, %v; what was there is no part of the artifact", out, err)
	}
	lines := strings.Split(b.read("old.sha1"), "\n")
	if len(lines) != 4 || lines[0] != "before" || len(lines[1]) != 40+len("\tdisk.img") || len(lines[2]) != 32+len("\tdisk.img") {
		t.Errorf("%q", lines)
	}
	if out, _, err = b.process(`{"type":"checksum","output":"DIR/none"}`, b.image()); err != nil || len(out.Files) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, _, err = b.process(`{"type":"checksum","output":"DIR/none"}`, b.image("gone")); err == nil {
		t.Error("a file that is not there has a checksum")
	}
}
