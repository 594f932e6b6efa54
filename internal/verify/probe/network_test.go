package probe

import (
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/dns/dnsmessage"
)

func TestAddr(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	tests := []struct {
		name, local string
		reachable   bool
		err         bool
	}{
		{"tcp://" + address, "", true, false},
		{address, "127.0.0.1", true, false},
		{"udp://" + address, "", true, false},
		{"tcp://" + closed, "", false, false},
		{"tcp://nonsense", "", false, false},
		{"icmp://" + address, "", false, true},
		{"tcp://" + address, "here", false, true},
	}
	for _, tt := range tests {
		facts, errs := answers(t, "/", Question{Kind: KindAddr, Name: tt.name, Args: map[string]string{"local-address": tt.local, "timeout": "5s"}})
		if (errs[0] != nil) != tt.err {
			t.Errorf("%s: error %v", tt.name, errs[0])
			continue
		}
		if tt.err {
			continue
		}
		if a := facts[0].(*Addr); a.Reachable != tt.reachable || (a.Err == "") != tt.reachable {
			t.Errorf("%s: got %+v", tt.name, a)
		}
	}
}

// closed is an address at which nothing listens: its port is given to nobody who asks for any.
const closed = "127.0.0.1:1"

// TestAskedAhead has more questions than slots: as many as there are slots wait at
// the same time, and never more.
func TestAskedAhead(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var waiting, most int
	all := make(chan struct{}) // closed when all slots are taken
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		waiting++
		if most = max(most, waiting); waiting == maxAhead && most == maxAhead {
			select {
			case <-all:
			default:
				close(all)
			}
		}
		mu.Unlock()
		select {
		case <-all:
		case <-r.Context().Done(): // nobody waits for the answer any more
		}
		mu.Lock()
		waiting--
		mu.Unlock()
		fmt.Fprint(w, r.URL.Path)
	}))
	defer srv.Close()
	var qs []Question
	for i := range 20 {
		qs = append(qs, Question{Kind: KindHTTP, Name: fmt.Sprintf("%s/%d", srv.URL, i)}, Question{Kind: KindFile, Name: "/"})
	}
	facts, _ := answers(t, "/", qs...)
	if most > maxAhead {
		t.Errorf("%d questions waited at the same time, want %d at most", most, maxAhead)
	}
	for i := range 20 {
		if h := facts[2*i].(*HTTP); string(h.Body) != fmt.Sprintf("/%d", i) {
			t.Errorf("answer %d is %q: %s", i, h.Body, h.Err)
		}
	}
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/go":
			http.Redirect(w, r, "/there", http.StatusFound)
		case "/slow":
			select {
			case <-r.Context().Done():
			case <-time.After(10 * time.Second):
			}
		case "/large":
			_, _ = w.Write(make([]byte, MaxBlob+10))
		default:
			user, password, _ := r.BasicAuth()
			body := new(strings.Builder)
			_, _ = fmt.Fprintf(body, "%s %s %s:%s %s %s ", r.Method, r.Host, user, password, r.URL.Path, r.Header.Get("X-One"))
			_ = r.ParseForm()
			w.Header().Set("X-Answer", "yes")
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, body)
		}
	})
	plain, secure := httptest.NewServer(handler), httptest.NewTLSServer(handler)
	defer plain.Close()
	defer secure.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	host := strings.TrimPrefix(plain.URL, "http://")
	tests := []struct {
		name   string
		url    string
		args   map[string]string
		status int
		body   string
		err    string // part of HTTP.Err
	}{
		{"plain", plain.URL + "/a", nil, 418, "GET " + host + " : /a  ", ""},
		{"all arguments", plain.URL + "/a", map[string]string{"method": "PUT", "username": "u", "password": "p", "request-body": "b",
			"request-headers": "X-One: 1\nhost: other\n"}, 418, "PUT other u:p /a 1 ", ""},
		{"redirect", plain.URL + "/go", nil, 418, "GET " + host + " : /there  ", ""},
		{"no redirect", plain.URL + "/go", map[string]string{"no-follow-redirects": "true"}, 302, "<a href=\"/there\">Found</a>.\n\n", ""},
		{"false is no switch", plain.URL + "/go", map[string]string{"no-follow-redirects": "false"}, 418, "GET " + host + " : /there  ", ""},
		{"unknown authority", secure.URL + "/a", nil, 0, "", "certificate"},
		{"insecure", secure.URL + "/go", map[string]string{"allow-insecure": "1", "no-follow-redirects": "1"}, 302, "<a href=\"/there\">Found</a>.\n\n", ""},
		{"own authority", secure.URL + "/go", map[string]string{"ca-file": ca, "no-follow-redirects": "1"}, 302, "<a href=\"/there\">Found</a>.\n\n", ""},
		{"proxy", "http://somewhere.invalid/x", map[string]string{"proxy": plain.URL}, 418, "GET somewhere.invalid : /x  ", ""},
		{"too slow", plain.URL + "/slow", map[string]string{"timeout": "100ms"}, 0, "", "no answer within 100ms"},
		{"refused", "http://" + closed, nil, 0, "", "refused"},
	}
	for _, tt := range tests {
		got := one[HTTP](t, "/", Question{Kind: KindHTTP, Name: tt.url, Args: tt.args})
		if got.Status != tt.status || string(got.Body) != tt.body || (got.Err == "") != (tt.err == "") || !strings.Contains(got.Err, tt.err) {
			t.Errorf("%s: got %d %q %q", tt.name, got.Status, got.Body, got.Err)
		}
		if tt.status == 418 && !slices.Equal(got.Headers["X-Answer"], []string{"yes"}) {
			t.Errorf("%s: headers %v", tt.name, got.Headers)
		}
	}
	large := one[HTTP](t, "/", Question{Kind: KindHTTP, Name: plain.URL + "/large"})
	if len(large.Body) != MaxBlob || !large.Cut {
		t.Errorf("%d bytes, cut %v", len(large.Body), large.Cut)
	}
	_, errs := answers(t, "/", Question{Kind: KindHTTP, Name: plain.URL, Args: map[string]string{"ca-file": "/no/such/file"}},
		Question{Kind: KindHTTP, Name: plain.URL, Args: map[string]string{"request-headers": "none"}})
	for i, err := range errs {
		if err == nil {
			t.Errorf("question %d has no error", i)
		}
	}
}

