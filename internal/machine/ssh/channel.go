package ssh

import (
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// channel is one session on a connection. It has to be closed.
type channel struct {
	ssh.Channel
	requests <-chan *ssh.Request
	conn     *conn
	closed   <-chan struct{} // by the server
	once     sync.Once
}

// Close gives the session's slot back once the server has closed its end too: until
// then it counts the session. Calling it again does nothing.
func (ch *channel) Close() error {
	ch.once.Do(func() {
		_ = ch.Channel.Close() // the connection may have ended
		go func() {
			select {
			case <-ch.closed:
			case <-ch.conn.gone:
			case <-time.After(closeLimit):
			}
			ch.conn.slots.give(false)
		}()
	})
	return nil
}

// closeLimit is how long a server may take to close its end of a session.
const closeLimit = time.Second

// newChannel passes requests on, so that their end is seen.
func newChannel(c *conn, ch ssh.Channel, from <-chan *ssh.Request) *channel {
	requests, closed := make(chan *ssh.Request), make(chan struct{})
	go func() {
		defer close(closed)
		defer close(requests)
		for r := range from {
			select {
			case requests <- r:
			case <-c.gone: // nobody may ask any more
			}
		}
	}()
	return &channel{Channel: ch, requests: requests, conn: c, closed: closed}
}
