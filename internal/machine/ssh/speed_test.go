package ssh

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

func BenchmarkRun(b *testing.B) {
	c := dial(b, options(sshdtest.Start(b)))
	b.Run("bare", func(b *testing.B) {
		for b.Loop() {
			session, err := c.link.conn.client.NewSession()
			if err != nil {
				b.Fatal(err)
			}
			if err := session.Run("true"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("command", func(b *testing.B) {
		for b.Loop() {
			if _, err := c.Run(b.Context(), machine.Command{Line: "true", Passive: true}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
