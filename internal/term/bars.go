package term

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// redraw is the least time between two pictures of a bar.
const redraw = 100 * time.Millisecond

// bars are the lines at the bottom of a terminal that show work in progress. They
// are erased before other lines are written, and drawn again below those.
type bars struct {
	list  []bar
	lines int // that are on the terminal
	drawn time.Time
}

type bar struct {
	build, name string
	color       color
	done, total int64
}

// update takes a progress event and tells whether it is time to draw.
func (b *bars) update(e build.Event, c color) bool {
	i := slices.IndexFunc(b.list, func(x bar) bool { return x.build == e.Build && x.name == e.Name })
	last := isLast(e)
	switch {
	case last && i < 0:
		return false
	case last:
		b.list = slices.Delete(b.list, i, i+1)
	case i < 0:
		b.list = append(b.list, bar{e.Build, e.Name, c, e.Done, e.Total})
	default:
		b.list[i].done, b.list[i].total = e.Done, e.Total
	}
	if since := e.Time.Sub(b.drawn); !last && since >= 0 && since < redraw {
		return false
	}
	b.drawn = e.Time
	return true
}

// drop forgets the bars of a build, or all for "".
func (b *bars) drop(build string) {
	b.list = slices.DeleteFunc(b.list, func(x bar) bool { return build == "" || x.build == build })
}

// erase returns what takes the bars off the terminal.
func (b *bars) erase() []byte {
	if b.lines == 0 {
		return nil
	}
	return fmt.Appendf(nil, "\x1b[%dA\r\x1b[J", b.lines)
}

// draw appends the bars to what goes to the terminal.
func (b *bars) draw(text []byte, width int, colors bool) []byte {
	// More bars than the terminal has lines could not be erased.
	const most = 8
	shown := b.list[:min(len(b.list), most)]
	b.lines = len(shown)
	for _, x := range shown {
		l := x.line(width - 1) // a full line would make some terminals wrap
		if colors && x.color != 0 {
			l = paint{color: x.color}.start() + l + reset
		}
		text = append(text, l+"\n"...)
	}
	return text
}

// line draws one bar in at most width columns.
func (x bar) line(width int) string {
	label := "    " + x.name
	if x.build != "" {
		label = "    " + x.build + ": " + x.name
	}
	label = clean(strings.ReplaceAll(label, "\n", " "), false)
	const room = 30
	if r := []rune(label); len(r) > max(width/2, 10) {
		label = string(r[:max(width/2, 10)-1]) + "…"
	}
	var s string
	if x.total <= 0 {
		s = fmt.Sprintf("%s  %s", label, amount(x.done))
	} else {
		part := min(float64(x.done)/float64(x.total), 1)
		full := int(part * room)
		s = fmt.Sprintf("%s  [%s%s] %3.0f%%  %s of %s", label,
			strings.Repeat("=", full), strings.Repeat(" ", room-full), 100*part, amount(x.done), amount(x.total))
		if len([]rune(s)) > width {
			s = fmt.Sprintf("%s  %3.0f%%", label, 100*part)
		}
	}
	if r := []rune(s); len(r) > width {
		s = string(r[:max(width, 0)])
	}
	return s
}

// amount writes a number of bytes or other units.
func amount(n int64) string {
	f, unit := float64(n), ""
	for _, u := range []string{"k", "M", "G", "T"} {
		if f < 1000 {
			break
		}
		f, unit = f/1000, " "+u
	}
	if unit == "" {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%.1f%s", f, unit)
}
