// Package parallels holds the kinds of Parallels Desktop. This version checks their
// blocks in full; it cannot run them.
package parallels
