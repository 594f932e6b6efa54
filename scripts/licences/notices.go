package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// writeNotices writes the licences and notices of everything that is in the
// programs, Go's own library first. The same modules give the same text.
func writeNotices(w io.Writer) error {
	mods, err := modules("./cmd/...")
	if err != nil {
		return err
	}
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go: %w", err)
	}
	parts := append([]module{{Path: "Go's standard library", Dir: strings.TrimSpace(string(goroot))}}, mods...)
	fmt.Fprintf(w, "Proofmark holds parts of the following, under these licences.\n")
	for _, m := range parts {
		if err := writeNotice(w, m); err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
	}
	return nil
}

func writeNotice(w io.Writer, m module) error {
	files, err := named(m.Dir, "licen[cs]e*", "copying*", "notice*")
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no licence is in %s", m.Dir)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		title := strings.TrimSpace(m.Path + " " + m.Version)
		fmt.Fprintf(w, "\n%s\n%s, %s\n\n%s\n", strings.Repeat("-", 72), title, filepath.Base(f), strings.TrimSpace(string(text)))
	}
	return nil
}
