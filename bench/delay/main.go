// Command delay is a relay that makes a TCP service as slow to answer as one far away:
// what is sent arrives half a round trip later, in either direction, and however much
// comes at once. Unlike a long line it does not make a connection begin slowly (TCP's
// congestion window), so it adds what round trips cost and no more.
//
//	delay -rtt 20ms 127.0.0.1:2222 127.0.0.1:22
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

func main() {
	rtt := flag.Duration("rtt", 20*time.Millisecond, "added round-trip time")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: delay [-rtt TIME] LISTEN TO")
		os.Exit(2)
	}
	l, err := net.Listen("tcp", flag.Arg(0))
	for err == nil {
		var c net.Conn
		if c, err = l.Accept(); err == nil {
			go relay(c.(*net.TCPConn), flag.Arg(1), *rtt)
		}
	}
	fmt.Fprintln(os.Stderr, "delay:", err)
	os.Exit(1)
}

func relay(near *net.TCPConn, to string, rtt time.Duration) {
	defer near.Close()
	time.Sleep(rtt / 2) // the rest of the time that connecting takes is in the first answer
	c, err := net.Dial("tcp", to)
	if err != nil {
		fmt.Fprintln(os.Stderr, "delay:", err)
		return
	}
	far := c.(*net.TCPConn)
	defer far.Close()
	ended := make(chan struct{}, 2)
	for _, d := range []struct{ from, to *net.TCPConn }{{near, far}, {far, near}} {
		go func() {
			carry(d.from, d.to, rtt/2)
			ended <- struct{}{}
		}()
	}
	<-ended
	<-ended
}

// piece is what was read at once.
type piece struct {
	due  time.Time
	data []byte
}

// carry copies until the end, and passes that on.
func carry(from io.Reader, to *net.TCPConn, delay time.Duration) {
	pieces := make(chan piece, 4096)
	go func() {
		defer close(pieces)
		for {
			buf := make([]byte, 64<<10)
			n, err := from.Read(buf)
			pieces <- piece{time.Now().Add(delay), buf[:n]}
			if err != nil {
				return
			}
		}
	}()
	var failed error
	for p := range pieces {
		time.Sleep(time.Until(p.due))
		if failed == nil && len(p.data) > 0 {
			_, failed = to.Write(p.data)
		}
	}
	_ = to.CloseWrite() // it may have gone
}
