package qemu

import (
	"context"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"
)

func TestAwaitSSH(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var tries atomic.Int32
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			switch tries.Add(1) {
			case 1: // taken, and silent
			case 2:
				conn.Close()
			case 3:
				io.WriteString(conn, "220 mail\r\n")
			default:
				io.WriteString(conn, "SSH-2.0-x\r\n")
			}
		}
	}()
	asked := 0
	up := func(context.Context) bool {
		asked++
		if n := tries.Load(); asked < 3 && n != 0 {
			t.Errorf("%d connections to a machine without a network", n)
		}
		return asked > 2
	}
	if err := awaitSSH(t.Context(), l.Addr().String(), time.Minute, up); err != nil || tries.Load() < 4 {
		t.Errorf("%v after %d connections", err, tries.Load())
	}
	l.Close()
	if err := awaitSSH(t.Context(), l.Addr().String(), 10*time.Millisecond, up); err == nil {
		t.Error("an answer of nobody")
	}
	if err := awaitSSH(t.Context(), l.Addr().String(), 10*time.Millisecond, func(context.Context) bool { return false }); err == nil {
		t.Error("an answer of nobody who has a network")
	}
}
