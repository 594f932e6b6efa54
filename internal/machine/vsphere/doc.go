// Package vsphere holds the kinds of VMware vSphere. This version checks their blocks in
// full; it cannot run them.
package vsphere
