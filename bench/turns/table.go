package main

import (
	"fmt"
	"io"
	"slices"
)

// side is one command and what its runs cost.
type side struct {
	name, line string
	costs      []cost
}

type table struct {
	sides []*side
	parts []*side // printed, and compared with nothing
}

// withRest puts what the first command does beside the second in their place.
func (t *table) withRest(name string) {
	whole, part := t.sides[0], t.sides[1]
	rest := &side{name: name}
	for i, c := range whole.costs {
		rest.costs = append(rest.costs, cost{wall: c.wall - part.costs[i].wall, cpu: c.cpu - part.costs[i].cpu, memory: c.memory})
	}
	t.parts, t.sides = t.sides[:2], append([]*side{rest}, t.sides[2:]...)
}

func wall(c cost) float64      { return c.wall }
func cpu(c cost) float64       { return c.cpu }
func memory(c cost) float64    { return c.memory }
func toCapture(c cost) float64 { return c.toCapture }
func proven(c cost) float64    { return c.wall - c.gates }

// print writes a line for each command, and one for each ratio.
func (t table) print(w io.Writer) {
	first := t.sides[0]
	for _, s := range slices.Concat(t.parts, t.sides) {
		fmt.Fprintf(w, "  %-34s %8.3f s  %8.3f CPU s  %5.0f MiB   (median of %d)\n", s.name,
			s.median(wall), s.median(cpu), s.median(memory), len(s.costs))
		if s.median(toCapture) > 0 {
			fmt.Fprintf(w, "    %-32s %8.3f s\n", "without gates", s.median(proven))
			fmt.Fprintf(w, "    %-32s %8.3f s\n", "up to the capture, without gates", s.median(toCapture))
		}
	}
	for _, s := range t.sides[1:] {
		fmt.Fprintf(w, "  %s / %s: wall %.2f, CPU %.2f", first.name, s.name, ratio(first, s, wall, wall), ratio(first, s, cpu, cpu))
		if first.median(toCapture) > 0 {
			fmt.Fprintf(w, "; without gates: wall %.2f", ratio(first, s, proven, wall))
		}
		fmt.Fprintln(w)
	}
}

func (s *side) median(f func(cost) float64) float64 {
	var v []float64
	for _, c := range s.costs {
		v = append(v, f(c))
	}
	return middle(v)
}

// ratio is the median over the rounds.
func ratio(a, b *side, fa, fb func(cost) float64) float64 {
	var v []float64
	for i := range a.costs {
		v = append(v, fa(a.costs[i])/fb(b.costs[i]))
	}
	return middle(v)
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
