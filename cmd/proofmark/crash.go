package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// crashPoints lets a test kill this process at the n-th point at which it could
// leave something behind (PROOFMARK_TEST_CRASH_AT=n), and list these points in a
// file (PROOFMARK_TEST_POINTS=file). It does nothing otherwise.
func crashPoints() []ledger.Option {
	n, _ := strconv.Atoi(os.Getenv("PROOFMARK_TEST_CRASH_AT"))
	list := os.Getenv("PROOFMARK_TEST_POINTS")
	if n <= 0 && list == "" {
		return nil
	}
	return []ledger.Option{ledger.WithObserver(func(p ledger.Point) {
		if p.N == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
		if f, err := os.OpenFile(list, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err == nil {
			_, _ = fmt.Fprintln(f, p.N, p.Name)
			_ = f.Close()
		}
	})}
}
