package cache

import (
	"bufio"
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func FuzzDecodeEntry(f *testing.F) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e := Entry{
		Key: key("a"), Parent: key("base"), ParentRef: "base", Kind: "fake", Ref: "a", Index: 1,
		Inputs: []Input{{"kind", "shell 1"}}, Created: now, Since: now, Used: now, Log: "line\n",
	}
	good, err := encodeEntry(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("{}\n"))
	f.Add([]byte("null\n\"\"\n"))
	f.Fuzz(func(t *testing.T, record []byte) {
		e, err := decodeEntry(bufio.NewReader(bytes.NewReader(record)), key("a"))
		if err != nil {
			return
		}
		if e.Key != key("a") || e.Ref == "" || e.Kind == "" || e.Since.After(e.Created) || e.Log != "" {
			t.Fatalf("accepted %+v", e)
		}
		again, err := encodeEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		e2, err := decodeEntry(bufio.NewReader(bytes.NewReader(again)), key("a"))
		if err != nil {
			t.Fatalf("cannot read what was written: %v", err)
		}
		if d := cmp.Diff(e, e2); d != "" {
			t.Fatalf("changed by writing (-was +is):\n%s", d)
		}
	})
}

func FuzzRecordName(f *testing.F) {
	f.Add(recordName{digits: string(key("a"))[7:]}.String())
	f.Add(recordName{string(key("a"))[7:], "N"}.String())
	f.Add("x~.json")
	f.Fuzz(func(t *testing.T, s string) {
		if n, ok := parseRecordName(s); ok && n.String() != s {
			t.Errorf("%q is read as %q", s, n)
		}
	})
}
