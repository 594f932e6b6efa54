package rootfs

import "testing"

func TestReadStat(t *testing.T) {
	t.Parallel()
	const rest = " S 1 42 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 0 0\n"
	for _, name := range []string{"sh", "a b", "x) R 9 (", ""} {
		s, err := readStat("123 (" + name + ")" + rest)
		if want := (stat{pid: 123, parent: 1, session: 7, state: 'S', start: 98765}); s != want || err != nil {
			t.Errorf("%q: %+v, %v, want %+v", name, s, err, want)
		}
	}
	for _, bad := range []string{"", "1", "1 (x", "1 (x) S 1", "x (x)" + rest, ")("} {
		if s, err := readStat(bad); err == nil {
			t.Errorf("%q: %+v", bad, s)
		}
	}
}

func FuzzReadStat(f *testing.F) {
	f.Add("123 (sh) S 1 42 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 98765 0 0\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = readStat(text) })
}

func TestKillProcess(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"1:1", "4194303:5"} { // another's number, and nobody's
		if err := killProcess(t.Context(), id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := killProcess(t.Context(), "x"); err == nil {
		t.Error("killed x")
	}
}
