package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/sync/errgroup"

	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// maxConsole is how much of a console the report keeps.
const maxConsole = 64 << 10

// ReportBoot is one boot of the captured image.
type ReportBoot struct {
	Name     string        `json:"name"` // "first", "second"
	Firmware string        `json:"firmware,omitempty"`
	Took     time.Duration `json:"took"`              // until it was up, or was given up
	BootID   string        `json:"boot_id,omitempty"` // as the kernel gives each boot
	Error    string        `json:"error,omitempty"`
	Console  string        `json:"console,omitempty"` // the end of what it wrote to its serial console
	Screen   []byte        `json:"screen,omitempty"`  // a picture of its screen, PNG
}

// twin is one of the two machines that a disk is booted as.
type twin struct {
	name     string
	own      bool // whether the image's own checks are asked of it
	m        machine.Machine
	identity verify.Identity
	sealed   []verify.Result
	results  []verify.Result
	census   verify.Census
	evidence machine.Evidence
	began    time.Time
	took     time.Duration
	err      error
}

// bootTwice is gate 2 of a disk: it boots the captured bytes as two machines, at the
// same time, asks all checks of the first and the built-in ones of the second, and
// compares what must be each one's own.
func (r *runner) bootTwice(ctx context.Context, b machine.DiskBooter, img image.Image) (err error) {
	first, second := &twin{name: "first", own: true}, &twin{name: "second"}
	defer func() {
		r.report.Boots = []ReportBoot{r.bootOf(first), r.bootOf(second)}
		if second.m != nil {
			r.closeMachine(ctx, second.m)
		}
		if first.m != nil {
			r.release(ctx, first.m, err)
		}
	}()
	// Made one after the other: what is found out of the host for the first serves both.
	for _, t := range []*twin{first, second} {
		t.began = time.Now()
		if t.m, err = b.BootDisk(ctx, img, r.env()); err != nil {
			return r.notStarted(ctx, 2, t.end(err))
		}
	}
	group, both := errgroup.WithContext(ctx)
	for _, t := range []*twin{first, second} {
		group.Go(func() error {
			t.began = time.Now()
			err := r.bootTwin(both, t)
			if cause := context.Cause(both); err != nil && cause != nil && ctx.Err() == nil && errors.Is(err, cause) {
				err = errEnded // its evidence is its own, not the other's
			}
			return t.end(err)
		})
	}
	if err := group.Wait(); err != nil { // the first to fail ends the other
		for _, t := range []*twin{first, second} {
			if end := lastLines(t.evidence.Console, 20); t.err != nil && end != "" {
				r.log.Message("the end of the console of the %s machine:\n%s", t.name, end)
			}
		}
		return r.notStarted(ctx, 2, err)
	}
	for i := range second.results {
		second.results[i].Subject = "Second machine: " + second.results[i].Subject
	}
	results := slices.Concat(first.sealed, first.results, second.results, verify.Twins(&first.identity, &second.identity))
	return r.settle(2, results, first.census)
}

// end notes how a machine fared.
func (t *twin) end(err error) error {
	if failed := (*machine.BootError)(nil); errors.As(err, &failed) {
		t.evidence = failed.Evidence
	}
	t.took = cmp.Or(t.evidence.Took, time.Since(t.began))
	if err != nil {
		t.err = fmt.Errorf("%s machine: %w", t.name, err)
	}
	return t.err
}

// bootTwin boots one machine, and asks it.
func (r *runner) bootTwin(ctx context.Context, t *twin) (err error) {
	defer func() {
		if w, ok := t.m.(machine.Witness); ok {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupLimit)
			defer cancel()
			t.evidence = w.Evidence(ctx)
		}
	}()
	if t.own { // the bytes are the same for both
		if t.sealed, err = r.sealed(ctx, t.m); err != nil {
			return err
		}
	}
	s, err := r.session(ctx, t.m)
	if err != nil {
		return err
	}
	own, err := r.lateSpecs(t.m)
	if err != nil {
		return err
	}
	specs := []verify.Spec{verify.Sanity(s.booted, verify.SanityOf(own))}
	if t.own {
		specs = append(append(specs, own...), &t.census)
	}
	t.results, err = s.Run(ctx, append(specs, &t.identity))
	return err
}

// errEnded is why a machine that did nothing wrong is not asked.
var errEnded = errors.New("it was ended, since the other machine of the image did not come up")

// lastLines are the last n lines of a console, as text that a terminal takes for no
// more than that.
func lastLines(console []byte, n int) string {
	text := strings.Map(func(c rune) rune {
		if c != '\n' && c != '\t' && !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, strings.TrimSpace(string(console)))
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// bootOf is what the report tells of a boot.
func (r *runner) bootOf(t *twin) ReportBoot {
	e := t.evidence
	if over := len(e.Console) - maxConsole; over > 0 {
		e.Console = e.Console[over:]
	}
	return ReportBoot{Name: t.name, Firmware: e.Firmware, Took: t.took, BootID: t.identity.BootID(), Error: r.masked(t.err),
		Console: r.log.mask.Replace(strings.ToValidUTF8(string(e.Console), "\uFFFD")), Screen: e.Screen}
}
