package rootfs

import (
	"context"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/ledger/proc"
)

// commandEnv is in the environment of a command and of what it starts, where there
// is no control group to say what belongs together.
const commandEnv = "PROOFMARK_COMMAND"

// killCommand ends the processes of a session, their descendants, and those that
// have left both but bear the mark in their environment.
func killCommand(ctx context.Context, session int, mark string) error {
	for {
		all, err := proc.All()
		if err != nil {
			return err
		}
		ours := map[int]bool{session: true}
		for grown := true; grown; {
			grown = false
			for _, s := range all {
				if !ours[s.PID] && (s.Session == session || ours[s.Parent] || s.HasVariable(mark)) {
					ours[s.PID], grown = true, true
				}
			}
		}
		var left []proc.Status
		for _, s := range all {
			if ours[s.PID] && !s.Over() {
				left = append(left, s)
			}
		}
		if len(left) == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("kill %d processes: %w", len(left), context.Cause(ctx))
		}
		if err := proc.KillAll(ctx, left); err != nil {
			return err
		}
	}
}
