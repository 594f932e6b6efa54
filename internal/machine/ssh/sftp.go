package ssh

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// withSFTP runs f over a session of the file transfer protocol.
func (c *Communicator) withSFTP(ctx context.Context, f func(*sftp.Client) error) error {
	var ch *channel
	var conn *conn
	for try := 0; ch == nil; try++ {
		var err error
		if conn, err = c.link.get(ctx); err != nil {
			return err
		}
		ch, err = conn.open(ctx)
		if errors.Is(err, errNoChannel) && try < attempts {
			continue
		}
		if err != nil {
			return fmt.Errorf("%w: %w", machine.ErrUnreachable, err)
		}
	}
	defer ch.Close()
	ended := make(chan struct{})
	defer close(ended)
	defer context.AfterFunc(ctx, func() { // copies end by themselves, and clean up
		select {
		case <-time.After(killLimit):
			ch.Close()
		case <-ended:
		}
	})()
	err := overSFTP(ch, f)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && !conn.alive():
		return conn.lost()
	}
	return err
}

func overSFTP(ch *channel, f func(*sftp.Client) error) error {
	go awaitStatus(ch.requests)
	ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"}))
	if err != nil {
		return err
	}
	if !ok {
		return errors.New(`the machine has no sftp: use ssh_file_transfer_method = "scp"`)
	}
	client, err := sftp.NewClientPipe(ch, ch)
	if err != nil {
		return fmt.Errorf("begin sftp: %w", err)
	}
	defer client.Close()
	return f(client)
}

func (c *Communicator) sftpPut(ctx context.Context, name string, mode fs.FileMode, r io.Reader) error {
	err := c.withSFTP(ctx, func(s *sftp.Client) error {
		if to, err := s.RealPath(name); err == nil {
			name = to // through links
		}
		if fi, err := s.Stat(name); err == nil && fi.IsDir() {
			return errors.New("it is a directory")
		}
		temp := path.Join(path.Dir(name), ".proofmark-put-"+strings.ToLower(rand.Text()))
		err := sftpWrite(s, temp, mode, reader{ctx, r})
		if err == nil {
			err = s.PosixRename(temp, name)
		}
		if err != nil {
			_ = s.Remove(temp) // there is none when it could not be made
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

func sftpWrite(s *sftp.Client, name string, mode fs.FileMode, r io.Reader) error {
	f, err := s.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.ReadFrom(r)
	return errors.Join(err, f.Chmod(mode.Perm()), f.Close())
}

func (c *Communicator) sftpGet(ctx context.Context, name string, w io.Writer) error {
	err := c.withSFTP(ctx, func(s *sftp.Client) error {
		fi, err := s.Stat(name)
		if err != nil {
			return err
		}
		if !fi.Mode().IsRegular() {
			return errors.New("it is not a regular file")
		}
		f, err := s.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.WriteTo(writer{ctx, w})
		return err
	})
	if err != nil {
		return fmt.Errorf("get %s: %w", name, err)
	}
	return nil
}
