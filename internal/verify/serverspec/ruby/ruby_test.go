package ruby_test

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

func parse(t testing.TB, code string) *syntax.File {
	t.Helper()
	file, problems := syntax.Parse("main.rb", code)
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	return file
}

func TestLimitsCannotBeRescued(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"steps":            "loop {}",
		"while":            "while true; end",
		"ensure":           "begin; loop {}; ensure; puts 'ran'; end",
		"retry":            "begin; raise 'x'; rescue; retry; end",
		"doubled string":   "s = 'x'; loop { s += s }",
		"doubled in place": "s = +'x'; loop { s << s }",
		"product":          "'x' * 10**12",
		"width":            "format('%1000000000000d', 1)",
		"justified":        "'x'.ljust(10**12)",
		"array":            "Array.new(10**11)",
		"doubled array":    "a = [1]; loop { a += a }",
		"range":            "(1..10**12).to_a",
		"digits":           "('9' * 10_000_000).to_i",
		"digits to read":   "Integer('0x' + 'f' * 10_000_000)",
		"digits in JSON":   "require 'json'; JSON.parse('[' + '9' * 10_000_000 + ']')",
		"power":            "x = 3; loop { x = x ** 2 }",
		"shift":            "1 << 10**12",
		"permutations":     "(1..20).to_a.permutation.to_a",
		"interpolation":    `s = "x"; loop { s = "#{s}#{s}" }`,
		"gsub":             "s = 'x'; loop { s = s.gsub('x', 'xx') }",
		"join":             "a = ['x' * 1000] * 1000; loop { a = [a.join] * 1000 }",
		"nested braces":    "Dir.glob('{a,b}' * 30)",
		"inspect":          "a = []; loop { a = [a, a, a.to_s] }",
		"regexp":           "('a' * 40 + '!') =~ /^(a+)+$/",
		"endless range":    "(1..).each { |i| i }",
		"string range":     "('a'..'zzzzzzzzzzzz').to_a",
		"cycle":            "[1].cycle { }",
		"sleep":            "sleep",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &hostWorld{dir: t.TempDir()}
			in := ruby.New(w, ruby.Limits{Steps: 300_000, Bytes: 32 << 20, Match: 50 * time.Millisecond})
			_, err := in.Run(t.Context(), parse(t, "begin\n"+code+"\nrescue Exception\n  puts 'rescued'\nend"))
			if _, ok := errors.AsType[*ruby.Exhausted](err); !ok {
				t.Errorf("ended with %v", err)
			}
			if w.out.Len() > 0 {
				t.Errorf("the spec went on: %q", w.out.String())
			}
		})
	}
}

func TestDeepValuesEndAsDeepCalls(t *testing.T) {
	t.Parallel()
	for name, use := range map[string]string{
		"inspect": "a.inspect", "equal": "a == b", "flatten": "a.flatten", "join": "a.join", "json": "a.to_json", "puts": "puts a", "compare": "a <=> b",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := "a = []; b = []; 50_000.times { a = [a]; b = [b] }\nbegin; " + use + "; rescue SystemStackError, StandardError => e; raise ArgumentError, 'deep'; end"
			_, err := ruby.New(&hostWorld{dir: t.TempDir()}, ruby.Limits{}).Run(t.Context(), parse(t, code))
			if r, ok := errors.AsType[*ruby.Raise](err); !ok || r.Message() != "deep" {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestContextEndsARun(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := ruby.New(&hostWorld{dir: t.TempDir()}, ruby.Limits{}).Run(ctx, parse(t, "loop {}"))
	if _, ok := errors.AsType[*ruby.Exhausted](err); !ok {
		t.Errorf("ended with %v", err)
	}
}

func TestUnsupportedIsNamed(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"\n'a'.unpack('C')": "main.rb:2:5: String#unpack ",
		"eval('1')":         "main.rb:1:1: the method eval ",
		"require 'erb'; ERB.new('x', trim_mode: 'q')": `the trim mode "q" of ERB`,
		"fork { }":                           "the method fork ",
		"ObjectSpace.each_object":            "the constant ObjectSpace ",
		"require 'net/http'; Net::HTTP.get":  "the constant Net ",
		"require 'socket'; TCPSocket":        "the constant TCPSocket ",
		"Thread.new { }":                     "the constant Thread ",
		"case [1]\nin [x] then x\nend":       "pattern matching",
		"s = 'x'; def s.y; end":              "a singleton method of String",
		"class S < String; end; S.new":       "a class below String",
		"Process.kill(9, 1)":                 "Process.kill ",
		"[1].lazy":                           "Enumerator::Lazy",
		"instance_eval('1')":                 "instance_eval of a string",
		"if (1 == 1)..(2 == 2) then 1 end":   "flip-flop",
		"'x' =~ /a(?~b)/":                    "absence operator",
		"require 'fileutils'; FileUtils.pwd": "the constant FileUtils ",
		"Kernel.exec('ls')":                  "Kernel.exec ",
		"spawn('x')":                         "the method spawn ",
		"class A; def method_missing(*a) 1 end; def x; eval('1') end end; A.new.x": "the method eval ",
		"exit!":               "the method exit! ",
		"Kernel.open('|ls')":  "open of a command",
		"IO.readlines('|ls')": "reading from a command",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			file, problems := syntax.Parse("main.rb", "begin\n"+code+"\nrescue Exception\nend")
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			_, err := ruby.New(&hostWorld{dir: t.TempDir()}, ruby.Limits{}).Run(t.Context(), file)
			u, ok := errors.AsType[*ruby.Unsupported](err)
			want = strings.Replace(want, "main.rb:2", "main.rb:3", 1)
			want = strings.Replace(want, "main.rb:1:", "main.rb:2:", 1)
			if !ok || !strings.Contains(err.Error()+" ", strings.TrimSuffix(want, " ")) {
				t.Errorf("ended with %v (%v), want %q", err, u, want)
			}
		})
	}
}

