// Package hyperv holds the kinds of Hyper-V. This version checks their blocks in full;
// it cannot run them. What only a Windows host can tell (files of such a host, virtual
// machines and switches, memory) is not checked.
package hyperv
