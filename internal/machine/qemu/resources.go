package qemu

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/proc"
)

// WhereState is the key under which a ledger scope says which state directory its
// resources lie in. Without it Deps.State counts.
const WhereState = "state"

// Classes lists what the builder makes in a place: enough to destroy it from the record
// alone.
func Classes(d Deps, where ledger.Where) []ledger.Class {
	p := placesOf(d, where)
	built := classesOf(false)
	return append([]ledger.Class{p.directoryClass(built.directory), processClass(built.process), p.layerClass()}, p.trialClasses()...)
}

// TrialClasses are those of Classes that BootDisk needs, for builders of other kinds that
// call it. Their names are no other kind's.
func TrialClasses(d Deps, where ledger.Where) []ledger.Class {
	return placesOf(d, where).trialClasses()
}

func (p places) trialClasses() []ledger.Class {
	names := classesOf(true)
	return []ledger.Class{p.directoryClass(names.directory), processClass(names.process)}
}

// classNames are what the ledger calls a machine's directory and its process.
type classNames struct{ directory, process string }

func classesOf(trial bool) classNames {
	if trial {
		return classNames{"directory of a booted disk", "process of a booted disk"}
	}
	return classNames{"machine directory", "process"}
}

// places are the directories below a state directory.
type places struct{ state string }

func placesOf(d Deps, where ledger.Where) places {
	if s := where[WhereState]; s != "" {
		return places{s}
	}
	return places{d.State}
}

func (p places) machine(tag string) string { return filepath.Join(p.state, "machines", tag) }

// directoryClass is a machine's directory: its disks, and what they were made from. Its
// id is its tag.
func (p places) directoryClass(name string) ledger.Class {
	return ledger.Class{
		Name: name,
		Find: func(_ context.Context, tag string) ([]string, error) {
			_, err := os.Lstat(p.machine(tag))
			if errors.Is(err, fs.ErrNotExist) {
				return nil, nil
			}
			return []string{tag}, err
		},
		Destroy: func(_ context.Context, tag string) error {
			if !ledger.IsTag(tag) {
				return nil
			}
			return os.RemoveAll(p.machine(tag))
		},
	}
}

// tagEnv is the environment variable by which the process of a machine is found.
const tagEnv = "PROOFMARK_MACHINE"

// processClass is the process of a machine.
func processClass(name string) ledger.Class {
	return ledger.Class{
		Name:     name,
		Volatile: true,
		Find: func(_ context.Context, tag string) (ids []string, err error) {
			found, err := proc.WithVariable(tagEnv + "=" + tag)
			for _, s := range found {
				ids = append(ids, s.ID())
			}
			return ids, err
		},
		Destroy: killWhole,
	}
}

// killWhole kills a process, and those that it has started for the same machine: qemu_binary
// may be a script.
func killWhole(ctx context.Context, id string) error {
	pid, _, _ := strings.Cut(id, ":")
	text, err := os.ReadFile(filepath.Join("/proc", pid, "environ"))
	if err != nil { // it has ended
		return proc.Kill(ctx, id)
	}
	for variable := range strings.SplitSeq(string(text), "\x00") {
		if !strings.HasPrefix(variable, tagEnv+"=") {
			continue
		}
		all, err := proc.WithVariable(variable)
		if err != nil || !slices.ContainsFunc(all, func(s proc.Status) bool { return s.ID() == id }) {
			break // it is another's number by now
		}
		return proc.KillAll(ctx, all)
	}
	return proc.Kill(ctx, id)
}
