package qemu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
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

// processClass is the process of a machine. Its id holds the time at which it started: a
// number alone may be another's by now.
func processClass(name string) ledger.Class {
	return ledger.Class{
		Name:     name,
		Volatile: true,
		Find: func(_ context.Context, tag string) ([]string, error) {
			files, err := filepath.Glob("/proc/[0-9]*/environ")
			var ids []string
			for _, f := range files {
				env, err := os.ReadFile(f)
				if err != nil || !bytes.Contains(append([]byte{0}, env...), []byte("\x00"+tagEnv+"="+tag+"\x00")) {
					continue
				}
				if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(f))); err == nil {
					if id, err := processID(pid); err == nil {
						ids = append(ids, id)
					}
				}
			}
			return ids, err
		},
		Destroy: killProcess,
	}
}

// processID is a process's number and the time of its start, in ticks since the boot.
func processID(pid int) (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", err
	}
	// The name, in brackets, may hold anything; the start is the 20th field behind it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" {
		return "", fmt.Errorf("process %d is over", pid)
	}
	return fmt.Sprintf("%d:%s", pid, fields[19]), nil
}

// killProcess kills the process with an id and waits for its end.
func killProcess(ctx context.Context, id string) error {
	number, _, _ := strings.Cut(id, ":")
	pid, err := strconv.Atoi(number)
	if err != nil {
		return fmt.Errorf("kill process %q: %w", id, err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("kill process %s: %w", id, err)
	}
	defer unix.Close(fd)
	if now, err := processID(pid); err != nil || now != id {
		return nil // it has gone, and another has its number
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("kill process %s: %w", id, err)
	}
	const step = 100 // milliseconds
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, step)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %s: %w", id, err)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for process %s: %w", id, context.Cause(ctx))
		}
	}
}
