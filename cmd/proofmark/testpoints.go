package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// testPoints lets a test kill this process at the n-th point at which it could
// leave something behind (PROOFMARK_TEST_CRASH_AT=n), stop it there until it is
// told to go on (PROOFMARK_TEST_STOP_AT=n), and list these points in a file
// (PROOFMARK_TEST_POINTS=file). It does nothing otherwise.
func testPoints() []ledger.Option {
	crash, _ := strconv.Atoi(os.Getenv("PROOFMARK_TEST_CRASH_AT"))
	stop, _ := strconv.Atoi(os.Getenv("PROOFMARK_TEST_STOP_AT"))
	list := os.Getenv("PROOFMARK_TEST_POINTS")
	if crash <= 0 && stop <= 0 && list == "" {
		return nil
	}
	return []ledger.Option{ledger.WithObserver(func(p ledger.Point) {
		switch p.N {
		case crash:
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		case stop:
			// Which thread takes the signal is not known, and until then this one would go on.
			goOn := make(chan os.Signal, 1)
			signal.Notify(goOn, syscall.SIGCONT)
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
			<-goOn
			signal.Stop(goOn)
		}
		if f, err := os.OpenFile(list, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
			_, _ = fmt.Fprintln(f, p.Name)
			_ = f.Close()
		}
	})}
}
