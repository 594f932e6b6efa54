// Command turns runs commands in turn, A B C A B C …, and prints the median wall and
// CPU seconds of each and the median of the ratios of the first to the others, round
// by round. Each command is given as "name: shell line"; "{n}" in it is the number of
// the round, so that a round can differ from the one before. The line -before is run
// before each command and does not count.
//
// With -reports the first command is a build that leaves a report in that directory:
// its time is shown without the gates as well, and up to the capture. With -save the
// medians of the last command go to that file, and -beside compares the first command with
// what is in one, for commands that take minutes and are not to run again. With -rest the
// second command is a part of the first: what is left of each round without it is compared
// with the others, under that name.
//
//	turns -n 5 -before sync 'one: A {n}' 'other: B {n}'
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	n := flag.Int("n", 5, "rounds")
	first := flag.Int("first", 1, "number of the first round")
	before := flag.String("before", "", "shell line to run before each command")
	reports := flag.String("reports", "", "directory of the first command's reports")
	save := flag.String("save", "", "file for the medians of the last command")
	beside := flag.String("beside", "", "file of medians to compare the first command with")
	rest := flag.String("rest", "", "name of what the first command does beside the second, which is compared with the others")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: turns [-n ROUNDS] [-first N] [-before LINE] [-reports DIR] [-save FILE] [-beside FILE] 'NAME: LINE'...")
		os.Exit(2)
	}
	fail("begin", adopt())
	t := table{}
	for _, arg := range flag.Args() {
		name, line, _ := strings.Cut(arg, ": ")
		t.sides = append(t.sides, &side{name: name, line: line})
	}
	for i := range *n {
		for at, s := range t.sides {
			if *before != "" {
				_, err := run(*before, *first+i)
				fail(*before, err)
			}
			c, err := run(s.line, *first+i)
			fail(s.line, err)
			if at == 0 && *reports != "" {
				fail("read report", c.read(*reports))
			}
			s.costs = append(s.costs, c)
		}
	}
	if *rest != "" {
		t.withRest(*rest)
	}
	t.print(os.Stdout)
	if *beside != "" {
		fail("compare", t.sides[0].compare(os.Stdout, *beside))
	}
	if *save != "" {
		fail("save", t.sides[len(t.sides)-1].save(*save))
	}
}

func fail(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "turns: %s: %v\n", what, err)
		os.Exit(1)
	}
}
