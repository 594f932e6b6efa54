package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// served is a prober at the other end of two pipes.
func served(t *testing.T) (*Conn, *io.PipeWriter, <-chan error) {
	t.Helper()
	qr, qw := io.Pipe()
	ar, aw := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := NewProber("/").Serve(t.Context(), qr, aw, true)
		aw.CloseWithError(io.EOF)
		done <- err
	}()
	t.Cleanup(func() { qw.Close(); ar.Close() })
	c, err := Dial(ar, qw)
	if err != nil {
		t.Fatal(err)
	}
	return c, qw, done
}

func TestServe(t *testing.T) {
	t.Parallel()
	c, stdin, done := served(t)
	if h := c.Hello(); h.Probe != Version || !h.Unlinked || h.Arch == "" {
		t.Errorf("greeting %+v", h)
	}
	text := strings.Repeat("\x00\xff\n\"", 1000)
	name := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // two rounds over one connection
		got, err := c.Ask([]Question{
			{Kind: KindFile, Name: name, Args: map[string]string{"content": "1"}},
			{Kind: "nothing"},
			{Kind: KindCommand, Name: "printf out; printf err >&2"},
			{Kind: KindGroup, Name: "no-such-group"},
		})
		if err != nil {
			t.Fatal(err)
		}
		var f File
		var cmd Command
		if err := errors.Join(json.Unmarshal(got[0].Fact, &f), json.Unmarshal(got[2].Fact, &cmd)); err != nil {
			t.Fatal(err)
		}
		if string(f.Content) != text || string(cmd.Stdout) != "out" || string(cmd.Stderr) != "err" {
			t.Errorf("blobs are not what they were: %q %+v", f.Content, cmd)
		}
		if got[1].Error == "" || got[1].Fact != nil {
			t.Errorf("got %+v", got[1])
		}
	}
	stdin.Close()
	if err := <-done; err != nil {
		t.Errorf("serve ends with %v", err)
	}
}

func TestServeEndsCommandWithInput(t *testing.T) {
	t.Parallel()
	c, stdin, done := served(t)
	started := whenOpened(t, func() { stdin.Close() })
	if _, err := c.Ask([]Question{{Kind: KindCommand, Name: ": >" + started + "; exec sleep 100000", Args: map[string]string{"timeout": "100000s"}}}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if err := <-done; err != nil {
		t.Errorf("serve ends with %v", err)
	}
}

func TestServeBadInput(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"nonsense\n", "[1]\n", strings.Repeat("x", maxRound+100<<10) + "\n"} {
		err := NewProber("/").Serve(t.Context(), strings.NewReader(in), io.Discard, false)
		if err == nil {
			t.Errorf("%.20q is taken", in)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := io.Pipe()
	if err := NewProber("/").Serve(ctx, r, io.Discard, false); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestServeBrokenOutput(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	go fmt.Fprintln(w, `{"questions":[{"kind":"file","name":"/"},{"kind":"file","name":"/etc"}]}`)
	out := &failing{after: 100}
	if err := NewProber("/").Serve(t.Context(), r, out, false); err == nil {
		t.Error("no error")
	}
}

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestDialNoise(t *testing.T) {
	t.Parallel()
	hello := fmt.Sprintf("%s%q,\"arch\":\"x\"}\n", helloPrefix, Version)
	tests := []struct{ name, in, err string }{
		{"plain", hello, ""},
		{"noise", "Welcome!\n\nprompt> " + hello, ""},
		{"other version", helloPrefix + "\"0\"}\n", "version 0"},
		{"silence", "", "EOF"},
		{"cut", strings.TrimSuffix(hello, "\n"), "EOF"},
		{"broken", helloPrefix + "\n", "JSON"},
		{"endless", strings.Repeat("noise\n", 1<<18), "without end"},
	}
	for _, tt := range tests {
		_, err := Dial(strings.NewReader(tt.in), io.Discard)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
}

func TestAskTooMuch(t *testing.T) {
	t.Parallel()
	c, _, _ := served(t)
	if _, err := c.Ask([]Question{{Kind: KindFile, Name: strings.Repeat("x", maxRound)}}); err == nil {
		t.Error("no error")
	}
}

// TestVersionCoversWire holds the shape of questions and facts against the file
// of this Version. When it fails, raise Version and rename the file with it.
func TestVersionCoversWire(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, v := range []any{Question{}, Answer{}, Hello{}, File{}, Package{}, PackageRecord{}, Grep{}, Service{}, Port{}, User{}, Group{}, Process{}, Command{},
		KernelParam{}, Mount{}, Addr{}, DNS{}, HTTP{}, Interface{}, System{}, Inventory{}, InstalledPackage{}} {
		typ := reflect.TypeOf(v)
		fmt.Fprintln(&b, typ.Name())
		for i := range typ.NumField() {
			f := typ.Field(i)
			fmt.Fprintf(&b, "\t%s %s\n", f.Tag.Get("json"), strings.ReplaceAll(f.Type.String(), "probe.", ""))
		}
	}
	name := filepath.Join("testdata", "wire-"+Version+".txt")
	if os.Getenv("UPDATE_WIRE") != "" {
		if err := os.WriteFile(name, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("facts changed without a new Version: (-want +got)\n%s", diff)
	}
}

func FuzzParseRound(f *testing.F) {
	f.Add([]byte(`{"questions":[{"kind":"file","name":"/","args":{"content":"1"}}]}`))
	f.Add([]byte(`{"questions":null}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		rd, err := parseRound(line)
		if err != nil {
			return
		}
		for _, q := range rd.Questions {
			_ = q.Key()
			_ = limitOf(q)
		}
		untilCommand(rd.Questions)
	})
}

// FuzzWriteAnswer holds the answer that is written in pieces against one that is
// marshalled at once.
func FuzzWriteAnswer(f *testing.F) {
	f.Add([]byte("content"), "x\n", 3)
	f.Add([]byte{}, "", 0)
	f.Fuzz(func(t *testing.T, data []byte, text string, n int) {
		if len(data) == 0 {
			data = nil
		}
		text = string([]rune(text)) // JSON has no other than valid characters
		for _, fact := range []any{
			&File{Exists: true, Owner: text, UID: n, Content: data},
			&Command{Exit: n, Stdout: data, Stderr: []byte(text)},
			&HTTP{Status: n, Body: data, Err: text},
			&KernelParam{Value: text},
		} {
			var b bytes.Buffer
			if err := writeAnswer(&b, fact, nil); err != nil {
				t.Fatal(err)
			}
			line, err := readLine(bufio.NewReader(&b), maxAnswer)
			if err != nil {
				t.Fatal(err)
			}
			var a Answer
			got := reflect.New(reflect.TypeOf(fact).Elem()).Interface()
			if err := errors.Join(json.Unmarshal(line, &a), json.Unmarshal(a.Fact, got)); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			want, _ := json.Marshal(fact)
			again, _ := json.Marshal(got)
			if !bytes.Equal(want, again) {
				t.Errorf("got %s, want %s", again, want)
			}
		}
	})
}
