package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/ledger"
)

func newGC() *cobra.Command {
	var dryRun, kept, forgotten bool
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "gc", Short: "Remove what killed builds left behind", Args: takes(0, 0, ""),
		Long: `Remove what killed builds left behind: machines, mounts, processes, control
groups, network namespaces and links, temporary files, half-written images; the rest of
an image whose removal was killed; and layers that were replaced, or are over the age
limit and were neither made nor used under a longer one. Every later build removes what
killed builds left, too. What build --keep and -on-error=abort left stays until its time
is over, with the layers under it; --kept removes it now.

Of what a dead build made in places of yours, a file that was changed since stays, and
gc says where the one is that was there before. What lies on a disk that is not mounted
waits for it. Images in the home that the catalog does not know are listed and stay:
after a catalog.db was put back from a backup they are those made since. --forgotten
removes them.

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
					images, err := sweep(cmd, kit, forgotten, true)
					layers, e := discardStale(cmd.Context(), kit, h, true)
					err = errors.Join(err, e)
					if err == nil && len(records)+images+len(layers) == 0 {
						fmt.Fprintln(out, "nothing to remove")
					}
					for _, r := range records {
						fmt.Fprintf(out, "%s %s %s%s\n", r.State, r.Class, called(r), expiry(r))
					}
					tellLayers(out, "would remove", layers)
					return err
				}
				n := 0
				err := reap(cmd.Context(), kit, h, kept, func(r ledger.Record, err error) {
					switch {
					case errors.Is(err, ledger.ErrLeft):
						fmt.Fprintf(out, "%v\n", err)
					case err != nil:
						fmt.Fprintf(out, "cannot remove %s %s: %v\n", r.Class, called(r), err)
					default:
						n++
						fmt.Fprintf(out, "removed %s %s\n", r.Class, called(r))
					}
				})
				images, e := sweep(cmd, kit, forgotten, false)
				n += images
				err = errors.Join(err, e)
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
	cmd.Flags().BoolVar(&forgotten, "forgotten", false, "also remove images in the home that the catalog does not know")
	return cmd
}

// sweep lists the images that nobody knows, and removes them if it is asked to. It
// returns how many were removed, or with dryRun would be.
func sweep(cmd *cobra.Command, kit build.Kit, forgotten, dryRun bool) (n int, err error) {
	out := cmd.OutOrStdout()
	dirs, err := kit.Sweep(cmd.Context(), dryRun || !forgotten)
	for _, dir := range dirs {
		switch {
		case !forgotten:
			fmt.Fprintf(out, "the catalog does not know the image in %s: it stays; proofmark gc --forgotten removes it\n", dir)
		case dryRun:
			n++
			fmt.Fprintf(out, "would remove image %s, which is in no catalog\n", dir)
		default:
			n++
			fmt.Fprintf(out, "removed image %s, which is in no catalog\n", dir)
		}
	}
	return n, warnStrange(cmd, err)
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

// called is the name of a resource for people: of a file in a place of theirs its path.
func called(r ledger.Record) string {
	if path := r.Where["path"]; path != "" && strings.HasSuffix(r.ID, ":"+path) {
		return path
	}
	return r.ID
}

func expiry(r ledger.Record) string {
	if r.Expires.IsZero() {
		return ""
	}
	return ", kept until " + r.Expires.Local().Format(time.DateTime)
}
