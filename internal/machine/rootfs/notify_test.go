package rootfs

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tell sends a message to a notifier, as another user if uid is not 0.
func tell(address, text string, uid int) error {
	sent := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its user
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			defer unix.Close(fd)
			if uid != 0 { // of this thread alone, unlike syscall.Setuid
				if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(uid), uintptr(uid), uintptr(uid)); errno != 0 {
					sent <- errno
					return
				}
			}
			err = unix.Sendto(fd, []byte(text), 0, &unix.SockaddrUnix{Name: address})
		}
		sent <- err
	}()
	return <-sent
}

// TestNotifyOfOthers: the leader is who systemd-nspawn says it is, whatever other
// users of the host send.
func TestNotifyOfOthers(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root to be another user")
	}
	n, err := listenNotify("test-notify-of-others")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	leader, ready := make(chan int, 1), make(chan struct{})
	go n.listen(leader, ready)
	const nobody = 65534
	for _, m := range []struct {
		text string
		uid  int
	}{
		{"READY=1\n", nobody}, {"X_NSPAWN_LEADER_PID=111\n", nobody}, {"X_NSPAWN_LEADER_PID=222\n", 0}, {"READY=1\n", 0},
	} {
		if err := tell(n.address, m.text, m.uid); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Fatal("systemd-nspawn was not heard")
	}
	if pid := <-leader; pid != 222 {
		t.Errorf("the leader is %d", pid)
	}
}
