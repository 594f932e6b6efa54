package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/term"
)

// withCatalog runs f with the home's catalog.
func withCatalog(f func(*catalog.Catalog) error) (err error) {
	h, err := openHome()
	if err != nil {
		return err
	}
	c, err := catalog.Open(h.path("catalog.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return f(c)
}

func newImages() *cobra.Command {
	return group(&cobra.Command{Use: "images", Short: "List, show, compare and remove images"},
		newImagesList(), newImagesShow(), newImagesDiff(), newImagesRm())
}

func newImagesList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list [NAME]", Short: "List images, newest first", Args: takes(0, 1, ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withCatalog(func(c *catalog.Catalog) error {
				versions, err := c.List(cmd.Context(), strings.Join(args, ""))
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd, append([]catalog.Version{}, versions...))
				}
				w := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "IMAGE\tSTATUS\tAGE\tSIZE\tFORMAT\tPARENT\tDIGEST")
				for _, v := range versions {
					fmt.Fprintf(w, "%s:%d\t%s\t%s\t%s\t%s\t%s\t%s\n", v.Name, v.Version, v.Status, term.Age(time.Since(v.Created)),
						build.Size(v.Image.Size), v.Image.Format, parentName(v.Parent), short(string(v.Image.Digest)))
				}
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func parentName(p *catalog.Ref) string {
	if p == nil {
		return "-"
	}
	return fmt.Sprintf("%s:%d", p.Name, p.Version)
}

// short is the beginning of a digest that still names an image.
func short(digest string) string {
	d := strings.TrimPrefix(digest, "sha256:")
	return d[:min(12, len(d))]
}

func printJSON(cmd *cobra.Command, v any) error {
	e := json.NewEncoder(cmd.OutOrStdout())
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func newImagesShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show IMAGE", Short: "Show everything that is known of an image", Args: takes(1, 1, "which image"),
		Long: "Show everything that is known of an image. IMAGE is a name (its newest version), name:version, or the beginning of a digest.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return withCatalog(func(c *catalog.Catalog) error {
				v, err := c.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd, v)
				}
				return term.ShowVersion(cmd.OutOrStdout(), v)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func newImagesDiff() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "diff FROM TO", Short: "Tell what changed from one image to another", Args: takes(2, 2, "which two images"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withCatalog(func(c *catalog.Catalog) error {
				from, err := c.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				to, err := c.Get(cmd.Context(), args[1])
				if err != nil {
					return err
				}
				d := catalog.Diff(from, to)
				if asJSON {
					return printJSON(cmd, d)
				}
				return term.ShowDiff(cmd.OutOrStdout(), d)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func newImagesRm() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Annotations: map[string]string{cleansUp: "true"},
		Use:         "rm IMAGE...", Short: "Remove images: the catalog entry, then the files", Args: takes(1, -1, "which images"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := enterFor(cmd.Context(), ofMachines(args)); err != nil {
				return err
			}
			return withKit(cmd, settings{}, func(_ home, kit build.Kit) error {
				for _, name := range args {
					v, err := kit.Remove(cmd.Context(), name, force)
					if err != nil {
						return err
					}
					fmt.Fprintf(cmd.OutOrStdout(), "removed %s:%d\n", v.Name, v.Version)
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "also when other images have it as their parent")
	return cmd
}
