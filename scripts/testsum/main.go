// Command testsum reads the output of go test -json, shows what failed or was
// skipped, and ends with a plain count. A skipped test counts as failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

func main() {
	passed, failed, err := sum(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testsum:", err)
		os.Exit(1)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}

// sum counts tests and subtests without children of their own kind apart: every
// named test counts once.
func sum(r io.Reader, w io.Writer) (passed, failed int, err error) {
	output := map[string]*strings.Builder{}
	failures := map[string]int{}
	lines := bufio.NewReader(r)
	for {
		line, readErr := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(w, "%s", line) // not from a test: the go command itself
				continue
			}
			key := e.Package + "\x00" + e.Test
			switch e.Action {
			case "output", "build-output":
				b := output[key]
				if b == nil {
					b = &strings.Builder{}
					output[key] = b
				}
				b.WriteString(e.Output)
			case "pass":
				if e.Test != "" {
					passed++
				} else {
					fmt.Fprintf(w, "ok   %s  %s\n", e.Package, time.Duration(e.Elapsed*1e9).Round(10*time.Millisecond))
				}
				delete(output, key)
			case "fail", "skip", "build-fail":
				if e.Test == "" && e.Action == "skip" {
					break // a package without tests
				}
				text := ""
				if b := output[key]; b != nil {
					text = b.String()
				}
				if e.Test != "" {
					failed++
					failures[e.Package]++
					fmt.Fprintf(w, "%s %s %s\n%s", strings.ToUpper(e.Action), e.Package, e.Test, text)
				} else if failures[e.Package] == 0 { // did not build, timed out, or crashed
					failed++
					fmt.Fprintf(w, "FAIL %s\n%s", e.Package, text)
				}
				delete(output, key)
			}
		}
		if readErr == io.EOF {
			return passed, failed, nil
		}
		if readErr != nil {
			return passed, failed, readErr
		}
	}
}