// nameServer answers every question from a table, by UDP; when long is set, UDP
// answers are cut and TCP must be used.
func nameServer(t *testing.T, records map[string][]dnsmessage.ResourceBody, long bool) string {
	t.Helper()
	var udp net.PacketConn
	var tcp net.Listener
	for range 10 { // a port that one of both can have may be another's for the other
		var err error
		if udp, err = net.ListenPacket("udp4", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if tcp, err = net.Listen("tcp4", udp.LocalAddr().String()); err == nil {
			break
		}
		udp.Close()
	}
	if tcp == nil {
		t.Fatal("no port is free for both")
	}
	t.Cleanup(func() { udp.Close(); tcp.Close() })
	reply := func(query []byte, cut bool) []byte {
		var m dnsmessage.Message
		if m.Unpack(query) != nil {
			return nil
		}
		q := m.Questions[0]
		m.Response, m.Truncated = true, cut
		list, ok := records[q.Type.String()+" "+q.Name.String()]
		if !ok {
			m.RCode = dnsmessage.RCodeNameError
		}
		for _, body := range list {
			if !cut {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, Type: q.Type}, Body: body})
			}
		}
		b, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return b
	}
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := udp.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = udp.WriteTo([]byte("\x00\x00something older"), from)
			_, _ = udp.WriteTo(reply(buf[:n], long), from)
		}
	}()
	go func() {
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 1<<16)
			n, _ := c.Read(buf)
			b := reply(buf[2:n], false)
			_, _ = c.Write(append([]byte{byte(len(b) >> 8), byte(len(b))}, b...))
			c.Close()
		}
	}()
	return udp.LocalAddr().String()
}

