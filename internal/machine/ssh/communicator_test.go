package ssh

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
)

func TestCommunicator(t *testing.T) {
	for _, sftp := range []bool{false, true} {
		t.Run(map[bool]string{false: "shell", true: "sftp"}[sftp], func(t *testing.T) {
			t.Parallel()
			s := startSSHD(t)
			o := s.options()
			o.SFTP = sftp
			machinetest.RunCommunicator(t, machinetest.CommunicatorOptions{
				Dir:  t.TempDir(),
				User: "nobody",
				Connect: func(t testing.TB) machine.Communicator {
					c, err := Dial(t.Context(), o)
					if err != nil {
						t.Fatal(err)
					}
					return c
				},
			})
		})
	}
}
