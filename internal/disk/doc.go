// Package disk makes bootable disk images of root file systems, and turns one into the
// formats of hypervisors. It mounts nothing, needs no loop devices and no privileges:
// owners and device nodes come from a tar stream.
//
// A disk has a GPT with up to three partitions: GRUB for a BIOS, a FAT file system with
// GRUB for UEFI and the boot menu of both, and the root file system, ext4, which grows
// with the disk. Kernel and initrd stay in the root file system, where the packages of
// the distribution replace them.
//
// The same tree and options give the same bytes with the same versions of the host's
// tools; every identifier follows from the tree's digest.
package disk
