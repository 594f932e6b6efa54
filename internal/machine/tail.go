package machine

import "bytes"

// Tail keeps the last 2 KiB that are written to it: a machine may say any amount of text
// about what went wrong in it.
type Tail struct{ b []byte }

func (t *Tail) Write(p []byte) (int, error) {
	const limit = 2 << 10
	t.b = append(t.b, p...)
	if n := len(t.b) - limit; n > 0 {
		t.b = t.b[n:]
	}
	return len(p), nil
}

// String is without the space around it, and always UTF-8.
func (t *Tail) String() string {
	return string(bytes.TrimSpace(bytes.ToValidUTF8(t.b, []byte("?"))))
}
