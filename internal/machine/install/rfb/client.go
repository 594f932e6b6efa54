// Package rfb types on machines over VNC. It knows of the protocol what that takes:
// the handshake, and events of keys.
package rfb

import (
	"bytes"
	"context"
	"crypto/des" //nolint:gosec // what the protocol has
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net"
	"strings"
	"time"
)

// Client is a connection to a VNC server. It belongs to one goroutine.
type Client struct {
	conn net.Conn
	Name string // that the server gives its screen
}

// handshakeLimit bounds what a server needs to let somebody in.
const handshakeLimit = 20 * time.Second

// Security types of the protocol.
const (
	securityNone     = 1
	securityPassword = 2
)

// Connect shakes hands over a connection, which it closes when that fails. The password
// counts where the server asks for one.
func Connect(ctx context.Context, conn net.Conn, password string) (*Client, error) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	err := conn.SetDeadline(time.Now().Add(handshakeLimit))
	c := &Client{conn: conn}
	if err == nil {
		err = c.handshake(password)
	}
	if err == nil {
		err = conn.SetDeadline(time.Time{})
	}
	if err != nil {
		conn.Close()
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("connect by VNC: %w", err)
	}
	go func() { _, _ = io.Copy(io.Discard, conn) }() // a server that cannot send stands still
	return c, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Key presses or releases a key.
func (c *Client) Key(symbol uint32, down bool) error {
	m := [8]byte{0: 4}
	if down {
		m[1] = 1
	}
	binary.BigEndian.PutUint32(m[4:], symbol)
	_, err := c.conn.Write(m[:])
	return err
}

func (c *Client) handshake(password string) error {
	var version [12]byte
	if _, err := io.ReadFull(c.conn, version[:]); err != nil {
		return err
	}
	var major, minor int
	if _, err := fmt.Sscanf(string(version[:]), "RFB %03d.%03d\n", &major, &minor); err != nil || major != 3 {
		return fmt.Errorf("the server does not speak RFB 3 but says %q", version[:])
	}
	switch {
	case minor >= 8:
		minor = 8
	case minor != 7:
		minor = 3
	}
	if _, err := fmt.Fprintf(c.conn, "RFB 003.%03d\n", minor); err != nil {
		return err
	}
	kind, err := c.security(minor)
	if err != nil {
		return err
	}
	if kind == securityPassword {
		if err := c.authenticate(password); err != nil {
			return err
		}
	}
	if kind == securityPassword || minor == 8 {
		if err := c.result(minor); err != nil {
			return err
		}
	}
	if _, err := c.conn.Write([]byte{1}); err != nil { // others may look on
		return err
	}
	return c.screen()
}

// security agrees on how to log in.
func (c *Client) security(minor int) (kind byte, err error) {
	if minor == 3 { // the server decides
		var n uint32
		if err := binary.Read(c.conn, binary.BigEndian, &n); err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, c.reason()
		}
		if n != securityNone && n != securityPassword {
			return 0, fmt.Errorf("the server wants security of type %d, which is not known here", n)
		}
		return byte(n), nil
	}
	var n [1]byte
	if _, err := io.ReadFull(c.conn, n[:]); err != nil {
		return 0, err
	}
	if n[0] == 0 {
		return 0, c.reason()
	}
	kinds := make([]byte, n[0])
	if _, err := io.ReadFull(c.conn, kinds); err != nil {
		return 0, err
	}
	for _, k := range []byte{securityNone, securityPassword} {
		if bytes.IndexByte(kinds, k) >= 0 {
			_, err := c.conn.Write([]byte{k})
			return k, err
		}
	}
	return 0, fmt.Errorf("the server wants security of types %v, of which none is known here", kinds)
}

// authenticate encrypts what the server sends with the password.
func (c *Client) authenticate(password string) error {
	var challenge [16]byte
	if _, err := io.ReadFull(c.conn, challenge[:]); err != nil {
		return err
	}
	var key [8]byte
	copy(key[:], password)
	for i := range key {
		key[i] = bits.Reverse8(key[i]) // so the protocol has it
	}
	block, err := des.NewCipher(key[:]) //nolint:gosec
	if err != nil {
		return err
	}
	block.Encrypt(challenge[:8], challenge[:8])
	block.Encrypt(challenge[8:], challenge[8:])
	_, err = c.conn.Write(challenge[:])
	return err
}

// result reads whether the server lets us in.
func (c *Client) result(minor int) error {
	var n uint32
	if err := binary.Read(c.conn, binary.BigEndian, &n); err != nil {
		return err
	}
	switch {
	case n == 0:
		return nil
	case minor == 8:
		return c.reason()
	}
	return errors.New("the server refuses the password")
}

// maxText bounds what a server may say.
const maxText = 1 << 16

func (c *Client) reason() error {
	text, err := c.text()
	if err != nil {
		return err
	}
	return fmt.Errorf("the server refuses: %s", strings.TrimSpace(text))
}

func (c *Client) text() (string, error) {
	var n uint32
	if err := binary.Read(c.conn, binary.BigEndian, &n); err != nil {
		return "", err
	}
	if n > maxText {
		return "", fmt.Errorf("the server sends a text of %d bytes", n)
	}
	text := make([]byte, n)
	_, err := io.ReadFull(c.conn, text)
	return string(text), err
}

// screen reads what the server says of its screen.
func (c *Client) screen() (err error) {
	var format [20]byte // size and form of pixels
	if _, err := io.ReadFull(c.conn, format[:]); err != nil {
		return err
	}
	c.Name, err = c.text()
	return err
}
