package ruby

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/serverspec/syntax"
)

// Limits bound what a spec may use. A zero field takes the default.
type Limits struct {
	Steps int           // expressions and calls evaluated: 20 million
	Bytes int64         // of strings and collections made, not counting what is freed: 1 GiB
	Depth int           // calls within calls, of Ruby and Go together, then SystemStackError: 3000
	Match time.Duration // of one regular expression on one string: 2 s
	Total int64         // Bytes of all that is run between New and the end: 2 GiB
}

// Interp is one Ruby program's state: its classes, globals and constants, what it used of
// its limits, and where it is.
type Interp struct {
	// Classes that others build upon.
	BasicObject, Object, Module, Class, Kernel, Comparable, Enumerable *Class
	Exception, StandardError, ScriptError                              *Class

	nilClass, trueClass, falseClass, numeric, integer, float, str, symbol *Class
	array, hash, rang, regexp, match, proc, time, module, class           *Class
	method, unbound, enumerator, structClass                              *Class

	// Main is the self of a file.
	Main *Object

	// Tolerate, when not nil, is told what ended a statement of a file that another one
	// requires, outside of its methods and blocks, and says whether the next statement is
	// to run all the same. Of exceptions it is told at the outermost level alone, where no
	// rescue is around.
	Tolerate func(err error) bool

	ctx    context.Context
	world  *located
	limits Limits
	steps  int
	bytes  int64
	spent  int64 // bytes before the last Refill
	depth  int

	ids         int64
	epoch       int
	pos         syntax.Pos
	stack       []Frame
	handling    []*Object
	globals     map[string]Value
	envChanges  map[string]*string // what the spec set itself; nil: removed
	autoloads   map[constPath]string
	ownPid      int             // what $$ is; 0: not asked yet
	loaded      map[string]bool // files and libraries that require ran
	occurrences map[Place]int
	patterns    map[string]*Regexp
	catching    []Value // tags of the catch blocks that run
	inspecting  []Value // what inspect and == are within, for structures that contain themselves
	objectIDs   map[Value]int64
	patience    *patience                // of the blocks of Timeout.timeout that run
	captured    map[int]*strings.Builder // streams whose text is kept: see Capture
	top         *frame
	stop        stop
}

// stop is where what ends an evaluation, and is no Ruby exception, came from.
type stop struct {
	err error
	pos syntax.Pos
}

// StoppedAt is the place of the call that ended with err; no line when that is not known.
func (in *Interp) StoppedAt(err error) syntax.Pos {
	if in.stop.err != nil && errors.Is(err, in.stop.err) {
		return in.stop.pos
	}
	return syntax.Pos{}
}

// New makes an interpreter with Ruby's own classes.
func New(world World, limits Limits) *Interp {
	in := &Interp{
		world: &located{World: world}, limits: limits.withDefaults(), ctx: context.Background(),
		globals: map[string]Value{}, envChanges: map[string]*string{}, autoloads: map[constPath]string{}, loaded: map[string]bool{},
		occurrences: map[Place]int{}, patterns: map[string]*Regexp{}, objectIDs: map[Value]int64{},
	}
	in.boot()
	return in
}

func (l Limits) withDefaults() Limits {
	if l.Steps == 0 {
		l.Steps = 20_000_000
	}
	if l.Bytes == 0 {
		l.Bytes = 1 << 30
	}
	if l.Depth == 0 {
		l.Depth = 3000
	}
	if l.Match == 0 {
		l.Match = 2 * time.Second
	}
	if l.Total == 0 {
		l.Total = 2 << 30
	}
	return l
}

// Run evaluates a file at the top level. Until it returns, ctx also bounds what it calls.
func (in *Interp) Run(ctx context.Context, file *syntax.File) (Value, error) {
	defer in.within(ctx)()
	return in.runFile(file)
}

// Within makes ctx bound the calls that follow; it returns a function that ends that.
func (in *Interp) Within(ctx context.Context) (end func()) { return in.within(ctx) }

func (in *Interp) within(ctx context.Context) func() {
	before := in.ctx
	in.ctx = ctx
	return func() { in.ctx = before }
}

// Refill forgets what was used of the limits, but Total: each example has them to itself.
func (in *Interp) Refill() {
	in.spent += min(in.bytes, in.limits.Bytes)
	in.steps, in.bytes = 0, 0
}

func (in *Interp) runFile(file *syntax.File) (Value, error) {
	in.loaded[file.Name] = true
	f := &frame{
		self: in.Main, scope: &scope{}, target: in.Object, label: "<main>", file: file,
		act: &activation{visibility: private}, ret: &returnTag{},
	}
	if len(in.stack) > 0 {
		f.label = "<top (required)>"
		if in.Tolerate != nil {
			f.tolerant = file.Body
		}
	}
	f.act.scope = f.scope
	if in.depth++; in.depth > in.limits.Depth {
		in.depth--
		return nil, in.tooDeep()
	}
	in.push(f.label)
	v, err := in.eval(f, file.Body)
	in.pop()
	in.depth--
	if err = in.endOfReturn(f.ret, &v, err); err != nil {
		delete(in.loaded, file.Name) // whoever requires it again gets the error again
	}
	return v, err
}

