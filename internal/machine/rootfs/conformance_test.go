package rootfs

import (
	"path/filepath"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

func TestConformance(t *testing.T) {
	needMachines(t)
	archives := [2]string{tiny(t, nil), tiny(t, map[string]string{"etc/variant": "1"})}
	machinetest.Run(t, machinetest.Options{
		Kind: KindName,
		User: "worker",
		New: func(t testing.TB, home string, variant int) machine.Builder {
			b, err := New(Config{Archive: archives[variant]}, Deps{State: filepath.Join(home, "state")})
			if err != nil {
				t.Fatal(err)
			}
			return b
		},
		Leftovers: leftovers,
		Sample:    true,
	})
}
