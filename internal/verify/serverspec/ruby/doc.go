// Package ruby runs the Ruby that spec files are written in: a tree-walking interpreter
// of Ruby 3.1 without threads, processes, files or sockets of its own. It knows nothing of
// RSpec; a package above defines those classes from Go.
//
// # Use
//
//	in := ruby.New(world, ruby.Limits{})
//	group := in.DefineClass("Group", in.Object)
//	group.Define("it", 0, -1, func(c *ruby.Call) (ruby.Value, error) {
//		title := c.OptStr(0, "")          // aborts with Ruby's TypeError if it is none
//		options := c.Keywords()           // a: 1 at the end of the arguments, or nil
//		examples = append(examples, example{title, options, c.Block, c.Pos})
//		return ruby.Nil{}, nil
//	})
//	_, err := in.Run(ctx, file)
//	…
//	_, err = in.Exec(e.block, self)           // instance_exec
//	if r, ok := errors.AsType[*ruby.Raise](err); ok { … r.ClassName(), r.Message(), r.Backtrace }
//
// # Errors
//
// A method written in Go returns a Go error. [*Raise] is a Ruby exception: specs can
// rescue it. Everything else passes by every rescue and ensure up to the caller of Run,
// Call or Exec: [*Unsupported] names a construct that this Ruby has not, [*Exhausted] a
// limit, [ErrOpen] an effect whose answer is not known yet, and any other error of the
// [World] or of a Go method ends the evaluation as it is.
//
// # Determinism
//
// Whatever is not in the text comes from the [World], each time with the [Place] that
// asks. The same text and the same answers give the same values, order, object ids and
// messages.
//
// An Interp is for one goroutine at a time.
package ruby
