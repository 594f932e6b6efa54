package machine

import (
	"strings"
	"testing"
)

func FuzzReadList(f *testing.F) {
	for _, s := range []string{"", "d./.\nf././a\nx././b c\nl././l\na\nd././d\n", "l././x", "f", "zz\n", "f/etc/passwd\n", "l././x\n\nf./y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		entries, err := readList(s)
		if err != nil {
			return
		}
		for _, h := range entries {
			if strings.ContainsAny(h.Name+h.Linkname, "\n") || h.Typeflag == 0 {
				t.Errorf("%q gives %+v", s, h)
			}
		}
		if want := strings.Count(s, "\n"); len(entries) < (want+1)/2-1 && !strings.Contains(s, "d./.") {
			t.Errorf("%q gives %d entries", s, len(entries))
		}
	})
}
