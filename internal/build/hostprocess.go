package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/ledger/proc"
	"github.com/proofmark-build/proofmark/internal/provision"
)

// whereTemp is the key under which the flow's scope says where steps on this host
// make temporary files.
const whereTemp = "temp"

// hostWhere is the place of the flow's own resources.
func hostWhere() ledger.Where { return ledger.Where{whereTemp: os.TempDir()} }

// hostProcesses are the processes of a step that acts on this host, and its
// temporary files: they carry the tag in their environment and names.
func hostProcesses(w ledger.Where) ledger.Class {
	return ledger.Class{
		Name:     "host processes",
		Volatile: true,
		Find:     func(_ context.Context, tag string) ([]string, error) { return []string{tag}, nil },
		Destroy: func(ctx context.Context, tag string) error {
			err := killTagged(ctx, tag)
			return errors.Join(err, provision.RemoveTemp(w[whereTemp], tag)) // nobody makes new ones now
		},
	}
}

// killLimit is how long processes may take to die and to start others.
const killLimit = 10 * time.Second

// killTagged kills until no process with the tag is left: some may start others
// meanwhile.
func killTagged(ctx context.Context, tag string) error {
	ctx, cancel := context.WithTimeout(ctx, killLimit)
	defer cancel()
	for {
		left, err := tagged(tag)
		if err != nil || len(left) == 0 {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("kill %d processes: %w", len(left), ctx.Err())
		}
		if err := proc.KillAll(ctx, left); err != nil {
			return err
		}
	}
}

// tagged lists the processes with the tag, but for this one.
func tagged(tag string) ([]proc.Status, error) {
	all, err := proc.WithVariable(provision.TagEnv + "=" + tag)
	return slices.DeleteFunc(all, func(s proc.Status) bool { return s.PID == os.Getpid() }), err
}

// onHost runs a step that may act on this host. What it started here is killed when
// the step fails or this process dies; what a step that succeeded left in the
// background is the user's.
func (r *runner) onHost(ctx context.Context, step func(tag string) error) error {
	id, err := r.own.Create(ctx, hostProcesses(hostWhere()), func(_ context.Context, tag string) (string, error) { return tag, nil })
	if err != nil {
		return err
	}
	if err := step(id); err != nil {
		return errors.Join(err, r.own.Destroy(context.WithoutCancel(ctx), id))
	}
	return r.own.Keep(id)
}
