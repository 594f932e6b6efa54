package rootfs

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// insideEnv is set in the environment of a program that entered a user namespace.
const insideEnv = "PROOFMARK_USER_NAMESPACE"

// EnterUserNamespace makes this program root of a user namespace with the
// subordinate ids of the user who runs it, by executing it again with the same
// arguments. It returns nil when there is no need (root, or inside already);
// otherwise it returns only with an error. Mounts of the program are its own from
// then on. Call it before anything is done that the program must not do twice.
func EnterUserNamespace() error {
	if os.Geteuid() == 0 {
		return nil
	}
	if err := CanEnter(); err != nil {
		return err
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return fmt.Errorf("enter user namespace: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("enter user namespace: %w", err)
	}
	args := []string{"unshare", "--user", "--map-root-user", "--map-auto", "--mount", "--", self}
	err = unix.Exec(unshare, append(args, os.Args[1:]...), append(os.Environ(), insideEnv+"=1"))
	return fmt.Errorf("enter user namespace: %w", err)
}

// CanEnter tells why EnterUserNamespace would fail, and what to do; nil when it would not.
func CanEnter() error {
	switch {
	case os.Geteuid() == 0:
		return nil
	case os.Getenv(insideEnv) != "":
		return errors.New("enter user namespace: not root although inside: unset " + insideEnv)
	}
	if err := canBeRoot(); err != nil {
		return fmt.Errorf("build as an ordinary user: %w", err)
	}
	for _, n := range []struct{ program, pkg string }{{"unshare", "util-linux"}, {"newuidmap", "uidmap"}, {"newgidmap", "uidmap"}} {
		if _, err := exec.LookPath(n.program); err != nil {
			return fmt.Errorf("enter user namespace: needs %s: apt-get install --no-install-recommends %s", n.program, n.pkg)
		}
	}
	return nil
}

// inUserNamespace tells whether root here is an ordinary user outside.
var inUserNamespace = sync.OnceValue(func() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && strings.Join(strings.Fields(string(text)), " ") != "0 0 4294967295"
})
