package qemu

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine/install/download"
	"github.com/proofmark-build/proofmark/internal/template"
)

// version is raised when machines of the same configuration come out differently.
const version = "2"

// Fingerprint adds the medium's digest, the hardware, what is typed, and all files that
// the machine is offered. How it is reached, and how fast it runs, does not count.
func (b *Builder) Fingerprint(ctx context.Context, h *cache.Hash) error {
	c := b.c
	h.Add("builder", KindName+" "+version)
	if err := b.addMedium(ctx, h); err != nil {
		return err
	}
	disks := c.Disks
	disks.Compression, disks.SkipCompaction, disks.ImgArgs.Convert = false, false, nil // of the output
	for _, part := range []struct {
		name  string
		value any
	}{{"hardware", c.Hardware}, {"firmware", c.Firmware}, {"disks", disks}, {"vga", c.VGA}, {"program", c.Binary}} {
		text, err := json.Marshal(part.value)
		if err != nil {
			return fmt.Errorf("fingerprint %s: %w", part.name, err)
		}
		h.Add(part.name, string(text))
	}
	if c.EFI {
		if err := addIfThere(h, "efi_firmware_vars", c.EFIVars); err != nil { // they go into the image
			return err
		}
	}
	if err := addArguments(h, c.Args); err != nil {
		return err
	}
	for _, k := range c.bootCommand() {
		for _, t := range k.command {
			h.AddSecret(k.option, t.Text()) // passwords are typed
		}
	}
	return b.addOffered(h)
}

// addArguments adds the template's own arguments of QEMU, with what the files hold that a
// system is installed or booted from.
func addArguments(h *cache.Hash, all [][]template.Late) error {
	for _, a := range all {
		var words []string
		for _, w := range a {
			words = append(words, w.Text())
			h.Add("argument", w.Text())
		}
		h.Add("argument", "")
		if len(words) == 0 || !slices.Contains([]string{"-kernel", "-initrd", "-dtb", "-cdrom"}, words[0]) {
			continue
		}
		if err := addIfThere(h, "argument "+words[0], strings.Join(words[1:], "")); err != nil {
			return err
		}
	}
	return nil
}

// addMedium adds the digest of what is installed; of a medium without one a file's
// content, or its URL.
func (b *Builder) addMedium(ctx context.Context, h *cache.Hash) error {
	c := b.c
	if c.ParentImage != "" {
		return b.addParent(ctx, h)
	}
	m := c.ISO.Medium()
	place := m.URL
	if place == "" && len(m.URLs) > 0 {
		place = m.URLs[0]
	}
	digest := ""
	var err error
	if strings.HasPrefix(m.Checksum, "file:") {
		digest, err = h.Resolve(place+" in "+m.Checksum, func() (string, error) {
			sum, err := b.downloader().Sum(ctx, m)
			return sum.Type + ":" + sum.Hex, err
		})
	} else {
		sum, e := b.downloader().Sum(ctx, m)
		if err = e; !sum.None() {
			digest = sum.Type + ":" + sum.Hex
		}
	}
	if err != nil {
		return fmt.Errorf("fingerprint the medium: %w", err)
	}
	local, ok, err := download.Local(place)
	ok = ok && err == nil
	if ok && c.Image {
		for _, file := range below(local) {
			if err := addIfThere(h, "below the medium", file); err != nil {
				return err
			}
		}
	}
	if digest != "" {
		h.Add("medium", digest)
		return nil
	}
	if ok {
		return h.AddFile("medium", local)
	}
	h.Add("medium", place)
	return nil
}

// addOffered adds the files that the machine can read during its installation.
func (b *Builder) addOffered(h *cache.Hash) error {
	c := b.c
	if c.HTTP.Directory != "" {
		if err := h.AddTree("http_directory", c.HTTP.Directory); err != nil {
			return err
		}
	}
	for _, content := range []struct {
		option string
		files  map[string]string
	}{{"http_content", c.HTTP.Content}, {"cd_content", c.CD.Content}, {"floppy_content", c.Floppy.Content}} {
		for _, name := range sortedKeys(content.files) {
			h.AddSecret(content.option+" "+name, content.files[name]) // answers to installers hold passwords
		}
	}
	for _, files := range []struct {
		option string
		paths  []string
	}{{"cd_files", c.CD.Files}, {"floppy_files", c.Floppy.Files}, {"floppy_dirs", c.Floppy.Directories}} {
		if err := addPaths(h, files.option, files.paths); err != nil {
			return err
		}
	}
	h.Add("labels", c.CD.Label+"/"+c.Floppy.Label)
	return nil
}

// OutputKey adds what decides the form and the place of the disks alone.
func (b *Builder) OutputKey(h *cache.Hash) {
	c := b.c
	h.Add("disk_compression", strconv.FormatBool(c.Compression))
	h.Add("skip_compaction", strconv.FormatBool(c.SkipCompaction))
	h.Add("convert", strings.Join(c.ImgArgs.Convert, " "))
	h.Add("prove_boot", strconv.FormatBool(b.ProvesBoot()))
	if c.Condition != "" {
		h.Add("boot_condition", c.Condition)
	}
	h.Add("vm_name", c.VMName)
	directory := c.Output.Directory
	if abs, err := filepath.Abs(cmp.Or(directory, ".")); err == nil { // without a name of its own it lies here
		directory = abs
	}
	h.Add("output_directory", directory)
}
