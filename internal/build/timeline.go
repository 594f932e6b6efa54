package build

import (
	"math"
	"time"
)

// timeline is the picture of the steps: bars in a plot 1000 units wide.
type timeline struct {
	Bars   []bar
	Height int
	Ticks  []tick
}

type bar struct {
	ReportStep
	X, Width float64
	Y        int
	Class    string
	Note     string
}

type tick struct {
	X    float64
	Text string
}

const (
	plotLeft, plotWidth = 280.0, 580.0
	rowHeight           = 24
)

func newTimeline(r Report) timeline {
	total := time.Duration(1)
	for _, s := range r.Steps {
		if !s.Cached {
			total = max(total, s.Start+s.Took)
		}
	}
	t := timeline{Height: len(r.Steps)*rowHeight + 30}
	length := func(d time.Duration) float64 { return math.Round(plotWidth * float64(min(d, total)) / float64(total)) }
	for i, s := range r.Steps {
		b := bar{ReportStep: s, Y: 24 + i*rowHeight, X: plotLeft + length(s.Start), Width: max(2, length(s.Took)), Class: s.Kind, Note: Took(s.Took)}
		if s.Cached {
			b.Class, b.Width, b.Note = "cached", 4, "layer, "+Took(s.Age)+" old"
		}
		if s.Error != "" {
			b.Class = "bad"
		}
		t.Bars = append(t.Bars, b)
	}
	for i := range 5 {
		t.Ticks = append(t.Ticks, tick{X: plotLeft + plotWidth*float64(i)/4, Text: Took(total * time.Duration(i) / 4)})
	}
	return t
}
