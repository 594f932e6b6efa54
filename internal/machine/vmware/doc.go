// Package vmware holds the kinds of VMware Workstation, Fusion and Player, and, as
// templates that are older than 2026 use them so, of a single ESXi host. This version
// checks their blocks in full; it cannot run them.
package vmware
