package qemu

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// monitor speaks QMP with a running QEMU. It is safe for concurrent use.
type monitor struct {
	conn   net.Conn
	events func(name string, data json.RawMessage) // called one at a time, in order
	ended  chan struct{}                           // closed when nothing more comes

	version string        // what QEMU says of itself when it greets
	limit   time.Duration // for one command
	writing chan struct{} // has one value in it while somebody writes

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
}

// reply to a command, or an event, or the greeting.
type reply struct {
	ID     *int            `json:"id"`
	QMP    json.RawMessage `json:"QMP"`
	Event  string          `json:"event"`
	Data   json.RawMessage `json:"data"`
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
}

var errMonitorEnded = errors.New("QEMU does not answer any more")

// maxReply bounds one line of QEMU's.
const maxReply = 16 << 20

// answerLimit is how long QEMU may take for one command. It answers at once, but for what
// waits for the host's disk.
const answerLimit = 5 * time.Minute

// openMonitor waits for QEMU's greeting and answers it. events is told of all that
// happens to the machine. The monitor closes conn, also when this fails.
func openMonitor(ctx context.Context, conn net.Conn, events func(name string, data json.RawMessage)) (*monitor, error) {
	m := &monitor{conn: conn, events: events, ended: make(chan struct{}), waiting: map[int]chan reply{}, limit: answerLimit, writing: make(chan struct{}, 1)}
	greeted := make(chan struct{})
	go m.read(greeted)
	err := func() error {
		select {
		case <-greeted:
			return m.do(ctx, "qmp_capabilities", nil, nil)
		case <-m.ended:
			return errMonitorEnded
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}()
	if err != nil {
		conn.Close()
		<-m.ended
		return nil, fmt.Errorf("open QEMU's monitor: %w", err)
	}
	return m, nil
}

// read takes all that QEMU sends until its end.
func (m *monitor) read(greeted chan struct{}) {
	defer close(m.ended)
	lines := bufio.NewScanner(m.conn)
	lines.Buffer(nil, maxReply)
	for lines.Scan() {
		var r reply
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			continue
		}
		switch {
		case r.QMP != nil && greeted != nil:
			m.version = greeting(r.QMP)
			close(greeted)
			greeted = nil
		case r.Event != "":
			m.events(r.Event, r.Data)
		case r.ID != nil:
			m.mu.Lock()
			c := m.waiting[*r.ID]
			delete(m.waiting, *r.ID)
			m.mu.Unlock()
			if c != nil {
				c <- r
			}
		}
	}
}

// do executes a command. result may be nil.
func (m *monitor) do(ctx context.Context, command string, arguments, result any) error {
	return m.send(ctx, command, arguments, result, m.conn.Write)
}

// give hands an open file over to QEMU, which knows it by that name until it is used.
func (m *monitor) give(ctx context.Context, name string, f *os.File) error {
	conn, ok := m.conn.(*net.UnixConn)
	if !ok {
		return errors.New("hand a file over to QEMU: its monitor is no socket of this host")
	}
	return m.send(ctx, "getfd", map[string]string{"fdname": name}, nil, func(line []byte) (int, error) {
		n, _, err := conn.WriteMsgUnix(line, unix.UnixRights(int(f.Fd())), nil)
		return n, err
	})
}

// send executes a command that write brings to QEMU, for a limited time: a QEMU that is
// stopped answers no more than one that hangs.
func (m *monitor) send(ctx context.Context, command string, arguments, result any, write func(line []byte) (int, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, m.limit,
		fmt.Errorf("it does not answer for %s: it hangs, or somebody has stopped it, or the disk that it writes on does not answer", m.limit))
	defer cancel()
	c := make(chan reply, 1)
	m.mu.Lock()
	m.next++
	id := m.next
	m.waiting[id] = c
	line, err := json.Marshal(struct {
		Execute   string `json:"execute"`
		Arguments any    `json:"arguments,omitempty"`
		ID        int    `json:"id"`
	}{command, arguments, id})
	m.mu.Unlock()
	if err == nil {
		err = m.write(ctx, append(line, '\n'), write)
	}
	if err != nil {
		return fmt.Errorf("tell QEMU %s: %w", command, err)
	}
	r, err := m.await(ctx, c)
	if err == nil && r.Error != nil {
		err = errors.New(r.Error.Desc)
	}
	if err == nil && result != nil {
		err = json.Unmarshal(r.Return, result)
	}
	if err != nil {
		return fmt.Errorf("tell QEMU %s: %w", command, err)
	}
	return nil
}

// write brings a line to QEMU, which may not take it.
func (m *monitor) write(ctx context.Context, line []byte, write func(line []byte) (int, error)) error {
	select {
	case m.writing <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-m.writing }()
	if err := m.conn.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	over := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(over)
		_ = m.conn.SetWriteDeadline(time.Unix(1, 0)) // one that is closed is not written to either
	})
	n, err := write(line)
	if !stop() {
		<-over
	}
	if err != nil && n > 0 {
		m.close() // what follows half a line would not be understood
	}
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// await waits for the reply to a command. QEMU may end right after it.
func (m *monitor) await(ctx context.Context, c <-chan reply) (reply, error) {
	select {
	case r := <-c:
		return r, nil
	case <-m.ended:
	case <-ctx.Done():
		return reply{}, context.Cause(ctx)
	}
	select {
	case r := <-c:
		return r, nil
	default:
		return reply{}, errMonitorEnded
	}
}

func (m *monitor) close() { _ = m.conn.Close() }
