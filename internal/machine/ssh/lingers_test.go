package ssh

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/ledger/proc"
)

// lingers is a command that goes on after its connection is lost. It ends with the test,
// and with it the shells that wait for it.
func lingers(t *testing.T) string {
	t.Helper()
	seconds := fmt.Sprintf("1000.%09d", rand.IntN(1e9)) // by which it is found
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		left, err := proc.WithArgument(seconds)
		if err == nil {
			err = proc.KillAll(ctx, left)
		}
		if err != nil {
			t.Error(err)
		}
	})
	return "sleep " + seconds
}
