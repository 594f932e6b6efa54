package qemu

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// consoleLog writes what QEMU says through a pipe to a file of bounded size: QEMU's own
// files have no bound, and a machine may print for ever.
type consoleLog struct {
	pipe string   // name of the pipe, for QEMU
	from *os.File // its end to read
	hold *os.File // its end to write, as long as nobody else has it
	done chan struct{}
}

// newConsoleLog makes the pipe and the file.
func newConsoleLog(pipe, file string, limit int64) (*consoleLog, error) {
	log, err := createLog(file, limit)
	if err != nil {
		return nil, err
	}
	c := &consoleLog{pipe: pipe, done: make(chan struct{})}
	if err = os.Remove(pipe); err == nil || errors.Is(err, fs.ErrNotExist) { // one of an earlier start
		err = unix.Mkfifo(pipe, 0o600)
	}
	if err == nil {
		c.from, err = os.OpenFile(pipe, os.O_RDONLY|unix.O_NONBLOCK, 0) // else it waits for who writes
	}
	if err == nil {
		c.hold, err = os.OpenFile(pipe, os.O_WRONLY, 0)
	}
	if err != nil {
		_ = c.from.Close() // that it is not open yet is no error of its own
		return nil, errors.Join(err, log.Close())
	}
	go func() {
		defer close(c.done)
		_, _ = io.Copy(log, c.from) // up to QEMU's end, or until it is no longer waited for
		_ = log.Close()             // a log that cannot be written keeps no machine from running
	}()
	return c, nil
}

// begun says that QEMU has opened the pipe: its end is the log's.
func (c *consoleLog) begun() { _ = c.hold.Close() }

// consoleLimit is how long is waited for what QEMU has said when it has ended already.
const consoleLimit = 5 * time.Second

// settle waits until all that QEMU has said is in the file. It has ended.
func (c *consoleLog) settle() {
	_ = c.hold.Close()
	_ = c.from.SetReadDeadline(time.Now().Add(consoleLimit))
	<-c.done
}

// end gives everything back, when QEMU has ended. It may be called again.
func (c *consoleLog) end() {
	c.settle()
	_ = c.from.Close()
}
