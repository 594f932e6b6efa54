package main

import (
	"os"
	"strconv"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// crashPoints lets a test kill this process at the n-th point at which it could
// leave something behind: PROOFMARK_TEST_CRASH_AT=n. It does nothing otherwise.
func crashPoints() []ledger.Option {
	n, err := strconv.Atoi(os.Getenv("PROOFMARK_TEST_CRASH_AT"))
	if err != nil {
		return nil
	}
	return []ledger.Option{ledger.WithObserver(func(p ledger.Point) {
		if p.N == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	})}
}
