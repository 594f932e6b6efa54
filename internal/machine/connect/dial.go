package connect

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/ssh"
)

// Place is what a builder knows of its machine. What a template says counts over it.
type Place = ssh.Place

// Dial connects to a machine by SSH as the options say, and waits for it as long as
// they do. getenv tells where the user's agent is. out learns what is waited for.
func (c Config) Dial(ctx context.Context, p Place, out machine.Log, getenv func(string) string) (machine.Communicator, error) {
	o, err := c.SSH.Options(p, getenv("SSH_AUTH_SOCK"))
	if err != nil {
		return nil, fmt.Errorf("connect by SSH: %w", err)
	}
	o.Say = out.Message
	out.Say("Connecting by SSH to %s as %s", o.Addr, o.User)
	conn, err := ssh.Dial(ctx, o)
	if err != nil || c.PauseBeforeConnecting <= 0 {
		if err != nil {
			return nil, err // not a nil pointer in an interface
		}
		return conn, nil
	}
	// Services of a machine that has just started may restart its sshd.
	out.Say("Pausing %s before connecting again", c.PauseBeforeConnecting)
	err = conn.Close()
	select {
	case <-time.After(c.PauseBeforeConnecting):
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	if conn, err = ssh.Dial(ctx, o); err != nil {
		return nil, err
	}
	return conn, nil
}

// Vars are the values of build.* that tell how a machine is reached.
func (c Config) Vars(p Place) map[string]string {
	host, port, user := p.Host, p.Port, p.User
	if c.SSH.Host != "" {
		host = c.SSH.Host
	}
	if port == 0 {
		port = c.SSH.Port
	}
	if c.SSH.Username != "" {
		user = c.SSH.Username
	}
	return map[string]string{"Host": host, "Port": strconv.Itoa(port), "User": user, "Password": c.SSH.Password, "ConnType": UseSSH}
}
