// Command testsum runs its arguments, a go test -json command, shows what failed or
// was skipped, and ends with a plain count as its last line. A skipped test counts
// as failed. The exit status is 0 when nothing failed and something passed.
//
//	testsum go test -json ./...
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: testsum go test -json ...")
		os.Exit(2)
	}
	passed, failed := run(exec.Command(os.Args[1], os.Args[2:]...), os.Stdout)
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed > 0 || passed == 0 {
		os.Exit(1)
	}
}

// run runs the command and counts. A command that fails although no test did
// counts as one failure.
func run(cmd *exec.Cmd, w io.Writer) (passed, failed int) {
	out, err := cmd.StdoutPipe()
	cmd.Stderr = w
	if err == nil {
		err = cmd.Start()
	}
	if err == nil {
		passed, failed, err = sum(out, w)
		if err != nil {
			_, _ = io.Copy(io.Discard, out) // so that the command can end
		}
		if ended := cmd.Wait(); err == nil && failed == 0 {
			err = ended
		}
	}
	if err != nil {
		fmt.Fprintf(w, "FAIL %s: %v\n", cmd, err)
		failed++
	}
	return passed, failed
}
