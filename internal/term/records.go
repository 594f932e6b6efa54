package term

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// Age renders how old something is.
func Age(d time.Duration) string { return build.Took(max(d, 0).Round(time.Second)) }

// ShowVersion writes all that the catalog knows of an image.
func ShowVersion(w io.Writer, v catalog.Version) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, a ...any) { fmt.Fprintf(t, "%s\t%s\n", name, fmt.Sprintf(format, a...)) }
	row("image", "%s:%d", v.Name, v.Version)
	row("status", "%s", v.Status)
	row("created", "%s, %s ago", v.Created.Local().Format(time.DateTime), Age(time.Since(v.Created)))
	row("location", "%s", v.Image.ID)
	row("format", "%s, %s", v.Image.Format, build.Size(image.WithoutDisks(v.Image.Size, v.Image.Disks)))
	row("digest", "%s", v.Image.Digest)
	for _, d := range v.Image.Disks {
		row("disk", "%s (%s, %s; %s to a machine; boots on %s)", d.Path, d.Format, build.Size(d.Size), build.Size(d.Room), strings.Join(d.Boot, ", "))
		row("", "%s", d.Digest)
	}
	if v.Parent != nil {
		row("parent", "%s:%d %s", v.Parent.Name, v.Parent.Version, v.Parent.Digest)
	}
	row("holds", "%s, %s, %d packages", v.Content.OS, v.Content.Arch, len(v.Content.Packages))
	row("template", "%s (%s), build %s", v.Template, v.TemplateDigest, v.Build)
	if v.Commit != "" {
		row("commit", "%s", v.Commit)
	}
	for _, k := range slices.Sorted(maps.Keys(v.Labels)) {
		row("label", "%s = %s", k, v.Labels[k])
	}
	for _, x := range v.Variables {
		if x.Sensitive {
			row("variable", "%s = sensitive, %s", x.Name, x.Value)
		} else {
			row("variable", "%s = %s", x.Name, x.Value)
		}
	}
	row("built by", "Proofmark %s, run %s", v.Tool, v.Run)
	row("log", "%s", v.Log)
	row("report", "%s", v.Report)
	if err := t.Flush(); err != nil {
		return err
	}

	fmt.Fprintln(w, "\nsteps")
	for i, s := range v.Steps {
		from := ""
		if s.Cached {
			from = ", from a layer of " + s.Made.Local().Format(time.DateTime)
		}
		fmt.Fprintf(t, "  %d\t%s\t%s%s\n", i, s.Name, build.Took(s.Took), from)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nchecks")
	for _, c := range v.Checks {
		fmt.Fprintf(w, "  %s gate %d: %s %s%s\n", mark(c.Verdict), c.Gate, c.Subject, c.Description, outcome(c))
	}
	fmt.Fprintln(w, "\npackages")
	for _, p := range v.Content.Packages {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", p.Name, p.Version, p.Arch)
	}
	return t.Flush()
}

// mark is the sign before a check.
func mark(verdict string) string {
	switch verdict {
	case "pass":
		return "✓"
	case "skipped":
		return "-"
	case "fail":
		return "✗"
	}
	return "?"
}

// outcome tells more of a check that does not hold.
func outcome(c catalog.Check) string {
	text := ""
	switch c.Verdict {
	case "pass":
		return ""
	case "fail":
		text = fmt.Sprintf(": wanted %s, found %s", c.Wanted, c.Found)
	default:
		text = fmt.Sprintf(": %s: %s", c.Verdict, c.Reason)
	}
	if c.Pos != "" { // the built-in checks have none
		text += " (" + c.Pos + ")"
	}
	return text
}

// ShowDiff writes what changed from one image to another.
func ShowDiff(w io.Writer, d catalog.Difference) error {
	fmt.Fprintf(w, "%s:%d -> %s:%d, size %s -> %s\n", d.From.Name, d.From.Version, d.To.Name, d.To.Version, build.Size(d.SizeOld), build.Size(d.SizeNew))
	sections := d.Sections()
	if len(sections) == 0 {
		fmt.Fprintln(w, "nothing else that the catalog records changed")
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range sections {
		fmt.Fprintf(t, "%s\n", s.Title)
		for _, c := range s.Changes {
			switch {
			case c.Old == "":
				fmt.Fprintf(t, "  +\t%s\t%s\n", c.Name, c.New)
			case c.New == "":
				fmt.Fprintf(t, "  -\t%s\t%s\n", c.Name, c.Old)
			default:
				fmt.Fprintf(t, "  ~\t%s\t%s -> %s\n", c.Name, brief(c.Old), brief(c.New))
			}
		}
	}
	return t.Flush()
}

// brief shortens digests.
func brief(s string) string {
	if len(s) == 64 && strings.Trim(s, "0123456789abcdef") == "" {
		return s[:12]
	}
	return s
}

// ShowExplanation writes which steps would run again, and why.
func ShowExplanation(w io.Writer, steps []build.Explanation) error {
	last := ""
	for _, s := range steps {
		if s.Build != last {
			fmt.Fprintf(w, "%s\n", s.Build)
			last = s.Build
		}
		switch {
		case s.Image && s.Why == "":
			fmt.Fprintf(w, "  image: stands as %s\n", s.Version)
		case s.Image && s.Version == "":
			fmt.Fprintf(w, "  image: built, %s\n", s.Why)
		case s.Image:
			fmt.Fprintf(w, "  image: %s does not stand for it: %s\n", s.Version, s.Why)
		case s.Entry != nil:
			fmt.Fprintf(w, "  %d %s: from a layer, %s old\n", s.Step, s.Name, Age(time.Since(s.Entry.Created)))
		case s.Always:
			fmt.Fprintf(w, "  %d %s: runs always\n", s.Step, s.Name)
		case !s.Known:
			fmt.Fprintf(w, "  %d %s: runs, there is no layer of it\n", s.Step, s.Name)
		case s.OverAge != "":
			fmt.Fprintf(w, "  %d %s: runs, because its layer %s\n", s.Step, s.Name, s.OverAge)
		case len(s.Changes) == 0:
			fmt.Fprintf(w, "  %d %s: runs, because a step before it does, or its layer is gone\n", s.Step, s.Name)
		default:
			fmt.Fprintf(w, "  %d %s: runs, because its inputs changed\n", s.Step, s.Name)
			for _, c := range s.Changes {
				fmt.Fprintf(w, "      %s: %s -> %s\n", c.Name, orNone(c.Old), orNone(c.New))
			}
		}
	}
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return brief(s)
}
