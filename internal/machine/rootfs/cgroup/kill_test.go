package cgroup

import (
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSignalChecksMembership: a process that is not in the group any more when it is
// about to be killed, because its number is another's by now, is left alone.
func TestSignalChecksMembership(t *testing.T) {
	t.Parallel()
	start := func() (cmd *exec.Cmd, fd int) {
		cmd = exec.Command("sleep", "60")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		fd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		return cmd, fd
	}
	ended := func(fd, wait int) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, wait)
		for err == unix.EINTR { // the end of a child is a signal
			n, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, wait)
		}
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
	stranger, strangerFD := start()
	member, memberFD := start()
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	pids := []int{stranger.Process.Pid, gone.Process.Pid, member.Process.Pid}
	err := signal(pids, func() ([]int, error) { return []int{member.Process.Pid, gone.Process.Pid}, nil })
	if err != nil {
		t.Fatal(err)
	}
	if !ended(memberFD, 10_000) {
		t.Error("a process of the group lives")
	}
	if ended(strangerFD, 0) || unix.PidfdSendSignal(strangerFD, 0, nil, 0) != nil {
		t.Error("a process outside was killed")
	}
}
