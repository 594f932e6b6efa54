package rootfs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHasWayIn(t *testing.T) {
	t.Parallel()
	both := []string{"lib/systemd/systemd", "lib/systemd/systemd-udevd"}
	for name, tt := range map[string]struct {
		files []string
		want  string
	}{
		"no systemd":     {nil, "the image has no systemd: install systemd-sysv, or set prove_boot = false"},
		"no udev":        {both[:1], "the image has no udev"},
		"Debian 12":      {append([]string{"usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so"}, both...), ""},
		"Debian 11":      {append([]string{"lib/systemd/libsystemd-shared-247.so"}, both...), "the image has systemd 247: 252 or newer is needed"},
		"Rocky 9":        {append([]string{"usr/lib64/systemd/libsystemd-shared-252-51.el9.so"}, both...), ""},
		"Rocky 8":        {append([]string{"usr/lib/systemd/libsystemd-shared-239.so"}, both...), "systemd 239"},
		"nothing tells":  {append([]string{"usr/lib/systemd/libsystemd-shared-.so"}, both...), ""},
		"driver":         {append([]string{"lib/modules/6.1/modules.dep=kernel/drivers/char/virtio_console.ko.xz: x.ko.xz"}, both...), ""},
		"built in":       {append([]string{"lib/modules/6.1/modules.dep=x.ko:", "lib/modules/6.1/modules.builtin=kernel/drivers/char/virtio_console.ko"}, both...), ""},
		"no driver":      {append([]string{"lib/modules/6.1/modules.dep=x.ko:"}, both...), "no kernel in the image has virtio_console"},
		"no list":        {append([]string{"lib/modules/6.1/kernel/x.ko"}, both...), ""},
		"udev elsewhere": {[]string{"lib/systemd/systemd", "usr/bin/udevadm"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, f := range tt.files {
				f, content, _ := strings.Cut(f, "=")
				f = filepath.Join(dir, f)
				if err := os.MkdirAll(filepath.Dir(f), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(f, []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			in, err := openInside(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			switch err := in.hasWayIn(); {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
