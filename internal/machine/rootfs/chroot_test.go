package rootfs

import "testing"

func TestRootIsMounted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false,
		"22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n23 22 0:21 / /proc rw - proc proc rw\n":   true,
		"23 22 0:21 / /proc rw - proc proc rw\n24 22 0:22 / /sys rw - sysfs sysfs rw\n":                    false,
		"30 22 254:0 /srv/debian /mnt rw - ext4 /dev/vda rw\n":                                             false, // a root of its file system, mounted elsewhere
		"30 22 254:0 /srv/debian / rw master:1 - ext4 /dev/vda rw\n31 30 0:21 / /proc rw - proc proc rw\n": true,
	} {
		if got := rootIsMounted(text); got != want {
			t.Errorf("%v for\n%s", got, text)
		}
	}
}
