// Command turns runs two commands in turn, A B A B …, and prints the median wall and
// CPU seconds of each and the median of the ratios pair by pair. Each command is a
// shell line; "{n}" in it is the number of the run, so that a run can differ from
// the one before. A line --before is run, not counted, before each command.
//
//	turns -n 5 -before 'sync' 'A {n}' 'B {n}'
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cost of one finished command, its children included.
type cost struct{ wall, cpu, memory float64 } // seconds, seconds, MiB of the largest process

func main() {
	n := flag.Int("n", 5, "pairs")
	first := flag.Int("first", 1, "number of the first run")
	before := flag.String("before", "", "shell line to run before each command")
	flag.Parse()
	if flag.NArg() == 0 || flag.NArg() > 2 {
		fmt.Fprintln(os.Stderr, "usage: turns [-n PAIRS] [-before LINE] A [B]")
		os.Exit(2)
	}
	costs := make([][]cost, flag.NArg())
	for i := range *n {
		for side, line := range flag.Args() {
			if *before != "" {
				if _, err := run(*before, *first+i); err != nil {
					fail(*before, err)
				}
			}
			c, err := run(line, *first+i)
			if err != nil {
				fail(line, err)
			}
			costs[side] = append(costs[side], c)
		}
	}
	for side, cs := range costs {
		fmt.Printf("  %c  wall %7.3f s  cpu %7.3f s  memory %5.0f MiB   (median of %d)\n", 'A'+side,
			median(cs, func(c cost) float64 { return c.wall }), median(cs, func(c cost) float64 { return c.cpu }),
			median(cs, func(c cost) float64 { return c.memory }), len(cs))
	}
	if len(costs) == 2 {
		fmt.Printf("  A/B wall %.2f  cpu %.2f\n", ratio(costs, func(c cost) float64 { return c.wall }), ratio(costs, func(c cost) float64 { return c.cpu }))
	}
}

func run(line string, n int) (cost, error) {
	cmd := exec.Command("sh", "-c", strings.ReplaceAll(line, "{n}", strconv.Itoa(n)))
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began).Seconds()
	if err != nil {
		return cost{}, fmt.Errorf("%w\n%s", err, out.String())
	}
	use := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return cost{wall, cpu.Seconds(), float64(use.Maxrss) / 1024}, nil
}

func median(cs []cost, f func(cost) float64) float64 {
	v := make([]float64, len(cs))
	for i, c := range cs {
		v[i] = f(c)
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func ratio(costs [][]cost, f func(cost) float64) float64 {
	v := make([]float64, len(costs[0]))
	for i := range v {
		v[i] = f(costs[0][i]) / f(costs[1][i])
	}
	slices.Sort(v)
	return v[len(v)/2]
}

func fail(line string, err error) {
	fmt.Fprintf(os.Stderr, "turns: %s: %v\n", line, err)
	os.Exit(1)
}