func TestDNSRecords(t *testing.T) {
	t.Parallel()
	name := dnsmessage.MustNewName
	records := map[string][]dnsmessage.ResourceBody{
		"TypeA host.test.":               {&dnsmessage.AResource{A: [4]byte{10, 0, 0, 2}}, &dnsmessage.AResource{A: [4]byte{10, 0, 0, 1}}},
		"TypeAAAA host.test.":            {&dnsmessage.AAAAResource{AAAA: netip.MustParseAddr("2001:db8::1").As16()}},
		"TypeCNAME alias.test.":          {&dnsmessage.CNAMEResource{CNAME: name("host.test.")}},
		"TypeMX host.test.":              {&dnsmessage.MXResource{Pref: 10, MX: name("mx.test.")}},
		"TypeNS host.test.":              {&dnsmessage.NSResource{NS: name("ns.test.")}},
		"TypeTXT host.test.":             {&dnsmessage.TXTResource{TXT: []string{"v=spf1 -all"}}},
		"TypeSRV _x._tcp.test.":          {&dnsmessage.SRVResource{Priority: 1, Weight: 2, Port: 443, Target: name("host.test.")}},
		"TypePTR 1.0.0.10.in-addr.arpa.": {&dnsmessage.PTRResource{PTR: name("host.test.")}},
		"257 host.test.":                 {&dnsmessage.UnknownResource{Type: typeCAA, Data: []byte("\x00\x05issueca.test")}},
		"TypeA only4.test.":              {&dnsmessage.AResource{A: [4]byte{10, 0, 0, 3}}},
		"TypeAAAA only4.test.":           {},
		"TypeMX none.test.":              {},
	}
	server := nameServer(t, records, false)
	long := nameServer(t, records, true)
	tests := []struct {
		name, server string
		want         []string
	}{
		{"A:host.test", server, []string{"10.0.0.1", "10.0.0.2"}},
		{"A:host.test", long, []string{"10.0.0.1", "10.0.0.2"}},
		{"AAAA:host.test.", server, []string{"2001:db8::1"}},
		{"host.test", server, []string{"10.0.0.1", "10.0.0.2", "2001:db8::1"}},
		{"only4.test", server, []string{"10.0.0.3"}},
		{"CNAME:alias.test", server, []string{"host.test."}},
		{"MX:host.test", server, []string{"10 mx.test."}},
		{"NS:host.test", server, []string{"ns.test."}},
		{"TXT:host.test", server, []string{"v=spf1 -all"}},
		{"SRV:_x._tcp.test", server, []string{"1 2 443 host.test."}},
		{"PTR:10.0.0.1", server, []string{"host.test."}},
		{"CAA:host.test", server, []string{"0 issue ca.test"}},
		{"MX:none.test", server, []string{}},
		{"A:gone.test", server, nil},
	}
	for _, tt := range tests {
		got := one[DNS](t, "/", Question{Kind: KindDNS, Name: tt.name, Args: map[string]string{"server": tt.server, "timeout": "1m"}})
		want := append([]string{}, tt.want...)
		if diff := cmp.Diff(want, got.Addrs); diff != "" || got.Resolvable != (len(want) > 0) || (got.Err != "") != (tt.want == nil) {
			t.Errorf("%s: got %+v\n%s", tt.name, got, diff)
		}
	}
}

// TestDNSWithoutAnswer: silence says nothing about a name.
func TestDNSWithoutAnswer(t *testing.T) {
	t.Parallel()
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	for server, want := range map[string]string{silent.LocalAddr().String(): "no answer within 200ms", closed: "connection refused"} {
		facts, errs := answers(t, "/", Question{Kind: KindDNS, Name: "A:host.test", Args: map[string]string{"server": server, "timeout": "200ms"}})
		if errs[0] == nil || !strings.Contains(errs[0].Error(), want) {
			t.Errorf("got %+v, %v; want %s", facts[0], errs[0], want)
		}
	}
}

func TestDNSHosts(t *testing.T) {
	t.Parallel()
	got := one[DNS](t, "/", Question{Kind: KindDNS, Name: "localhost"})
	if !got.Resolvable || !slices.Contains(got.Addrs, "127.0.0.1") {
		t.Errorf("got %+v", got)
	}
}

func TestReverseName(t *testing.T) {
	t.Parallel()
	for ip, want := range map[string]string{
		"192.0.2.1":        "1.2.0.192.in-addr.arpa",
		"::ffff:192.0.2.1": "1.2.0.192.in-addr.arpa",
		"2001:db8::1":      "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	} {
		if got := reverseName(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %s", ip, got)
		}
	}
}

func FuzzParseReply(f *testing.F) {
	f.Add([]byte("\x00\x01\x80\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x01\x01\x00\x01\x00\x00\x00\x00\x00\x02\x00\x05"))
	f.Fuzz(func(t *testing.T, reply []byte) {
		for _, kind := range recordTypes() {
			_, _ = parseReply(reply, 1, kind)
		}
	})
}

func TestInterface(t *testing.T) {
	t.Parallel()
	lo := one[Interface](t, "/", Question{Kind: KindInterface, Name: "lo"})
	if !lo.Exists || lo.MTU == 0 || !slices.Contains(lo.Addrs, "127.0.0.1/8") {
		t.Errorf("got %+v", lo)
	}
	if i := one[Interface](t, "/", Question{Kind: KindInterface, Name: "no-such-if"}); i.Exists {
		t.Errorf("got %+v", i)
	}
}
