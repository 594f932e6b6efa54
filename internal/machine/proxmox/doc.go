// Package proxmox holds the kinds of Proxmox VE. This version checks their blocks in
// full; it cannot run them.
package proxmox
