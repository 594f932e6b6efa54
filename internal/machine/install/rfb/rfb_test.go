package rfb

import (
	"context"
	"crypto/des" //nolint:gosec
	"encoding/binary"
	"errors"
	"io"
	"math/bits"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// server is a VNC server that lets one client in and records its keys.
type server struct {
	version  string
	password string
	refusal  string
	kinds    []byte // that it offers; nil: what fits the password
}

// serve returns what the client pressed and released.
func (s server) serve(conn net.Conn) ([]event, error) {
	defer conn.Close()
	io.WriteString(conn, s.version)
	var reply [12]byte
	if _, err := io.ReadFull(conn, reply[:]); err != nil {
		return nil, err
	}
	minor := reply[10] - '0'
	kind := byte(securityNone)
	if s.password != "" {
		kind = securityPassword
	}
	if minor == 3 {
		binary.Write(conn, binary.BigEndian, uint32(kind))
	} else {
		kinds := s.kinds
		if kinds == nil {
			kinds = []byte{kind, 99}
		}
		conn.Write(append([]byte{byte(len(kinds))}, kinds...))
		var chosen [1]byte
		if _, err := io.ReadFull(conn, chosen[:]); err != nil {
			return nil, err
		}
	}
	good := s.refusal == ""
	if kind == securityPassword {
		challenge := []byte("0123456789abcdef")
		conn.Write(challenge)
		var answer [16]byte
		if _, err := io.ReadFull(conn, answer[:]); err != nil {
			return nil, err
		}
		var key [8]byte
		copy(key[:], s.password)
		for i := range key {
			key[i] = bits.Reverse8(key[i])
		}
		block, _ := des.NewCipher(key[:]) //nolint:gosec
		for i := 0; i < 16; i += 8 {
			block.Decrypt(answer[i:i+8], answer[i:i+8])
		}
		good = good && string(answer[:]) == string(challenge)
	}
	if kind == securityPassword || minor == 8 {
		if !good {
			binary.Write(conn, binary.BigEndian, uint32(1))
			if minor == 8 {
				text := s.refusal
				if text == "" {
					text = "wrong password"
				}
				binary.Write(conn, binary.BigEndian, uint32(len(text)))
				io.WriteString(conn, text)
			}
			return nil, nil
		}
		binary.Write(conn, binary.BigEndian, uint32(0))
	}
	var share [1]byte
	if _, err := io.ReadFull(conn, share[:]); err != nil {
		return nil, err
	}
	conn.Write(make([]byte, 20))
	binary.Write(conn, binary.BigEndian, uint32(4))
	io.WriteString(conn, "QEMU")
	var keys []event
	for {
		var m [8]byte
		if _, err := io.ReadFull(conn, m[:]); err != nil {
			return keys, nil
		}
		if m[0] != 4 {
			return keys, errors.New("not an event of a key")
		}
		keys = append(keys, event{binary.BigEndian.Uint32(m[4:]), m[1] == 1})
	}
}

func dial(t *testing.T, s server, password string) (*Client, func() []event, error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	keys := make(chan []event, 1)
	go func() {
		conn, err := l.Accept()
		if err != nil {
			close(keys)
			return
		}
		got, err := s.serve(conn)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("server: %v", err)
		}
		keys <- got
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := Connect(t.Context(), conn, password)
	return c, func() []event { return <-keys }, err
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		s        server
		password string
		err      string
	}{
		"3.8":              {s: server{version: "RFB 003.008\n"}},
		"3.7":              {s: server{version: "RFB 003.007\n"}},
		"3.3":              {s: server{version: "RFB 003.003\n"}},
		"newer":            {s: server{version: "RFB 003.889\n"}},
		"password":         {s: server{version: "RFB 003.008\n", password: "secret"}, password: "secret"},
		"password, 3.3":    {s: server{version: "RFB 003.003\n", password: "longer than eight"}, password: "longer t"},
		"wrong password":   {s: server{version: "RFB 003.008\n", password: "secret"}, password: "guess", err: "the server refuses: wrong password"},
		"wrong, 3.3":       {s: server{version: "RFB 003.003\n", password: "secret"}, password: "guess", err: "refuses the password"},
		"refusal":          {s: server{version: "RFB 003.008\n", refusal: "too many"}, err: "the server refuses: too many"},
		"unknown security": {s: server{version: "RFB 003.008\n", kinds: []byte{19}}, err: "none is known here"},
		"another protocol": {s: server{version: "SSH-2.0-Open"}, err: "does not speak RFB 3"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, err := dial(t, tt.s, tt.password)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if err == nil {
				if c.Name != "QEMU" {
					t.Errorf("name %q", c.Name)
				}
				c.Close()
			}
		})
	}
}

func TestType(t *testing.T) {
	t.Parallel()
	c, keys, err := dial(t, server{version: "RFB 003.008\n"}, "")
	if err != nil {
		t.Fatal(err)
	}
	strokes, _, err := install.ParseBootCommand("<esc>aA~<wait1ms><leftCtrlOn>c<leftCtrlOff><enter><f12>é€<xOn><XOff>\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := Type(t.Context(), c, strokes, 0); err != nil {
		t.Fatal(err)
	}
	c.Close()
	press := func(s uint32) []event { return []event{{s, true}, {s, false}} }
	shiftPress := func(s uint32) []event {
		return []event{{leftShift, true}, {s, true}, {s, false}, {leftShift, false}}
	}
	want := slices.Concat(press(0xff1b), press('a'), shiftPress('A'), shiftPress('~'),
		[]event{{0xffe3, true}}, press('c'), []event{{0xffe3, false}},
		press(0xff0d), press(0xffc9), press(0xe9), press(0x10020ac),
		[]event{{'x', true}}, []event{{'X', false}, {leftShift, false}}, press(0xff0d))
	if got := keys(); !slices.Equal(got, want) {
		t.Errorf("typed\n%v, want\n%v", got, want)
	}
}

func TestEveryKeyHasASymbol(t *testing.T) {
	t.Parallel()
	seen := symbols()
	for _, k := range install.Keys() {
		if seen[k] == 0 {
			t.Errorf("<%s> cannot be typed", k)
		}
	}
}

func TestTypeEndsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	n := 0
	err := Type(ctx, counting{func() {
		if n++; n == 3 {
			cancel(enough)
		}
	}}, []install.Stroke{{Char: 'a'}, {Char: 'b'}, {Wait: time.Hour}, {Char: 'c'}}, 0)
	if !errors.Is(err, enough) || n != 3 {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	got := Duration([]install.Stroke{{Char: 'a'}, {Wait: time.Second}, {Char: 'B'}}, 100*time.Millisecond)
	if want := 1600 * time.Millisecond; got != want {
		t.Errorf("%v, want %v", got, want)
	}
}

type counting struct{ seen func() }

func (c counting) Key(uint32, bool) error { c.seen(); return nil }

// FuzzHandshake: whatever a server says, nothing but an error comes of it.
func FuzzHandshake(f *testing.F) {
	f.Add([]byte("RFB 003.008\n\x01\x01\x00\x00\x00\x00" + strings.Repeat("x", 20) + "\x00\x00\x00\x04QEMU"))
	f.Add([]byte("RFB 003.003\n\x00\x00\x00\x02"))
	f.Add([]byte("RFB 003.008\n\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, said []byte) {
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go func() { _, _ = theirs.Write(said); theirs.Close() }()
		if c, err := Connect(t.Context(), ours, "p"); err == nil {
			c.Close()
		}
	})
}
