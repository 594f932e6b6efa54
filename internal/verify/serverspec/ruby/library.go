package ruby

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"strings"
	"time"
)

// bootLibraries defines the small libraries that are written in Go. They are there
// without being required: a spec that would have had to require one loads all the same.
func (in *Interp) bootLibraries() {
	in.bootJSON()
	in.bootYAML()
	in.bootShellwords()
	in.bootDigest()
	in.bootBase64()
	in.bootSecureRandom()
	in.bootTimeout()
	in.bootBinding()
	in.bootERB()
}

// shellEscape quotes a word for sh, as Shellwords does.
func shellEscape(s string) string {
	if s == "" {
		return "''"
	}
	var b strings.Builder
	for _, ch := range charsOf(s, false) {
		switch {
		case ch == "\n":
			b.WriteString("'\n'")
		case ch[0] < 0x80 && digit(ch[0]) > 36 && !strings.Contains("_-.,:+/@", ch):
			b.WriteString(`\` + ch)
		case ch[0] >= 0x80:
			b.WriteString(`\` + ch)
		default:
			b.WriteString(ch)
		}
	}
	return b.String()
}

// shellSplit takes a line apart as sh does.
func shellSplit(line string) ([]string, bool) {
	var words []string
	var word strings.Builder
	open, in := byte(0), false
	for i := 0; i < len(line); i++ {
		ch := line[i]
		switch {
		case open == '\'':
			if ch == '\'' {
				open = 0
			} else {
				word.WriteByte(ch)
			}
		case open == '"':
			switch {
			case ch == '"':
				open = 0
			case ch == '\\' && i+1 < len(line) && strings.IndexByte("$`\"\\\n", line[i+1]) >= 0:
				i++
				word.WriteByte(line[i])
			default:
				word.WriteByte(ch)
			}
		case ch == '\'' || ch == '"':
			open, in = ch, true
		case ch == '\\' && i+1 < len(line):
			i++
			if line[i] != '\n' {
				word.WriteByte(line[i])
			}
			in = true
		case strings.IndexByte(" \t\r\n\v\f", ch) >= 0:
			if in {
				words = append(words, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteByte(ch)
			in = true
		}
	}
	if in {
		words = append(words, word.String())
	}
	return words, open == 0
}

func (in *Interp) bootShellwords() {
	m := in.DefineModule("Shellwords")
	escape := func(text func(c *Call) string) Func {
		return func(c *Call) (Value, error) { return c.Text(shellEscape(text(c))), nil }
	}
	arg := func(c *Call) string {
		s, err := in.ToS(c.Args[0])
		if err != nil {
			panic(abort{err})
		}
		return s
	}
	self := func(c *Call) string { return c.Self.(*String).String() }
	split := func(text func(c *Call) string) Func {
		return func(c *Call) (Value, error) {
			words, ok := shellSplit(text(c))
			if !ok {
				return nil, in.Raise("ArgumentError", "Unmatched quote: %s", text(c))
			}
			return c.List(stringValues(words, false)), nil
		}
	}
	join := func(list func(c *Call) *Array) Func {
		return func(c *Call) (Value, error) {
			var words []string
			for _, v := range list(c).elems {
				s, err := in.ToS(v)
				if err != nil {
					return nil, err
				}
				words = append(words, shellEscape(s))
			}
			return c.Text(strings.Join(words, " ")), nil
		}
	}
	for _, name := range []string{"escape", "shellescape"} {
		m.DefineSingleton(name, 1, 1, escape(arg))
		m.Define(name, 1, 1, escape(arg))
	}
	for _, name := range []string{"split", "shellsplit", "shellwords"} {
		m.DefineSingleton(name, 1, 1, split(arg))
		m.Define(name, 1, 1, split(arg))
	}
	for _, name := range []string{"join", "shelljoin"} {
		m.DefineSingleton(name, 1, 1, join(func(c *Call) *Array { return c.Array(0) }))
	}
	in.str.Define("shellescape", 0, 0, escape(self))
	in.str.Define("shellsplit", 0, 0, split(self))
	in.array.Define("shelljoin", 0, 0, join(func(c *Call) *Array { return c.Self.(*Array) }))
}

func (in *Interp) bootDigest() {
	m := in.DefineModule("Digest")
	base := in.DefineClassIn(m, "Base", in.Object)
	for name, sum := range map[string]func() hash.Hash{"MD5": md5.New, "SHA1": sha1.New, "SHA256": sha256.New, "SHA384": sha512.New384, "SHA512": sha512.New} {
		k := in.DefineClassIn(m, name, base)
		of := func(text string) []byte {
			h := sum()
			h.Write([]byte(text))
			return h.Sum(nil)
		}
		k.DefineSingleton("hexdigest", 1, 1, func(c *Call) (Value, error) { return Str(hex.EncodeToString(of(c.Str(0)))), nil })
		k.DefineSingleton("digest", 1, 1, func(c *Call) (Value, error) { return Binary(of(c.Str(0))), nil })
		k.DefineSingleton("base64digest", 1, 1, func(c *Call) (Value, error) {
			return Str(base64.StdEncoding.EncodeToString(of(c.Str(0)))), nil
		})
		file := func(c *Call) (*Object, error) {
			s, err := in.callText(in.Object.consts["File"], "binread", c.Args[0])
			return in.NewObject(k, Str(s)), err
		}
		k.DefineSingleton("file", 1, 1, func(c *Call) (Value, error) {
			o, err := file(c)
			return o, err
		})
		k.alloc = func(c *Class) (Value, error) { return in.NewObject(c, Str("")), nil }
		for _, add := range []string{"update", "<<"} {
			k.Define(add, 1, 1, on(func(c *Call, o *Object) (Value, error) {
				o.Data.(*String).add(c.Str(0))
				return o, nil
			}))
		}
		for _, show := range []string{"hexdigest", "to_s"} {
			k.Define(show, 0, 0, on(func(c *Call, o *Object) (Value, error) {
				return Str(hex.EncodeToString(of(o.Data.(*String).String()))), nil
			}))
		}
	}
}

func (in *Interp) bootBase64() {
	m := in.DefineModule("Base64")
	m.DefineSingleton("strict_encode64", 1, 1, func(c *Call) (Value, error) {
		return c.Text(base64.StdEncoding.EncodeToString([]byte(c.Str(0)))), nil
	})
	m.DefineSingleton("urlsafe_encode64", 1, 2, func(c *Call) (Value, error) {
		return c.Text(base64.URLEncoding.EncodeToString([]byte(c.Str(0)))), nil
	})
	m.DefineSingleton("encode64", 1, 1, func(c *Call) (Value, error) {
		text := base64.StdEncoding.EncodeToString([]byte(c.Str(0)))
		var b strings.Builder
		for len(text) > 60 {
			b.WriteString(text[:60] + "\n")
			text = text[60:]
		}
		if text != "" {
			b.WriteString(text + "\n")
		}
		return c.Text(b.String()), nil
	})
	decode := func(name string, strict bool) {
		m.DefineSingleton(name, 1, 1, func(c *Call) (Value, error) {
			text := strings.NewReplacer("-", "+", "_", "/").Replace(c.Str(0))
			if strict && name == "strict_decode64" {
				text = c.Str(0)
			}
			clean := strings.Map(func(r rune) rune {
				if strings.ContainsRune("\r\n \t", r) && !strict || r == '=' {
					return -1
				}
				return r
			}, text)
			b, err := base64.RawStdEncoding.DecodeString(clean)
			if err != nil && strict {
				return nil, in.Raise("ArgumentError", "invalid base64")
			}
			return Binary(b), in.reserve(int64(len(b)))
		})
	}
	decode("decode64", false)
	decode("strict_decode64", true)
	decode("urlsafe_decode64", true)
}

func (in *Interp) bootSecureRandom() {
	m := in.DefineModule("SecureRandom")
	def := func(name string, otherwise int, text func(b []byte) Value) {
		m.DefineSingleton(name, 0, 1, func(c *Call) (Value, error) {
			n := c.OptInt(0, otherwise)
			if n < 0 || n > 1<<20 {
				return nil, in.Raise("ArgumentError", "negative string size (or size too big)")
			}
			b, err := in.world.Random(in.Place("Random"), n)
			if err != nil {
				return nil, in.worldError(err, "")
			}
			return text(b), nil
		})
	}
	def("hex", 16, func(b []byte) Value { return Str(hex.EncodeToString(b)) })
	def("random_bytes", 16, func(b []byte) Value { return Binary(b) })
	def("bytes", 16, func(b []byte) Value { return Binary(b) })
	def("base64", 16, func(b []byte) Value { return Str(base64.StdEncoding.EncodeToString(b)) })
	def("urlsafe_base64", 16, func(b []byte) Value { return Str(base64.RawURLEncoding.EncodeToString(b)) })
	def("alphanumeric", 16, func(b []byte) Value {
		const chars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		for i := range b {
			b[i] = chars[int(b[i])%len(chars)]
		}
		return Str(string(b))
	})
	m.DefineSingleton("uuid", 0, 0, func(c *Call) (Value, error) {
		b, err := in.world.Random(in.Place("Random"), 16)
		if err != nil {
			return nil, in.worldError(err, "")
		}
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		return Str(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])), nil
	})
	random := in.DefineClass("Random", in.Object)
	random.DefineSingleton("rand", 0, 1, in.rand)
	random.Define("initialize", 0, 1, func(c *Call) (Value, error) { return nil, in.unsupported("Random.new") })
	for _, name := range []string{"random_number", "rand"} {
		m.DefineSingleton(name, 0, 1, in.rand)
	}
}

