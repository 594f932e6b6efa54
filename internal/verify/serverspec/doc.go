// Package serverspec runs ServerSpec files as they are, without Ruby: it puts ServerSpec's
// resources and settings on top of RSpec (package rspec), with the answers of package
// resource.
//
// A [Spec] is evaluated again and again. Each evaluation reads all files anew; an example
// that needs a fact which is not known yet is open and leaves its question with the
// session, and the next example goes on. What specs do beside asking facts (commands,
// files, clock, random numbers, output) has one answer for each place in the text, each
// example and each time that it comes by there, so that evaluating again repeats nothing.
package serverspec
