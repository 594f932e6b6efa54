package ssh

import (
	"io"
	"os"
	"os/signal"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal is what a session's terminal is like: as the user's, where there is one.
type terminal struct {
	kind       string
	cols, rows int
	user       *os.File // in raw mode until finish; nil for none
	restore    *term.State
	resized    chan os.Signal
}

// openTerminal looks whether in is a terminal, and if so puts that into raw mode.
func openTerminal(in io.Reader) (*terminal, error) {
	t := &terminal{kind: "xterm", cols: 80, rows: 24}
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return t, nil
	}
	if kind := os.Getenv("TERM"); kind != "" {
		t.kind = kind
	}
	var err error
	if t.restore, err = term.MakeRaw(int(f.Fd())); err != nil {
		return nil, err
	}
	t.user, t.resized = f, make(chan os.Signal, 1)
	t.measure()
	signal.Notify(t.resized, unix.SIGWINCH)
	return t, nil
}

func (t *terminal) measure() {
	if cols, rows, err := term.GetSize(int(t.user.Fd())); err == nil {
		t.cols, t.rows = cols, rows
	}
}

// finish gives the user's terminal back.
func (t *terminal) finish() {
	if t.user == nil {
		return
	}
	signal.Stop(t.resized)
	close(t.resized)
	_ = term.Restore(int(t.user.Fd()), t.restore)
}

// follow tells the machine of new sizes until finish.
func (t *terminal) follow(ch ssh.Channel) {
	if t.user == nil {
		return
	}
	go func() {
		for range t.resized {
			t.measure()
			_, _ = ch.SendRequest("window-change", false, ssh.Marshal(struct{ Cols, Rows, Width, Height uint32 }{
				Cols: uint32(t.cols), Rows: uint32(t.rows)})) // the session may have ended
		}
	}()
}

// request asks for a terminal that passes on what it gets: the program comes through
// it. The program then makes it an ordinary one.
func (t *terminal) request() []byte {
	var modes []byte
	for _, m := range []uint8{ssh.ECHO, ssh.ICANON, ssh.ISIG, ssh.ICRNL, ssh.INLCR, ssh.IGNCR, ssh.IXON, ssh.IEXTEN} {
		modes = append(modes, ssh.Marshal(struct {
			Mode  uint8
			Value uint32
		}{m, 0})...)
	}
	modes = append(modes, 0) // the end of the list
	return ssh.Marshal(struct {
		Kind                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}{t.kind, uint32(t.cols), uint32(t.rows), 0, 0, string(modes)})
}
