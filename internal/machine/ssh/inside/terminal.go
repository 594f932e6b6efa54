package inside

import (
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// terminal is what a session asks for.
type terminal struct {
	kind string // TERM
	size unix.Winsize
	off  []uint8 // modes, by the protocol's numbers, that are to be off
}

type terminalRequest struct {
	Kind                      string
	Cols, Rows, Width, Height uint32
	Modes                     string
}

func readTerminal(payload []byte) (*terminal, error) {
	var r terminalRequest
	if err := ssh.Unmarshal(payload, &r); err != nil {
		return nil, fmt.Errorf("read what terminal is wanted: %w", err)
	}
	t := &terminal{kind: r.Kind, size: winsize(r.Cols, r.Rows)}
	// Each mode is its number and a value of four bytes; the list ends with 0.
	for m := []byte(r.Modes); len(m) >= 5 && m[0] != 0; m = m[5:] {
		if [4]byte(m[1:5]) == [4]byte{} {
			t.off = append(t.off, m[0])
		}
	}
	return t, nil
}

func winsize(cols, rows uint32) unix.Winsize {
	return unix.Winsize{Col: uint16(cols), Row: uint16(rows)}
}

// open makes the terminal: our end, and the command's.
func (t *terminal) open() (ours, theirs *os.File, err error) {
	ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	defer func() {
		if err != nil {
			ours.Close()
		}
	}()
	var n int
	err = control(ours, func(fd int) (err error) {
		if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		n, err = unix.IoctlGetInt(fd, unix.TIOCGPTN)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	if theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		return nil, nil, fmt.Errorf("open a terminal: %w", err)
	}
	if err = control(theirs, t.set); err != nil {
		theirs.Close()
		return nil, nil, fmt.Errorf("set up a terminal: %w", err)
	}
	return ours, theirs, nil
}

// set switches modes off, and sets the size.
func (t *terminal) set(fd int) error {
	m, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	for _, number := range t.off {
		m.Iflag &^= map[uint8]uint32{ssh.INLCR: unix.INLCR, ssh.IGNCR: unix.IGNCR, ssh.ICRNL: unix.ICRNL, ssh.IXON: unix.IXON}[number]
		m.Lflag &^= map[uint8]uint32{ssh.ISIG: unix.ISIG, ssh.ICANON: unix.ICANON, ssh.ECHO: unix.ECHO, ssh.IEXTEN: unix.IEXTEN}[number]
	}
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, m); err != nil {
		return err
	}
	return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &t.size)
}

// control calls f with the number of a file, which stays open meanwhile.
func control(f *os.File, call func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = call(int(fd)) }); err != nil {
		return err
	}
	return failed
}
