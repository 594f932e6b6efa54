package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// saved are the medians of a command that was measured before.
type saved struct {
	Name      string
	Wall, CPU float64 // seconds
}

func (s *side) save(file string) error {
	text, err := json.Marshal(saved{s.name, s.median(wall), s.median(cpu)})
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

// compare prints how much faster s is than what was saved.
func (s *side) compare(w io.Writer, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var before saved
	if err := json.Unmarshal(text, &before); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	fmt.Fprintf(w, "  %s is faster than %s (%.3f s, %.3f CPU s) by: wall %.1f, CPU %.1f times\n", s.name, before.Name,
		before.Wall, before.CPU, before.Wall/s.median(wall), before.CPU/s.median(cpu))
	return nil
}