// openWorld does not know the answer to any command.
type openWorld struct {
	hostWorld
	places []string
}

func (w *openWorld) Run(_ context.Context, at ruby.Place, _ ruby.Command) (ruby.Output, error) {
	w.places = append(w.places, at.String())
	return ruby.Output{}, ruby.ErrOpen
}

func TestAnOpenAnswerUnwindsEverything(t *testing.T) {
	t.Parallel()
	w := &openWorld{hostWorld: hostWorld{dir: t.TempDir()}}
	_, err := ruby.New(w, ruby.Limits{}).Run(t.Context(), parse(t, `
begin
  x = [1].map { catch(:x) { %x(uname; true) } }
rescue Exception
  puts "rescued"
ensure
  puts "ensured"
end`))
	if !errors.Is(err, ruby.ErrOpen) {
		t.Errorf("ended with %v", err)
	}
	if w.out.Len() > 0 {
		t.Errorf("the spec went on: %q", w.out.String())
	}
	if !slices.Equal(w.places, []string{"main.rb:3:29 Run #0"}) {
		t.Errorf("asked at %v", w.places)
	}
}

func TestPlacesCountOccurrences(t *testing.T) {
	t.Parallel()
	var asked []string
	in := ruby.New(&hostWorld{dir: t.TempDir()}, ruby.Limits{})
	in.Kernel.Define("ask", 0, 0, func(c *ruby.Call) (ruby.Value, error) {
		asked = append(asked, in.Place("Ask").String())
		return ruby.Nil{}, nil
	})
	if _, err := in.Run(t.Context(), parse(t, "2.times { ask }\nask")); err != nil {
		t.Fatal(err)
	}
	want := []string{"main.rb:1:11 Ask #0", "main.rb:1:11 Ask #1", "main.rb:2:1 Ask #0"}
	if !slices.Equal(asked, want) {
		t.Errorf("got %v, want %v", asked, want)
	}
}

func TestBacktrace(t *testing.T) {
	t.Parallel()
	_, err := ruby.New(&hostWorld{dir: t.TempDir()}, ruby.Limits{}).Run(t.Context(), parse(t, "def a\n  [1].each { |x|\n    raise 'x'\n  }\nend\nbegin\n  a\nrescue => e\n  raise ArgumentError, 'y'\nend"))
	r, ok := errors.AsType[*ruby.Raise](err)
	if !ok {
		t.Fatal(err)
	}
	if got := r.Backtrace()[0].String(); got != "main.rb:9:in `<main>'" || !r.IsA("StandardError") {
		t.Errorf("raised at %s", got)
	}
	var lines []string
	for _, f := range r.Cause().Backtrace() {
		lines = append(lines, f.String())
	}
	want := []string{"main.rb:3:in `block in a'", "main.rb:2:in `a'", "main.rb:7:in `<main>'"}
	if !slices.Equal(lines, want) {
		t.Errorf("got %v, want %v", lines, want)
	}
}

