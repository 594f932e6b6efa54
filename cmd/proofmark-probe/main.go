// Command proofmark-probe runs inside a machine and answers questions about it:
// rounds of questions come in by standard input, answers go out by standard output.
// Where a machine has no SSH server it can be one.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

const usage = `usage: proofmark-probe serve [--unlink] [--root DIR] [--host-kernel] [--not-own PROTO:ADDRESS:PORT]...
       proofmark-probe attend [--unlink]
       proofmark-probe version
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "proofmark-probe:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "version" {
		_, err := fmt.Println(probe.Version)
		return err
	}
	if len(args) > 0 && args[0] == "attend" {
		return attend(len(args) > 1 && args[1] == "--unlink")
	}
	if len(args) == 0 || args[0] != "serve" {
		fmt.Fprint(os.Stderr, usage)
		return fmt.Errorf("want a command")
	}
	root, unlink := "/", false
	var around probe.Around
	for rest := args[1:]; len(rest) > 0; rest = rest[1:] {
		if n := around.Arg(rest); n > 0 {
			rest = rest[n-1:]
			continue
		}
		switch {
		case rest[0] == "--unlink":
			unlink = true
		case rest[0] == "--root" && len(rest) > 1:
			root, rest = rest[1], rest[1:]
		default:
			fmt.Fprint(os.Stderr, usage)
			return fmt.Errorf("unknown argument %q", rest[0])
		}
	}
	return serve(root, unlink, around)
}

func serve(root string, unlink bool, around probe.Around) error {
	// The machine's memory is for its services. Until much of the limit is taken, what is
	// not collected costs nothing.
	debug.SetGCPercent(300)
	debug.SetMemoryLimit(24 << 20)
	if os.Getenv("PATH") == "" {
		os.Setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	defer stop()
	// Gone at once, nothing is left whatever happens to the connection.
	unlinked := unlink && os.Remove(os.Args[0]) == nil
	return probe.NewProber(root).Within(around).Serve(ctx, os.Stdin, os.Stdout, unlinked)
}
