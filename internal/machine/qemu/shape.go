package qemu

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// shape is a digest of the hardware that a memory fits: the command line without the places
// of files, ports, and whatever else is of this start alone.
func (m *vm) shape() (string, error) {
	c := m.b.c
	h := hardware{name: "machine", accelerator: m.accelerator, cpu: m.cpu, format: "qcow2", vars: m.vars}
	if m.forwards() {
		h.port, h.guestPort = 1, c.SSH.Port
	}
	for i := range m.disks {
		h.disks = append(h.disks, filepath.Join(canonical, fmt.Sprint(i)))
	}
	for i := range m.cds {
		h.cds = append(h.cds, fmt.Sprint(i))
	}
	if m.floppy != "" {
		h.floppy = "floppy"
	}
	if h.vars != "" {
		h.vars = "vars"
	}
	values := argumentValues{HTTPIP: m.b.guestsView(), HTTPPort: "1", HTTPDir: "http", HTTPContent: c.HTTP.Content, OutputDir: canonical, Name: "machine", SSHHostPort: 1}
	args, err := c.override(c.arguments(h), values, func(v string) string {
		return asOverlay(moveInto(m.b.outputDirectory(m.build), canonical)(v), canonical)
	})
	if err != nil {
		return "", err
	}
	args = slices.DeleteFunc(args, func(a argument) bool {
		// What is seen from outside, and what counts for a start only.
		return slices.Contains([]string{"-name", "-boot", "-vnc", "-display", "-serial", "-qmp", "-monitor"}, a.name)
	})
	sum := sha256.New()
	for _, w := range append(args.line(), generation(args)...) {
		fmt.Fprintf(sum, "%q\n", w)
	}
	if m.accelerator != tcg && m.accelerator != "none" {
		sum.Write(hostProcessor())
	}
	return fmt.Sprintf("sha256:%x", sum.Sum(nil)), nil
}

// canonical stands for the directory of a machine.
const canonical = "/machine"

// generation is the argument for a device that tells a kernel that its memory is a copy, so
// that its random numbers become others than those of the first. The template cannot replace
// it. Machines of kinds that are not known to have it get none.
func generation(a arguments) []string {
	var kind string
	for _, x := range a {
		text := strings.Join(x.values, ",")
		switch x.name {
		case "-machine", "-M":
			kind, _, _ = strings.Cut(strings.TrimPrefix(text, "type="), ",")
			if strings.Contains(text, "acpi=off") {
				return nil
			}
		case "-no-acpi":
			return nil
		case "-device":
			if strings.Contains(text, "vmgenid") {
				return nil
			}
		}
	}
	if kind != "pc" && kind != "q35" {
		return nil
	}
	return []string{"-device", "vmgenid,guid=auto"}
}

// asOverlay has a template's own argument for one of the machine's disks, which lie in
// directory, say the format that overlays have.
func asOverlay(value, directory string) string {
	parts := strings.Split(value, ",")
	ours := slices.ContainsFunc(parts, func(p string) bool {
		file, ok := strings.CutPrefix(p, "file=")
		return ok && filepath.Dir(file) == filepath.Clean(directory)
	})
	if !ours {
		return value
	}
	for i, p := range parts {
		if strings.HasPrefix(p, "format=") {
			parts[i] = "format=qcow2"
		}
	}
	return strings.Join(parts, ",")
}

// binaryID tells one build of QEMU from another.
func binaryID(binary string) (string, error) {
	path, err := exec.LookPath(binary)
	if err != nil {
		return "", err
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", err
	}
	fi, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d %d", path, fi.Size(), fi.ModTime().Unix()), nil
}

// hostProcessor is what this host says of its first processor, without what changes.
func hostProcessor() (text []byte) {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan() && lines.Text() != ""; {
		name, _, _ := strings.Cut(lines.Text(), "\t")
		if slices.Contains([]string{"vendor_id", "cpu family", "model", "model name", "stepping", "flags", "Features", "CPU implementer", "CPU part"}, strings.TrimSpace(name)) {
			text = append(text, lines.Text()...)
		}
	}
	return text
}