// patience is what a block of Timeout.timeout has left to sleep. Nothing else of what it
// does takes longer than the World lets it.
type patience struct {
	left   float64 // seconds
	class  *Class  // raised when it is over
	around *patience
}

func (in *Interp) bootTimeout() {
	m := in.DefineModule("Timeout")
	expired := in.DefineClassIn(m, "Error", in.errorClass("RuntimeError"))
	in.DefineClassIn(m, "ExitException", in.Exception)
	m.DefineSingleton("timeout", 1, 3, func(c *Call) (Value, error) {
		class, ok := c.Arg(1).(*Class)
		if !ok {
			class = expired
		}
		if _, none := c.Args[0].(Nil); !none && c.Float(0) > 0 {
			before := in.patience
			in.patience = &patience{c.Float(0), class, before}
			defer func() { in.patience = before }()
		}
		return c.Yield(c.Args[0])
	})
}

// sleep waits as long as the blocks of Timeout.timeout around it allow.
func (in *Interp) sleep(seconds float64) error {
	var over *patience
	for p := in.patience; p != nil; p = p.around {
		if p.left < seconds {
			seconds, over = p.left, p
		}
	}
	for p := in.patience; p != nil; p = p.around {
		p.left -= seconds
	}
	const most = float64(math.MaxInt64 / time.Second)
	if err := in.world.Sleep(in.ctx, in.Place("Sleep"), time.Duration(min(seconds, most)*float64(time.Second))); err != nil {
		return in.worldError(err, "")
	}
	if over != nil {
		return in.RaiseClass(over.class, "execution expired")
	}
	return nil
}
