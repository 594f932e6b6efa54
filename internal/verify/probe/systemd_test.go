package probe

import (
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
