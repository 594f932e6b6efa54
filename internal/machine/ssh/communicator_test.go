package ssh

import (
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/machinetest"
	"github.com/proofmark-build/proofmark/internal/machine/ssh/sshdtest"
)

func TestCommunicator(t *testing.T) {
	for _, sftp := range []bool{false, true} {
		t.Run(map[bool]string{false: "shell", true: "sftp"}[sftp], func(t *testing.T) {
			t.Parallel()
			if sftp && testing.Short() {
				t.Skip("only files go another way: left out by -short")
			}
			o := options(sshdtest.Start(t))
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

// options lead to a server by its key.
func options(s *sshdtest.Server) Options {
	return Options{Addr: s.Addr, User: s.User, Auth: Auth{Keys: []ssh.Signer{s.Key}}, HostKeys: PinHostKeys(s.Host), Wait: time.Minute}
}

func dial(t testing.TB, o Options) *Communicator {
	t.Helper()
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
