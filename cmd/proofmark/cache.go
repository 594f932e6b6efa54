package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/term"
)

// withKit runs f with everything of the home open.
func withKit(cmd *cobra.Command, s settings, f func(home, build.Kit) error) (err error) {
	h, err := openHome()
	if err != nil {
		return err
	}
	s.warn = func(format string, a ...any) { fmt.Fprintf(cmd.ErrOrStderr(), "Warning: "+format+"\n", a...) }
	kit, closeKit, err := h.openKit(s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeKit()) }()
	return f(h, kit)
}

func newCache() *cobra.Command {
	return group(&cobra.Command{Use: "cache", Short: "List, explain and prune layers"},
		newCacheList(), newCacheExplain(), newCachePrune())
}

func newCacheList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List layers, oldest first", Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKit(cmd, settings{}, func(_ home, kit build.Kit) error {
				entries, err := kit.Cache.List()
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd, append([]cache.Entry{}, entries...))
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "LAYER\tBUILD\tSTEP\tAGE\tUSED\tTOOK\tSIZE")
				var sum int64
				for _, e := range entries {
					sum += e.Size
					fmt.Fprintf(w, "%s\t%s\t%d %s\t%s\t%s\t%s\t%s%s\n", short(string(e.Key)), e.Build, e.Index, e.Step,
						term.Age(time.Since(e.Created)), term.Age(time.Since(e.Used)), build.Took(e.Took), build.Size(e.Size), standing(kit.Cache, e))
				}
				if err := w.Flush(); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d layers, %s\n", len(entries), build.Size(sum))
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// standing says why no build will use a layer; "" when one may.
func standing(s *cache.Store, e cache.Entry) string {
	switch {
	case e.Retired:
		return "  retired: the next prune removes it"
	case s.Stale(e.Since):
		return "  over the age limit"
	}
	return ""
}

func newCacheExplain() *cobra.Command {
	var tf templateFlags
	var age maxAge
	cmd := &cobra.Command{
		Use: "explain [flags] TEMPLATE|DIR", Short: "Tell which steps would run again, and which input changed", Args: takes(1, 1, "which template"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withKit(cmd, settings{maxAge: age}, func(_ home, kit build.Kit) error {
				t, err := tf.load(cmd.Context(), args[0], kit)
				if err != nil {
					return err
				}
				plan, err := build.NewPlan(t, kit, build.Options{})
				if err != nil {
					return err
				}
				steps, err := plan.Explain(cmd.Context())
				if err != nil {
					return err
				}
				return term.ShowExplanation(cmd.OutOrStdout(), steps)
			})
		},
	}
	tf.register(cmd)
	age.register(cmd.Flags())
	return cmd
}

func newCachePrune() *cobra.Command {
	var plan cache.PrunePlan
	var budget int64
	var age maxAge
	var keepLogs time.Duration
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "prune", Short: "Remove layers that are too old, or that you name, and old logs", Args: takes(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !plan.DryRun {
				if err := enterFor(cmd.Context(), hasLayers); err != nil {
					return err
				}
			}
			return withKit(cmd, settings{writes: !plan.DryRun, maxAge: age}, func(h home, kit build.Kit) error {
				plan.Budget = budget << 20
				if plan.Build != "" && plan.Unused == 0 && budget == 0 {
					plan.All = true // of that build
				}
				pruned, err := kit.Cache.Prune(cmd.Context(), plan, layerDiscarder(h))
				var sum int64
				for _, e := range pruned {
					sum += e.Size
					fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %d %s\n", short(string(e.Key)), e.Build, e.Index, e.Step)
				}
				verb := "removed"
				if plan.DryRun {
					verb = "would remove"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s %d layers, %s\n", verb, len(pruned), build.Size(sum))
				logs, e := kit.PruneLogs(cmd.Context(), keepLogs, plan.DryRun)
				if len(logs) > 0 {
					fmt.Fprintf(cmd.OutOrStdout(), "%s %d logs and reports\n", verb, len(logs))
				}
				return errors.Join(err, warnStrange(cmd, e))
			})
		},
	}
	fl := cmd.Flags()
	age.register(fl)
	fl.BoolVar(&plan.All, "all", false, "all layers that no running build stands on")
	fl.StringVar(&plan.Build, "build", "", "only layers of this build; all of them when nothing else is said")
	fl.DurationVar(&plan.Unused, "unused", 0, "layers that were not used for this long, e.g. 48h")
	fl.Int64Var(&budget, "budget", 0, "MiB that may stay: the least recently used go first")
	fl.DurationVar(&keepLogs, "keep-logs", build.KeepLogs, "how long logs and reports stay that no image refers to; 0: for ever")
	fl.BoolVar(&plan.DryRun, "dry-run", false, "only say what would be removed")
	return cmd
}

// discardStale removes layers that were replaced or have lost their parent, and those
// over the age limit that nobody wanted to last longer, and for want of room the least
// recently used. It returns what it removed, or with dryRun would remove.
func discardStale(ctx context.Context, kit build.Kit, h home, dryRun bool) ([]cache.Entry, error) {
	plan := cache.PrunePlan{Implicit: true, DryRun: dryRun}
	if err := budget(&plan, kit, h); err != nil {
		return nil, err
	}
	return kit.Cache.Prune(context.WithoutCancel(ctx), plan, layerDiscarder(h))
}
