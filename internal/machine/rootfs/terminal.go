package rootfs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal is a pseudo terminal of the machine's own, so that the machine knows
// its name.
type terminal struct {
	master, slave *os.File
	kind          string // TERM

	in      io.Reader
	out     io.Writer
	user    *os.File // in, where that is a terminal
	restore *term.State
	resized chan os.Signal
	copying bool
	done    chan struct{} // closed when copying the output has ended
}

// openTerminal opens a terminal in the guest. When in is a terminal itself it is
// in raw mode until finish, and its size is followed.
func openTerminal(g *guest, in io.Reader, out io.Writer) (*terminal, error) {
	tree, err := g.files()
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	master, err := tree.open("/dev/pts/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	slave, err := peer(master)
	if err != nil {
		master.Close()
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	if out == nil {
		out = io.Discard
	}
	t := &terminal{
		master: master, slave: slave, in: in, out: out, kind: "xterm",
		done: make(chan struct{}), resized: make(chan os.Signal, 1),
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		t.user = f
		if kind := os.Getenv("TERM"); kind != "" {
			t.kind = kind
		}
		if t.restore, err = term.MakeRaw(int(f.Fd())); err != nil {
			return nil, errors.Join(fmt.Errorf("open terminal: %w", err), master.Close(), slave.Close())
		}
		signal.Notify(t.resized, unix.SIGWINCH)
		t.size()
	}
	return t, nil
}

// peer unlocks a pseudo terminal and opens its other end, without a name: the
// host may not see the machine's /dev/pts.
func peer(master *os.File) (*os.File, error) {
	raw, err := master.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd uintptr
	var errno unix.Errno
	err = raw.Control(func(m uintptr) {
		if err := unix.IoctlSetPointerInt(int(m), unix.TIOCSPTLCK, 0); err != nil {
			errors.As(err, &errno)
			return
		}
		fd, _, errno = unix.Syscall(unix.SYS_IOCTL, m, unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	})
	if err != nil {
		return nil, err
	}
	if errno != 0 {
		return nil, errno
	}
	return os.NewFile(fd, "terminal"), nil
}

// size gives the machine's terminal the size of the user's.
func (t *terminal) size() {
	ws, err := unix.IoctlGetWinsize(int(t.user.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		return
	}
	raw, err := t.master.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(m uintptr) { _ = unix.IoctlSetWinsize(int(m), unix.TIOCSWINSZ, ws) })
}

// copy moves what is typed and printed. The command has the other end by now.
func (t *terminal) copy() {
	t.copying = true
	t.slave.Close()
	go func() {
		for range t.resized {
			t.size()
		}
	}()
	if t.in != nil {
		// It may wait for a key when the command has ended; the next key is lost.
		go func() { _, _ = io.Copy(t.master, t.in) }()
	}
	go func() {
		defer close(t.done)
		_, _ = io.Copy(t.out, t.master) // ends with EIO when nobody has the other end
	}()
}

// finish takes what was printed before the command ended, if it ever began, and
// gives the user's terminal back.
func (t *terminal) finish() {
	if t.copying {
		// What a background process may still print is not waited for.
		if n := pending(t.master, t.done); n > 0 {
			_, _ = io.CopyN(t.out, t.master, n)
		}
	} else {
		t.slave.Close()
	}
	signal.Stop(t.resized)
	close(t.resized)
	t.master.Close()
	if t.restore != nil {
		_ = term.Restore(int(t.user.Fd()), t.restore)
	}
}
