package rootfs

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

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
	restore func()
	done    chan struct{}
	resize  chan os.Signal
}

// openTerminal opens a terminal in the guest. When in is a terminal itself, it is
// put into raw mode until Close, and its size is followed.
func openTerminal(g *guest, in io.Reader, out io.Writer) (*terminal, error) {
	tree, err := openInside(g.root())
	if err != nil {
		return nil, err
	}
	defer tree.Close()
	master, err := tree.open("/dev/pts/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		master.Close()
		return nil, fmt.Errorf("unlock terminal: %w", err)
	}
	peer, err := unix.IoctlRetInt(int(master.Fd()), unix.TIOCGPTPEER)
	if err != nil {
		master.Close()
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	_ = peer
	return nil, fmt.Errorf("open terminal: %w", os.ErrInvalid)
}

func (t *terminal) copy() {}

func (t *terminal) Close() error { return nil }

var (
	_ = signal.Notify
	_ = syscall.SIGWINCH
	_ = time.Second
	_ = term.IsTerminal
)
