// Package syntax reads the Ruby that spec files are written in: text to a tree with
// positions. It runs nothing and knows nothing of specs.
package syntax
