package provision

import (
	"os"
	"testing"
)

func TestMotd(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/motd"
	p, err := openMotd(motdConfig{Text: "hello\n", Path: path})
	if err != nil {
		t.Fatal(err)
	}
	run, log := run(t)
	if err := p.Provision(t.Context(), run, &host{}); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "hello\n" {
		t.Errorf("the machine has %q", got)
	}
	if log.said() != "Setting the message of the day" {
		t.Errorf("said %q", log.said())
	}
}

func TestMotdOptions(t *testing.T) {
	t.Parallel()
	_, err := openMotd(motdConfig{})
	wantError(t, err, "text and file")
	_, err = openMotd(motdConfig{File: "/nonexistent"})
	wantError(t, err, "file", "/nonexistent")
}
