// Package rspec is RSpec on top of the Ruby of spec files: groups, examples, hooks,
// shared examples, expectations and matchers, with RSpec 3.12's descriptions, messages
// and order. It knows nothing of machines.
//
// A [Suite] gives an [ruby.Interp] the words of RSpec. Files that the Interp then runs
// declare groups; [Suite.Run] runs the examples in them. An example that reads what is
// not known yet ends as Open, and the next one goes on: see [ruby.ErrOpen].
package rspec
