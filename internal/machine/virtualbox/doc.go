// Package virtualbox holds the kinds of VirtualBox. This version checks their blocks in
// full; it cannot run them.
package virtualbox
