package ssh

import (
	"net"
	"strconv"
	"testing"
)

func FuzzParseTunnel(f *testing.F) {
	for _, s := range []string{"8080:localhost:80", "1:[::1]:2", "", ":", "1:2", "65536:a:1", "1::2", "-1:a:1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		tunnel, err := ParseTunnel(s)
		if err != nil {
			return
		}
		if tunnel.Port < 0 || tunnel.Port > 65535 {
			t.Errorf("port %d of %q", tunnel.Port, s)
		}
		if _, port, err := net.SplitHostPort(tunnel.Addr); err != nil {
			t.Errorf("address %q of %q: %v", tunnel.Addr, s, err)
		} else if n, err := strconv.Atoi(port); err != nil || n > 65535 {
			t.Errorf("address %q of %q", tunnel.Addr, s)
		}
	})
}
