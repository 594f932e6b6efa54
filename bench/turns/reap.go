package main

import (
	"fmt"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// adopt makes this process the parent of all whose parent dies, so that what they used
// can be counted: a command's machines may outlive the process that started them.
func adopt() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("adopt the children of others: %w", err)
	}
	return nil
}

// reapLimit is how long what a command leaves behind may take until it ends.
const reapLimit = 10 * time.Second

// reap waits until nothing of a finished command is left, and tells what it used. The
// command itself has been waited for.
func reap() (cpu time.Duration, memory float64, err error) {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, unix.SIGCHLD)
	defer signal.Stop(ended)
	limit := time.NewTimer(reapLimit)
	defer limit.Stop()
	for {
		var use unix.Rusage
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, &use)
		switch {
		case err == unix.EINTR:
		case err == unix.ECHILD:
			return cpu, memory, nil
		case err != nil:
			return cpu, memory, fmt.Errorf("wait for what a command left: %w", err)
		case pid == 0:
			select {
			case <-ended:
			case <-limit.C:
				fmt.Fprintf(os.Stderr, "turns: something still runs %s after its command, and does not count\n", reapLimit)
				return cpu, memory, nil
			}
		default:
			cpu += time.Duration(use.Utime.Nano() + use.Stime.Nano())
			memory = max(memory, float64(use.Maxrss)/1024)
		}
	}
}
