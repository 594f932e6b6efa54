// Package arch holds one test: which package may import which. The table in it is
// the documentation.
package arch