// endOfReturn takes the return that belongs to tag.
func (in *Interp) endOfReturn(tag *returnTag, v *Value, err error) error {
	tag.done = true
	if out, ok := err.(*returnOut); ok && out.tag == tag {
		*v = out.value
		return nil
	}
	return err
}

func (in *Interp) nextID() int64 {
	in.ids += 8
	return in.ids
}

// step counts one evaluation against the limits.
func (in *Interp) step() error {
	in.steps++
	if in.steps > in.limits.Steps {
		return &Exhausted{in.pos, fmt.Sprintf("%d steps", in.limits.Steps)}
	}
	if in.bytes > in.limits.Bytes || in.spent+in.bytes > in.limits.Total {
		return in.noMemory()
	}
	// One step may be a search in all the memory that there is, so time is looked at often.
	if in.steps&0xf == 0 {
		if err := in.ctx.Err(); err != nil {
			return &Exhausted{in.pos, "its time: " + context.Cause(in.ctx).Error()}
		}
	}
	return nil
}

func (in *Interp) noMemory() error {
	if in.spent+in.bytes > in.limits.Total {
		return &Exhausted{in.pos, fmt.Sprintf("%d bytes of strings and collections in all examples", in.limits.Total)}
	}
	return &Exhausted{in.pos, fmt.Sprintf("%d bytes of strings and collections", in.limits.Bytes)}
}

// reserve counts bytes before they are made; what would be too many is refused.
func (in *Interp) reserve(n int64) error {
	if n < 0 || n > in.limits.Bytes || in.bytes+n > in.limits.Bytes {
		in.bytes = in.limits.Bytes + 1
		return in.noMemory()
	}
	in.bytes += n
	return nil
}

// Nest guards what recurses in Go over values of a spec: it counts a step and a level, which
// end gives back. Structures that contain themselves end with SystemStackError.
func (in *Interp) Nest() (end func(), err error) {
	if err := in.step(); err != nil {
		return nil, err
	}
	if err := in.nest(); err != nil {
		return nil, err
	}
	return func() { in.depth-- }, nil
}

func (in *Interp) tooDeep() error {
	return in.RaiseClass(in.Object.consts["SystemStackError"].(*Class), "stack level too deep")
}

// nest guards what recurses in Go over nested values.
func (in *Interp) nest() error {
	if in.depth++; in.depth > 4*in.limits.Depth {
		in.depth--
		return in.tooDeep()
	}
	return nil
}

// push enters a method, block or file for backtraces. The place is that of the call.
func (in *Interp) push(label string) { in.stack = append(in.stack, Frame{in.pos, label}) }

func (in *Interp) pop() {
	in.pos = in.stack[len(in.stack)-1].Pos
	in.stack = in.stack[:len(in.stack)-1]
}

// backtrace is where evaluation is: each entry's label with the place inside of it.
func (in *Interp) backtrace() []Frame {
	list := make([]Frame, 0, len(in.stack))
	at := in.pos
	for i := len(in.stack) - 1; i >= 0; i-- {
		if at.Line > 0 {
			list = append(list, Frame{at, in.stack[i].Label})
		}
		at = in.stack[i].Pos
	}
	return list
}

// Pos is the place of the call that is running.
func (in *Interp) Pos() syntax.Pos { return in.pos }

// Context bounds what runs now.
func (in *Interp) Context() context.Context { return in.ctx }

// Capture runs do and returns what it prints to a stream, which then goes nowhere else.
func (in *Interp) Capture(stream int, do func() error) (string, error) {
	before := in.captured
	b := &strings.Builder{}
	in.captured = maps.Clone(before)
	if in.captured == nil {
		in.captured = map[int]*strings.Builder{}
	}
	in.captured[stream] = b
	defer func() { in.captured = before }()
	err := do()
	return b.String(), err
}

// Global is a global variable ($name); Nil when it was never set.
func (in *Interp) Global(name string) Value {
	if v, ok := in.globals[name]; ok {
		return v
	}
	return Nil{}
}

// SetGlobal sets a global variable ($name).
func (in *Interp) SetGlobal(name string, v Value) { in.globals[name] = v }

// Supply declares that a library of that name is there, so that require does not ask the
// World for it.
func (in *Interp) Supply(library string) { in.loaded[library] = true }

// worldError turns an error of the World into what the spec gets to see.
func (in *Interp) worldError(err error, subject string) error {
	if err == nil || errors.Is(err, ErrOpen) {
		return err
	}
	var r *Raise
	if errors.As(err, &r) {
		return err
	}
	return in.systemError(err, subject)
}
