package syntax

import (
	"strings"
	"testing"
)

func TestProblems(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 3000)
	for _, c := range []struct{ name, text, want string }{
		{"unclosed do", "describe 'a' do\n  it { }\n", `x.rb:3:1: unexpected end of file, expected the end of the do-block`},
		{"unclosed brace", "it { should x\n", `x.rb:2:1: unexpected end of file, expected the } of the block`},
		{"unclosed string", "a\nb 'c\n", `x.rb:2:3: literal has no closing '`},
		{"unclosed heredoc", "a\n  b <<~C, 1\n  x\n", `x.rb:2:5: heredoc C has no end`},
		{"unclosed interpolation", `"a#{b"`, `x.rb:1:6: literal has no closing "`},
		{"unclosed comment", "=begin\n", `x.rb:1:1: =begin without =end`},
		{"one end too many", "a\nend\n", `x.rb:2:1: unexpected "end"`},
		{"columns count characters", "é = 'ü'; )\n", `x.rb:1:10: unexpected ")"`},
		{"no argument", "foo(1, 2", `x.rb:1:9: unexpected end of file, expected , or the ) of the arguments`},
		{"rational", "a 1r", `x.rb:1:3: rational number 1r is not supported`},
		{"endless number", strings.Repeat("9", 300_001), `x.rb:1:1: a number of 300001 digits is beyond what is read`},
		{"imaginary", "a 2.5i", `x.rb:1:3: imaginary number 2.5i is not supported`},
		{"several that are read over", "a 1r\nb 2i", `x.rb:1:3: rational number 1r is not supported
x.rb:2:3: imaginary number 2i is not supported`},
		{"alias with interpolation", `alias :"a#{b}" :c`, `x.rb:1:7: interpolation in the name of a method is not supported`},
		{"too deep", deep, `x.rb:1:2000: too many expressions inside each other`},
		{"broken UTF-8", "a\nb '\xff'", `x.rb:2:4: byte 0xff is not UTF-8; a comment such as # encoding: iso-8859-1 in the first line would say what it is`},
		{"assigned keyword", "nil = 1", `x.rb:1:5: nil is not assigned to`},
		{"constant in a method", "def a\n  B = 1\nend", `x.rb:2:5: constant B is assigned in a method`},
		{"parameter twice", "def a(b, b) end", `x.rb:1:10: parameter b comes twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, problems := Parse("x.rb", c.text)
			var got []string
			for _, p := range problems {
				got = append(got, p.Error())
			}
			if s := strings.Join(got, "\n"); s != c.want || f != nil {
				t.Errorf("got  %s\nwant %s\nfile %v", s, c.want, f)
			}
		})
	}
}

// TestDepth nests what can be nested far beyond the limit: an error each time, and
// never the end of the stack.
func TestDepth(t *testing.T) {
	t.Parallel()
	const n = 20_000
	for _, s := range []string{
		"(", "[", "{a: ", "a(", "a[", "a {", "a do ", "-> {", "->(a = ", "def a; ", "class A; ", "module A; ", "if ", "if a; ",
		"if a; elsif ", "while ", "case ", "case a; when ", "case a; in [", "case a; in {a: ", "begin;", "begin; rescue; ", "!", "not ", "-", "~", "a ? ",
		"a ? b : ", "a = ", "a += ", "a, b = ", "a ** ", "a b ", "a 1, *", "a && (", "defined? ", `"#{`, `"#{"`, "<<A\n#{", "%w(", "%W(#{",
		"/#{", ":\"#{", "`#{", "a, (", "*a, (", "((a, ", "a { |(", "a { |b = ", "def a(b = ", "def a((", "return ", "return (", "yield ",
		"super ", "a => [", "a in {b: ", "for a in ", "a rescue ", "a = b rescue ", "a and ", "a if ", "a while ", "..", "1..", "&", "a &", "def a = ", "x.y ",
		"x::", "END {", "alias ", "{", "|", "a if not ", "puts [1, {a: ->(x) { ", "<<~A\n  #{<<~B}\n",
	} {
		for _, text := range []string{strings.Repeat(s, n), strings.Repeat(s, n) + "a"} {
			if f, problems := Parse("x.rb", text); f == nil && len(problems) == 0 {
				t.Errorf("%q: neither tree nor problem", s)
			}
		}
	}
	for _, s := range []string{"+a", ".a", "[1]", "&.a { }", " || a", " rescue a", " if a", "::A", " and a", "; a", "\n.a"} {
		f, problems := Parse("x.rb", "a"+strings.Repeat(s, n))
		if s == "; a" {
			if f == nil {
				t.Errorf("%q: %v", s, problems)
			}
		} else if len(problems) == 0 {
			t.Errorf("%q: a chain of %d is a tree that nobody can walk", s, n)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"byte order mark", "\ufeffa", "(vcall a)"},
		{"carriage returns", "a 'b\r\nc' \\\r\n  ,1\r\n.d\r\n", "(call nil a (str \"b\\x0ac\") (call (int 1) d))"},
		{"carriage returns in heredoc", "<<~A\r\n  b\r\n   c\r\nA\r\n", `(str "b\x0a c\x0a")`},
		{"broken bytes in a comment", "a # \xff\xfe\n=begin\n\xff\n=end\nb", "(body\n(vcall a)\n(vcall b))"},
		{"another encoding", "# -*- coding: iso-8859-1 -*-\na '\xe9'", `(call nil a (str "\xe9"))`},
		{"another encoding below #!", "#!/usr/bin/ruby\n# encoding: binary\na '\xff'", `(call nil a (str "\xff"))`},
		{"escapes make any bytes", `"\xff\xe2\x82\xac"`, `(str "\xff\xe2\x82\xac")`},
		{"end at a zero byte", "a\x00b", "(vcall a)"},
		{"nothing", "", "nil"},
		{"only a comment", "# a", "nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, problems := Parse("x.rb", c.text)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if got := normal(f.Body); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	f, problems := Parse("x.rb", "a\r\n<<B\r\n__END__\r\nB\r\n__END__\r\nc\r\nd")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if f.Data != "c\r\nd" {
		t.Errorf("data is %q", f.Data)
	}
}

// TestPositions looks where nodes say that they are.
func TestPositions(t *testing.T) {
	t.Parallel()
	const text = `describe file('/é'), if: x do
  it { should be_file }
  its(:a) do
    b.
      c 1 + d
  end
end
e = <<~F; g
  h #{i}
F
`
	f, problems := Parse("x.rb", text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got := map[string]string{}
	walk(f.Body, func(n Node) {
		if c, ok := n.(*Call); ok {
			got[c.Name] = c.Position().String()
		}
	})
	for name, want := range map[string]string{
		"describe": "x.rb:1:1", "file": "x.rb:1:10", "x": "x.rb:1:26", "it": "x.rb:2:3", "should": "x.rb:2:8", "be_file": "x.rb:2:15",
		"b": "x.rb:4:5", "c": "x.rb:5:7", "+": "x.rb:5:11", "d": "x.rb:5:13", "g": "x.rb:8:11", "i": "x.rb:9:7",
	} {
		if got[name] != want {
			t.Errorf("%s is at %s, want %s", name, got[name], want)
		}
	}
}
