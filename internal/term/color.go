package term

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

type color int

const (
	red     color = 31
	green   color = 32
	yellow  color = 33
	blue    color = 34
	magenta color = 35
	cyan    color = 36
)

// buildColors are given to builds in the order in which they begin.
var buildColors = [...]color{green, cyan, magenta, yellow, blue}

// paint is how a line looks; plain is without color.
type paint struct {
	color color
	bold  bool
}

var plain paint

const reset = "\x1b[0m"

func bold(c color) paint { return paint{c, true} }

func (p paint) start() string {
	weight := 0
	if p.bold {
		weight = 1
	}
	return fmt.Sprintf("\x1b[%d;%dm", weight, p.color)
}

// UseColor decides whether output is colored: the flag -color if it was given
// (nil when not), not if NO_COLOR or PACKER_NO_COLOR is set, else on a terminal.
func UseColor(flag *bool, terminal bool, getenv func(string) string) bool {
	switch {
	case flag != nil:
		return *flag
	case getenv("NO_COLOR") != "" || getenv("PACKER_NO_COLOR") != "" || getenv("TERM") == "dumb":
		return false
	}
	return terminal
}

// Width returns a function that tells the columns of w, or nil when w is no
// terminal that can be drawn on.
func Width(w io.Writer) func() int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil || columns <= 0 {
			return 80
		}
		return columns
	}
}
