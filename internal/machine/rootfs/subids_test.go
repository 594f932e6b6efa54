package rootfs

import (
	"strings"
	"testing"
)

func TestHasSubIDs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, uids, gids, want string }{
		"by name":     {"joe", "joe:100000:65536\n", "joe:100000:65536\n", ""},
		"by number":   {"joe", "# people\n1000:100000:65536", "1000:100000:65536", ""},
		"no files":    {"joe", "", "", "joe has no line in /etc/subuid and /etc/subgid: use sudo, or once: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 joe"},
		"next to ann": {"joe", "ann:100000:65536\n", "ann:165536:65536\nbroken\nx:y:z\n", "--add-subuids 231072-296607 --add-subgids 231072-296607 joe"},
		"groups only": {"joe", "joe:100000:65536\n", "", "joe has no line in /etc/subgid: use sudo, or once: sudo usermod --add-subgids 165536-231071 joe"},
		"prefix":      {"jo", "joe:100000:65536\n", "joe:100000:65536\n", "jo has no line in"},
		"no name":     {"", ":1:1\n", "", "user id 1000 has no name"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := hasSubIDs(tt.name, "1000", tt.uids, tt.gids)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}
