package ssh

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// TestReboot: the machine is used again only when it has come up anew, and what was
// under way when it went is lost.
func TestReboot(t *testing.T) {
	t.Parallel()
	boot := filepath.Join(t.TempDir(), "boot_id")
	set := func(id string) {
		if err := errors.Join(os.WriteFile(boot+".new", []byte(id+"\n"), 0o644), os.Rename(boot+".new", boot)); err != nil {
			t.Error(err)
		}
	}
	set("first-boot")
	s := startServer(t, nil)
	o := s.options()
	o.bootFile, o.Wait = boot, time.Minute
	var mu sync.Mutex
	var said []string
	waited := make(chan struct{})
	o.Say = func(_ string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		for _, a := range args {
			if err, ok := a.(error); ok {
				said = append(said, err.Error())
				if len(said) == 1 {
					close(waited)
				}
			}
		}
	}
	c := dial(t, o)
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	_, err := c.Run(t.Context(), machine.Command{Line: "echo going; " + lingers(t), Stdout: writerFunc(func([]byte) { once.Do(s.drop) })})
	if !errors.Is(err, machine.ErrDisconnected) {
		t.Fatalf("%v", err)
	}
	// The old boot still answers. Nothing may run there.
	done := make(chan error, 3)
	for range cap(done) {
		go func() {
			var out bytes.Buffer
			_, err := c.Run(t.Context(), machine.Command{Line: "cat " + machine.Quote(boot), Stdout: &out})
			if err == nil && out.String() != "second-boot\n" {
				err = errors.New("ran in " + out.String())
			}
			done <- err
		}()
	}
	<-waited
	set("second-boot")
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(said) == 0 || !strings.Contains(said[0], "it has not restarted yet") {
		t.Errorf("said %q", said)
	}
}

// TestOldBoot: without patience a machine that has not restarted cannot be reached.
func TestOldBoot(t *testing.T) {
	t.Parallel()
	boot := filepath.Join(t.TempDir(), "boot_id")
	if err := os.WriteFile(boot, []byte("first\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, nil)
	o := s.options()
	o.bootFile = boot
	c := dial(t, o)
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); err != nil {
		t.Fatal(err)
	}
	s.drop()
	file := filepath.Join(t.TempDir(), "file")
	if err := c.Put(t.Context(), file, 0o644, strings.NewReader("x")); !errors.Is(err, machine.ErrUnreachable) && !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("%v", err)
	}
	s.listener.Close()
	s.drop()
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); !errors.Is(err, machine.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the file has come there")
	}
}

// TestWaits: a machine that is starting is waited for, and one that is not does not
// take for ever.
func TestWaits(t *testing.T) {
	t.Parallel()
	s := startServer(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := s.options()
	o.Addr, o.Wait = l.Addr().String(), time.Minute
	l.Close() // nobody listens there
	asked := make(chan struct{})
	var once sync.Once
	o.Say = func(string, ...any) { once.Do(func() { close(asked) }) }
	var listening sync.WaitGroup
	listening.Go(func() {
		<-asked
		l, err := net.Listen("tcp", o.Addr)
		if err != nil {
			t.Error(err)
			return
		}
		defer l.Close()
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		s.serve(c)
	})
	c, err := Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	listening.Wait()

	o.Wait = 300 * time.Millisecond
	if _, err := Dial(t.Context(), o); err == nil || !strings.Contains(err.Error(), "connection refused; gave up after") {
		t.Errorf("%v", err)
	}
}

// TestRefusedLogins: so many are borne, and then the error tells what was tried.
func TestRefusedLogins(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	logins := 0
	s := startServer(t, func(x *server) {
		x.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
			mu.Lock()
			defer mu.Unlock()
			logins++
			return nil, errors.New("wrong")
		}
	})
	o := s.options()
	wrong := newKey(t)
	o.Auth = Auth{Keys: []ssh.Signer{wrong}, Password: "not this"}
	o.Wait, o.Refusals = -1, 3
	_, err := Dial(t.Context(), o)
	for _, want := range []string{"refuses the login of somebody", ssh.FingerprintSHA256(wrong.PublicKey()), "password", "gave up after 3 refused logins"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), "not this") {
		t.Errorf("tells the password: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if logins != 3 {
		t.Errorf("%d logins", logins)
	}
}
