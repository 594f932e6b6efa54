package term

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/catalog"
)

// changesShown bounds how many changes of a kind the summary names.
const changesShown = 8

// WriteSummary writes what a person wants to know at the end of a run: what was
// built from what, each step's time and where it came from, every check, what
// changed, where image and report lie, and which commands to try next. program is
// how the user called Proofmark.
func WriteSummary(w io.Writer, program string, reports []build.Report) {
	for _, r := range reports {
		fmt.Fprintf(w, "\n%s  %s", refOf(r), r.Outcome)
		if r.Status != "" && string(r.Status) != r.Outcome {
			fmt.Fprintf(w, ", %s", r.Status)
		}
		fmt.Fprintf(w, "  (%s, %s)\n", r.Build, build.Took(r.Took))
		if r.Error != "" {
			fmt.Fprintf(w, "  error    %s\n", strings.ReplaceAll(r.Error, "\n", "\n           "))
		}
		if r.Parent != nil {
			fmt.Fprintf(w, "  from     %s:%d\n", r.Parent.Name, r.Parent.Version)
		}
		if r.Content.OS != "" {
			fmt.Fprintf(w, "  holds    %s, %d packages\n", r.Content.OS, len(r.Content.Packages))
		}
		if r.Outcome == build.Unchanged {
			fmt.Fprintf(w, "  nothing changed: %d steps and %d checks stand as they were\n", len(r.Steps), len(r.Checks))
		} else {
			writeSteps(w, r)
			writeChecks(w, r)
			writeChanges(w, r)
		}
		writeArtifacts(w, r)
		if r.Image != "" && r.Version > 0 {
			fmt.Fprintf(w, "  image    %s (%s, %s)\n", r.Image, r.ImageFormat, build.Size(r.OwnSize()))
			for _, d := range r.Disks {
				fmt.Fprintf(w, "  disk     %s (%s, %s)\n", d.Path, d.Format, build.Size(d.Size))
			}
		}
		if len(r.Files) > 0 && r.Files[0] != "" { // the HTML one, where it could be written
			fmt.Fprintf(w, "  report   %s\n", r.Files[0])
		}
		if r.Log != "" {
			fmt.Fprintf(w, "  log      %s\n", r.Log)
		}
	}
	writeNext(w, program, reports)
}

func refOf(r build.Report) string {
	if r.Version == 0 {
		return r.Name
	}
	return fmt.Sprintf("%s:%d", r.Name, r.Version)
}

// writeSteps writes the table of steps and one line about what was reused.
func writeSteps(w io.Writer, r build.Report) {
	if len(r.Steps) == 0 {
		return
	}
	reused, total := 0, 0
	var oldest time.Duration
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, s := range r.Steps {
		head := ""
		if i == 0 {
			head = "steps"
		}
		if s.Kind == "base" || s.Kind == "provisioner" {
			total++
		}
		if s.Cached {
			reused++
			oldest = max(oldest, s.Age)
			fmt.Fprintf(t, "  %-7s\t%s\t-\tfrom a layer, %s old, took %s\n", head, s.Name, Age(s.Age), build.Took(s.Cost))
			continue
		}
		failed := ""
		if s.Error != "" {
			failed = "failed"
		}
		fmt.Fprintf(t, "  %-7s\t%s\t%s\t%s\n", head, s.Name, build.Took(s.Took), failed)
	}
	_ = t.Flush()
	if reused > 0 {
		fmt.Fprintf(w, "           %d of %d steps from layers, oldest %s\n", reused, total, Age(oldest))
	}
}

// writeChecks writes every check, those of both gates on one line where they agree,
// and the many of the seal on one line where all hold.
func writeChecks(w io.Writer, r build.Report) {
	type key struct{ subject, description, pos string }
	type row struct {
		gates []string
		worst catalog.Check
	}
	var order []key
	rows := map[key]*row{}
	sealed := 0
	for _, c := range r.Checks {
		if c.Source == "seal" && c.Verdict == "pass" {
			sealed++
			continue
		}
		k := key{c.Subject, c.Description, c.Pos}
		if rows[k] == nil {
			rows[k] = &row{worst: c}
			order = append(order, k)
		}
		if gate := fmt.Sprint(c.Gate); !slices.Contains(rows[k].gates, gate) {
			rows[k].gates = append(rows[k].gates, gate)
		}
		if c.Verdict != "pass" {
			rows[k].worst = c
		}
	}
	head := "checks"
	for _, k := range order {
		c := rows[k].worst
		fmt.Fprintf(w, "  %-7s  %s %s %s%s  (gate %s)\n", head, mark(c.Verdict), k.subject, k.description, outcome(c), strings.Join(rows[k].gates, "+"))
		head = ""
	}
	if sealed > 0 {
		fmt.Fprintf(w, "  %-7s  ✓ Image is sealed: none of %d kinds of residue is in it  (gate 2)\n", head, sealed)
	}
}

// writeChanges writes what changed against the previous version, in short.
func writeChanges(w io.Writer, r build.Report) {
	if r.Changes == nil {
		return
	}
	fmt.Fprintf(w, "  changed  against %s:%d: size %s -> %s\n", r.Changes.From.Name, r.Changes.From.Version, build.Size(r.Changes.SizeOld), build.Size(r.Changes.SizeNew))
	for _, s := range r.Changes.Sections() {
		var names []string
		for _, c := range s.Changes[:min(changesShown, len(s.Changes))] {
			sign := "~"
			if c.Old == "" {
				sign = "+"
			} else if c.New == "" {
				sign = "-"
			}
			names = append(names, sign+c.Name)
		}
		if n := len(s.Changes) - changesShown; n > 0 {
			names = append(names, fmt.Sprintf("and %d more", n))
		}
		fmt.Fprintf(w, "           %s: %s\n", s.Title, strings.Join(names, ", "))
	}
}

// writeArtifacts writes what post-processors made.
func writeArtifacts(w io.Writer, r build.Report) {
	head := "made"
	var said []string
	for _, a := range r.Artifacts {
		if a.Text == r.Image || slices.Contains(said, a.Text) {
			continue
		}
		said = append(said, a.Text)
		fmt.Fprintf(w, "  %-7s  %s\n", head, a.Text)
		head = ""
	}
}

// writeNext names commands to try next, which work with what was built.
func writeNext(w io.Writer, program string, reports []build.Report) {
	for i := len(reports) - 1; i >= 0; i-- {
		r := reports[i]
		if r.Version == 0 {
			continue
		}
		fmt.Fprintf(w, "\nTry next:\n  %[1]s images show %[2]s\n  %[1]s shell -only=%[3]s %[4]s\n  %[1]s cache explain %[4]s\n", program, refOf(r), r.Build, r.Template)
		return
	}
}