// TestClassesFromGo is what a package above does: a class in Go, whose blocks are Ruby's.
func TestClassesFromGo(t *testing.T) {
	t.Parallel()
	w := &hostWorld{dir: t.TempDir()}
	in := ruby.New(w, ruby.Limits{})
	type example struct {
		title string
		block *ruby.Proc
		tag   ruby.Value
	}
	var examples []example
	group := in.DefineClass("Group", in.Object)
	group.DefineSingleton("it", 0, -1, func(c *ruby.Call) (ruby.Value, error) {
		options := c.Keywords()
		examples = append(examples, example{c.OptStr(0, ""), c.Block, options.Symbol("tag")})
		return ruby.Nil{}, nil
	})
	group.DefineSingleton("let", 1, 1, func(c *ruby.Call) (ruby.Value, error) {
		block, self := c.Block, c.Self.(*ruby.Class)
		self.Define(c.NameArg(0), 0, 0, func(c *ruby.Call) (ruby.Value, error) { return in.Exec(block, c.Self) })
		return ruby.Nil{}, nil
	})
	in.Kernel.Define("describe", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		return in.ClassExec(c.Block, in.NewClass(group))
	})
	group.Define("method_missing", 1, -1, func(c *ruby.Call) (ruby.Value, error) {
		return ruby.Str("missing " + c.NameArg(0)), nil
	})
	if _, err := in.Run(t.Context(), parse(t, `
describe "x" do
  let(:name) { "web" + suffix }
  def suffix = "1"
  it("works", tag: :slow) { puts name, be_thing; @a = 1 }
  it { raise "boom" }
  it { Integer([]) }
  it { suffix(1) }
end`)); err != nil {
		t.Fatal(err)
	}
	if len(examples) != 4 || examples[0].title != "works" || examples[0].tag != ruby.Symbol("slow") || examples[1].block.Pos().Line != 6 {
		t.Fatalf("got %+v", examples)
	}
	self := in.NewObject(examples[0].block.Self().(*ruby.Class), nil)
	if _, err := in.Exec(examples[0].block, self); err != nil {
		t.Fatal(err)
	}
	if got := w.out.String(); got != "web1\nmissing be_thing\n" {
		t.Errorf("printed %q", got)
	}
	if in.IVar(self, "@a") != ruby.Int(1) {
		t.Error("the instance variable was not set")
	}
	for i, want := range map[int]string{1: "boom", 2: "can't convert Array into Integer", 3: "wrong number of arguments (given 1, expected 0)"} {
		_, err := in.Exec(examples[i].block, self)
		if r, ok := errors.AsType[*ruby.Raise](err); !ok || r.Message() != want {
			t.Errorf("example %d: %v", i, err)
		}
	}
}

// TestEvaluatingAgainIsTheSame runs a text twice: addresses, ids and order must agree.
func TestEvaluatingAgainIsTheSame(t *testing.T) {
	t.Parallel()
	code := "o = Object.new; p o, o.object_id, {b: 1, a: o}, [:x, 'y', 2.0].map(&:hash), o.hash, methods.size, Class.new, rand, Time.now, [3, 1, 2].shuffle, ENV.to_h.keys"
	var outs []string
	for range 2 {
		w := &hostWorld{dir: t.TempDir(), env: map[string]string{"A": "1", "B": "2", "C": "3"}}
		if _, err := ruby.New(w, ruby.Limits{}).Run(t.Context(), parse(t, code)); err != nil {
			t.Fatal(err)
		}
		outs = append(outs, w.out.String())
	}
	if outs[0] != outs[1] {
		t.Errorf("first %s then %s", outs[0], outs[1])
	}
}

// nowhere is a world without files, commands or libraries.
type nowhere struct{ hostWorld }

func (*nowhere) ReadFile(ruby.Place, string) ([]byte, error)     { return nil, fs.ErrNotExist }
func (*nowhere) Stat(ruby.Place, string) (fs.FileInfo, error)    { return nil, fs.ErrNotExist }
func (*nowhere) Lstat(ruby.Place, string) (fs.FileInfo, error)   { return nil, fs.ErrNotExist }
func (*nowhere) ReadDir(ruby.Place, string) ([]string, error)    { return nil, fs.ErrNotExist }
func (*nowhere) Readlink(ruby.Place, string) (string, error)     { return "", fs.ErrNotExist }
func (*nowhere) Access(ruby.Place, string, uint32) (bool, error) { return false, fs.ErrNotExist }
func (*nowhere) Run(context.Context, ruby.Place, ruby.Command) (ruby.Output, error) {
	return ruby.Output{Stdout: []byte("out\n")}, nil
}
func (*nowhere) Require(context.Context, ruby.Place, string, string) (*syntax.File, error) {
	return nil, fs.ErrNotExist
}

// FuzzEval evaluates any text that parses: nothing may panic or go on for ever.
func FuzzEval(f *testing.F) {
	for _, path := range []string{"array", "basic", "control", "hash", "library", "number", "object", "range", "regexp", "string", "symbol", "system"} {
		for _, s := range readCorpus(f, "testdata/corpus/"+path+".rb") {
			f.Add(s.code)
		}
	}
	f.Fuzz(func(t *testing.T, code string) {
		file, problems := syntax.Parse("main.rb", code)
		if len(problems) > 0 {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		in := ruby.New(&nowhere{hostWorld{dir: "/nowhere"}}, ruby.Limits{Steps: 20_000, Bytes: 16 << 20, Match: 50 * time.Millisecond})
		_, err := in.Run(ctx, file)
		if r, ok := errors.AsType[*ruby.Raise](err); ok {
			_ = r.Error()
		}
	})
}
