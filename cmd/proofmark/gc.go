package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

func newGC() *cobra.Command {
	var dryRun, kept bool
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "gc", Short: "Remove what killed builds left behind", Args: takes(0, 0, ""),
		Long: `Remove what killed builds left behind: machines, mounts, processes, control
groups, network namespaces and links, temporary files, half-written images; and the
files of images that the catalog has no more; and layers that were replaced, or are
over the age limit and were neither made nor used under a longer one. Every later build removes what killed
builds left, too. What build --keep and
-on-error=abort left stays until its time is over, with the layers under it; --kept
removes it now.

What machines of this host left, only root can remove, or a user with subordinate ids:
others remove what they can, and are told of the rest.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !dryRun {
				if err := enterFor(cmd.Context(), leftOfMachines); err != nil {
					return err
				}
			}
			return withKit(cmd, settings{writes: !dryRun}, func(h home, kit build.Kit) error {
				out := cmd.OutOrStdout()
				if dryRun {
					records, err := kit.Ledger.Records()
					if err != nil {
						return err
					}
					forgotten, err := kit.Sweep(cmd.Context(), true)
					err = warnStrange(cmd, err)
					layers, e := discardStale(cmd.Context(), kit, h, true)
					err = errors.Join(err, e)
					if err == nil && len(records)+len(forgotten)+len(layers) == 0 {
						fmt.Fprintln(out, "nothing to remove")
					}
					for _, r := range records {
						fmt.Fprintf(out, "%s %s %s%s\n", r.State, r.Class, r.ID, expiry(r))
					}
					for _, dir := range forgotten {
						fmt.Fprintf(out, "forgotten image %s\n", dir)
					}
					tellLayers(out, "would remove", layers)
					return err
				}
				n := 0
				err := reap(cmd.Context(), kit, h, kept, func(r ledger.Record, err error) {
					if err != nil {
						fmt.Fprintf(out, "cannot remove %s %s: %v\n", r.Class, r.ID, err)
						return
					}
					n++
					fmt.Fprintf(out, "removed %s %s\n", r.Class, r.ID)
				})
				forgotten, e := kit.Sweep(cmd.Context(), false)
				for _, dir := range forgotten {
					n++
					fmt.Fprintf(out, "removed image %s, which is in no catalog\n", dir)
				}
				err = errors.Join(err, warnStrange(cmd, e))
				layers, e := discardStale(cmd.Context(), kit, h, false)
				n += len(layers)
				tellLayers(out, "removed", layers)
				err = errors.Join(err, e)
				if err == nil && n == 0 {
					fmt.Fprintln(out, "nothing to remove")
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only list what there is to remove")
	cmd.Flags().BoolVar(&kept, "kept", false, "also remove what builds left for a while, before its time is over")
	return cmd
}

// tellLayers names and counts pruned layers.
func tellLayers(out io.Writer, verb string, layers []cache.Entry) {
	var sum int64
	for _, e := range layers {
		sum += e.Size
		fmt.Fprintf(out, "%s layer %s  %s  %d %s\n", verb, short(string(e.Key)), e.Build, e.Index, e.Step)
	}
	if len(layers) > 0 {
		fmt.Fprintf(out, "%s %d layers, %s\n", verb, len(layers), build.Size(sum))
	}
}

// warnStrange makes a warning of the refusal to remove what a catalog does not know that
// may be the wrong one, and returns any other error.
func warnStrange(cmd *cobra.Command, err error) error {
	if !errors.Is(err, build.ErrStrangeCatalog) {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Warning: %v\n", err)
	return nil
}

func expiry(r ledger.Record) string {
	if r.Expires.IsZero() {
		return ""
	}
	return ", kept until " + r.Expires.Local().Format(time.DateTime)
}
