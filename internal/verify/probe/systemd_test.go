package probe

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseList(t *testing.T) {
	t.Parallel()
	out := `-.mount loaded active mounted Root Mount
  nginx.service   loaded    inactive   dead      A high performance web server
● bad.service not-found failed failed bad.service
dev-disk-by\x2did.device loaded active plugged /dev/disk/by-id

`
	want := []properties{
		{"Id": "-.mount", "LoadState": "loaded", "ActiveState": "active", "SubState": "mounted"},
		{"Id": "nginx.service", "LoadState": "loaded", "ActiveState": "inactive", "SubState": "dead"},
		{"Id": "bad.service", "LoadState": "not-found", "ActiveState": "failed", "SubState": "failed"},
		{"Id": `dev-disk-by\x2did.device`, "LoadState": "loaded", "ActiveState": "active", "SubState": "plugged"},
	}
	if diff := cmp.Diff(want, parseList([]byte(out))); diff != "" {
		t.Error(diff)
	}
}

// TestShow: one odd name spoils nothing for the others; a systemd that does not
// answer is not one that knows no unit.
func TestShow(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	systemctl := func(script string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "systemctl"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	units := []string{"a.service", "odd.service"}
	systemctl(`case "$*" in *odd*) echo "Unit name odd.service is not valid." >&2; exit 1;; esac; echo Id=a.service; echo ActiveState=active`)
	got, err := show(t.Context(), serviceProperties, units)
	want := map[string]properties{
		"a.service": {"Id": "a.service", "ActiveState": "active"}, "odd.service": {"Id": "odd.service", "LoadState": "not-found"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	systemctl("echo Failed to connect to bus: Connection refused >&2; exit 1")
	if got, err := show(t.Context(), serviceProperties, units); err == nil {
		t.Errorf("systemd does not answer, and %v is known", got)
	}
}
