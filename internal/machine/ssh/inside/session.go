package inside

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// session is one channel, with one command.
type session struct {
	ch    ssh.Channel
	login login

	terminal *terminal // nil for none

	cmd   *exec.Cmd
	files []*os.File // our ends of what it reads and prints to; of a terminal there is one
	over  chan struct{}
}

// serve answers requests until the other end closes the channel.
func (s *session) serve(requests <-chan *ssh.Request) {
	for r := range requests {
		ok, begun := false, false
		switch {
		case r.Type == "pty-req" && s.cmd == nil:
			t, err := readTerminal(r.Payload)
			s.terminal, ok = t, err == nil
		case r.Type == "exec" && s.cmd == nil:
			var m struct{ Line string }
			ok = ssh.Unmarshal(r.Payload, &m) == nil && s.start(m.Line) == nil
			begun = ok
		case r.Type == "window-change" && s.cmd != nil && s.terminal != nil:
			var m struct{ Cols, Rows, Width, Height uint32 }
			ok = ssh.Unmarshal(r.Payload, &m) == nil && s.resize(m.Cols, m.Rows) == nil
		case r.Type == "signal" && s.cmd != nil:
			var m struct{ Name string }
			ok = ssh.Unmarshal(r.Payload, &m) == nil && s.signal(m.Name)
		}
		if r.WantReply {
			_ = r.Reply(ok, nil) // the connection may have ended
		}
		if begun { // not before the reply, which a channel that is closed would not take any more
			go s.run()
		}
	}
	s.end()
}

// start starts a line, which run sees to. The command is a group of processes of its own.
func (s *session) start(line string) error {
	cmd := exec.Command("/bin/sh", "-c", line)
	cmd.Env, cmd.Dir = s.login.env, s.login.home
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	theirs, err := s.open(cmd)
	defer closeAll(theirs)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		closeAll(s.files)
		s.files = nil
		return fmt.Errorf("start a shell: %w", err)
	}
	s.cmd, s.over = cmd, make(chan struct{})
	return nil
}

// open makes what the command reads and prints to, and returns the ends that are its own.
func (s *session) open(cmd *exec.Cmd) (theirs []*os.File, err error) {
	if s.terminal != nil {
		ours, tty, err := s.terminal.open()
		if err != nil {
			return nil, err
		}
		s.files = []*os.File{ours}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
		cmd.SysProcAttr.Setctty = true
		cmd.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "TERM="+s.terminal.kind)
		return []*os.File{tty}, nil
	}
	for range 3 {
		r, w, err := os.Pipe()
		if err != nil {
			return theirs, err
		}
		if s.files == nil { // the first is what it reads
			r, w = w, r
		}
		s.files, theirs = append(s.files, r), append(theirs, w)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs[0], theirs[1], theirs[2]
	return theirs, nil
}

// run moves what the command reads and prints, tells how it ends, and closes the channel
// once nobody prints any more.
func (s *session) run() {
	go func() {
		_, _ = io.Copy(s.files[0], s.ch) // a command need not read all of it
		if s.terminal == nil {
			s.files[0].Close()
		}
	}()
	var printed sync.WaitGroup
	if s.terminal != nil {
		printed.Go(func() { s.pass(s.ch, s.files[0]) })
	} else {
		printed.Go(func() { s.pass(s.ch, s.files[1]) })
		printed.Go(func() { s.pass(s.ch.Stderr(), s.files[2]) })
	}
	_ = s.cmd.Wait() // how it ended is in its state
	close(s.over)
	s.tell(s.cmd.ProcessState.Sys().(syscall.WaitStatus))
	printed.Wait()
	s.ch.Close()
}

func (s *session) resize(cols, rows uint32) error {
	size := winsize(cols, rows)
	return control(s.files[0], func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &size) })
}

// pass hands on what a command prints, until nobody takes it: then who goes on printing
// gets to know.
func (s *session) pass(to io.Writer, from *os.File) {
	_, _ = io.Copy(to, from)
	from.Close()
}

// tell says how the command ended; the channel may be closed.
func (s *session) tell(st syscall.WaitStatus) {
	if !st.Signaled() {
		_, _ = s.ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{uint32(st.ExitStatus())}))
		return
	}
	name := "KILL"
	for n, sig := range signals() {
		if sig == st.Signal() {
			name = n
		}
	}
	_, _ = s.ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
		Signal     string
		Core       bool
		Text, Lang string
	}{Signal: name, Core: st.CoreDump()}))
}

// signals by the names that the protocol has.
func signals() map[string]syscall.Signal {
	return map[string]syscall.Signal{
		"ABRT": syscall.SIGABRT, "ALRM": syscall.SIGALRM, "FPE": syscall.SIGFPE, "HUP": syscall.SIGHUP, "ILL": syscall.SIGILL,
		"INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "PIPE": syscall.SIGPIPE, "QUIT": syscall.SIGQUIT, "SEGV": syscall.SIGSEGV,
		"TERM": syscall.SIGTERM, "USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2,
	}
}

// signal sends a signal to the group of the command, unless that has ended.
func (s *session) signal(name string) bool {
	sig, known := signals()[name]
	select {
	case <-s.over:
		return false
	default:
		return known && syscall.Kill(-s.cmd.Process.Pid, sig) == nil
	}
}

// end gives back what the command holds. One that still runs has lost whoever asked for it.
func (s *session) end() {
	if s.cmd == nil {
		s.ch.Close()
		return
	}
	s.signal("KILL")
	closeAll(s.files)
	<-s.over
}

func closeAll(files []*os.File) {
	for _, f := range files {
		f.Close() // what it was good for is over
	}
}
