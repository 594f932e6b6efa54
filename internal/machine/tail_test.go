package machine

import (
	"strings"
	"testing"
)

func TestTail(t *testing.T) {
	t.Parallel()
	for _, piece := range []int{1, 100, 5000, 1 << 20} {
		var tail Tail
		for range 20000/piece + 1 {
			if n, err := tail.Write([]byte(strings.Repeat("x", piece))); n != piece || err != nil {
				t.Fatal(n, err)
			}
		}
		_, _ = tail.Write([]byte("\xff the end \n"))
		if got := tail.String(); len(got) > 2<<10 || !strings.HasSuffix(got, "xx? the end") {
			t.Errorf("pieces of %d: %d bytes, %.20q", piece, len(got), got[len(got)-20:])
		}
	}
}
