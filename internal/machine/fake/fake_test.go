package fake_test

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

func TestBuilder(t *testing.T) {
	for _, format := range []string{"tar", "dir"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			machinetest.Run(t, machinetest.Options{
				Kind: fake.Kind,
				User: fake.Guest,
				New: func(t testing.TB, home string, variant int) machine.Builder {
					c := fake.Config{Home: home, Format: format, ProveBoot: format == "tar", Files: map[string]string{"/etc/variant": string(rune('0' + variant))}}
					b, err := fake.New(c)
					if err != nil {
						t.Fatal(err)
					}
					return b
				},
			})
		})
	}
}
