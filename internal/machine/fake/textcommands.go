package fake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// textCommand returns a command that reads text; nil when there is none.
func textCommand(name string) Command {
	switch name {
	case "cat":
		return runCat
	case "tee":
		return runTee
	case "grep":
		return runGrep
	case "head", "tail":
		return runHead
	case "sort":
		return overLines(func(lines []string) []string { slices.Sort(lines); return lines })
	case "uniq":
		return overLines(slices.Compact[[]string])
	case "wc":
		return runWc
	case "tr":
		return runTr
	case "sha256sum":
		return runSum(sha256.New)
	case "md5sum":
		return runSum(md5.New)
	}
	return nil
}

// inputs opens the named files, or standard input where there are none.
func (p *Process) inputs(names []string, f func(name string, r io.Reader) error) int {
	if len(names) == 0 {
		names = []string{"-"}
	}
	exit := 0
	for _, name := range names {
		if name == "-" {
			exit = max(exit, p.fail(f("-", p.Stdin)))
			continue
		}
		r, err := p.Files.Open(p.Path(name), os.O_RDONLY, 0)
		if err == nil {
			err = errors.Join(f(name, r), r.Close())
		}
		exit = max(exit, p.fail(err))
	}
	return exit
}

func runCat(_ context.Context, p *Process) int {
	_, names := p.flags("")
	return p.inputs(names, func(_ string, r io.Reader) error {
		_, err := io.Copy(p.Stdout, r)
		return err
	})
}

func runTee(_ context.Context, p *Process) int {
	set, names := p.flags("")
	flag := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if has(set, 'a') {
		flag = os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	to := []io.Writer{p.Stdout}
	exit := 0
	for _, name := range names {
		w, err := p.Files.Open(p.Path(name), flag, 0o644)
		exit = max(exit, p.fail(err))
		if err == nil {
			defer w.Close()
			to = append(to, w)
		}
	}
	_, err := io.Copy(io.MultiWriter(to...), p.Stdin)
	return max(exit, p.fail(err))
}

func runGrep(_ context.Context, p *Process) int {
	set, names := p.flags("em")
	pattern, given := set['e']
	if !given && len(names) > 0 {
		pattern, names = names[0], names[1:]
	}
	if has(set, 'F') {
		pattern = regexp.QuoteMeta(pattern)
	}
	if has(set, 'x') {
		pattern = "^(?:" + pattern + ")$"
	}
	if has(set, 'i') {
		pattern = "(?i)" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return p.fail(err) + 1
	}
	found := 0
	exit := p.inputs(names, func(name string, r io.Reader) error {
		here := 0
		for s := bufio.NewScanner(r); s.Scan(); {
			if re.MatchString(s.Text()) == has(set, 'v') {
				continue
			}
			here++
			if !has(set, 'q') && !has(set, 'c') {
				if len(names) > 1 && !has(set, 'h') {
					fmt.Fprintf(p.Stdout, "%s:", name)
				}
				fmt.Fprintln(p.Stdout, s.Text())
			}
		}
		found += here
		return nil
	})
	if has(set, 'c') {
		fmt.Fprintln(p.Stdout, found)
	}
	switch {
	case exit != 0:
		return 2
	case found == 0:
		return 1
	}
	return 0
}

func runHead(_ context.Context, p *Process) int {
	set, names := p.flags("nc")
	n := 10
	if text, ok := set['n']; ok {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			return p.fail(err)
		}
	}
	return p.inputs(names, func(_ string, r io.Reader) error {
		lines, err := readLines(r)
		if cut := len(lines) - n; cut > 0 && path.Base(p.Args[0]) == "tail" {
			lines = lines[cut:]
		} else if cut > 0 {
			lines = lines[:n]
		}
		return errors.Join(err, p.print(lines))
	})
}

func readLines(r io.Reader) ([]string, error) {
	text, err := io.ReadAll(r)
	return slices.Collect(strings.Lines(string(text))), err
}

func (p *Process) print(lines []string) error {
	_, err := io.WriteString(p.Stdout, strings.Join(lines, ""))
	return err
}

func overLines(f func([]string) []string) Command {
	return func(_ context.Context, p *Process) int {
		_, names := p.flags("kt")
		var all []string
		exit := p.inputs(names, func(_ string, r io.Reader) error {
			lines, err := readLines(r)
			all = append(all, lines...)
			return err
		})
		return max(exit, p.fail(p.print(f(all))))
	}
}

func runWc(_ context.Context, p *Process) int {
	set, names := p.flags("")
	return p.inputs(names, func(_ string, r io.Reader) error {
		text, err := io.ReadAll(r)
		var counts []string
		for _, c := range []struct {
			letter byte
			n      int
		}{{'l', bytes.Count(text, []byte("\n"))}, {'w', len(bytes.Fields(text))}, {'c', len(text)}} {
			if len(set) == 0 || has(set, c.letter) {
				counts = append(counts, strconv.Itoa(c.n))
			}
		}
		fmt.Fprintln(p.Stdout, strings.Join(counts, " "))
		return err
	})
}

// runTr deletes characters, or replaces them one by one.
func runTr(_ context.Context, p *Process) int {
	set, args := p.flags("")
	text, err := io.ReadAll(p.Stdin)
	if err != nil || len(args) == 0 {
		return p.fail(err) + 1
	}
	from := []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", "a-z", "abcdefghijklmnopqrstuvwxyz", "A-Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ").Replace(args[0]))
	var to []rune
	if len(args) > 1 {
		to = []rune(strings.NewReplacer(`\n`, "\n", `\t`, "\t", "a-z", "abcdefghijklmnopqrstuvwxyz", "A-Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ").Replace(args[1]))
	}
	out := strings.Map(func(r rune) rune {
		i := slices.Index(from, r)
		switch {
		case i < 0:
			return r
		case has(set, 'd') || len(to) == 0:
			return -1
		}
		return to[min(i, len(to)-1)]
	}, string(text))
	return p.fail(p.print([]string{out}))
}

func runSum(sum func() hash.Hash) Command {
	return func(_ context.Context, p *Process) int {
		_, names := p.flags("")
		return p.inputs(names, func(name string, r io.Reader) error {
			h := sum()
			_, err := io.Copy(h, r)
			fmt.Fprintf(p.Stdout, "%x  %s\n", h.Sum(nil), name)
			return err
		})
	}
}
