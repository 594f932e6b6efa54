package tree

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

// resolveTimeout bounds one question to a mirror.
const resolveTimeout = 15 * time.Second

// Resolve returns a digest of what the mirror has for the suite now: of its
// signed Release file, which changes with every package of the suite. Mirror is a
// URL (http, https, file, copy) or one-line source entries ("deb URI suite
// component…", several in several lines, then all of them count); empty stands
// for the host's own package sources. It honours the environment's proxies and
// those of the host's apt, and waits at most 15 seconds for each entry.
//
// proxy, when not empty, is asked instead of those.
func Resolve(ctx context.Context, suite, mirror, proxy string) (image.Digest, error) {
	if mirror == "" {
		if mirror = HostSources(suite); mirror == "" {
			return "", fmt.Errorf("resolve: %w", noSources(suite))
		}
	}
	entries := parseOneLine(mirror)
	if len(entries) == 0 {
		entries = []aptSource{{uri: strings.TrimSpace(mirror), suite: suite}}
	}
	sum := sha256.New()
	for _, e := range entries {
		if err := release(ctx, e, proxy, sum); err != nil {
			return "", fmt.Errorf("resolve %s: %w", e.suite, err)
		}
	}
	return digest(sum), nil
}

// release writes one source's Release file.
func release(ctx context.Context, s aptSource, proxy string, w io.Writer) error {
	base := strings.TrimSuffix(s.uri, "/") + "/dists/" + s.suite + "/"
	if strings.HasSuffix(s.suite, "/") { // a flat repository
		base = strings.TrimSuffix(s.uri, "/") + "/" + s.suite
	}
	var err error
	for _, name := range []string{"InRelease", "Release"} {
		if err = fetch(ctx, base+name, proxy, w); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return fmt.Errorf("the mirror %s has no such suite: check suite and mirror", s.uri)
}

func fetch(ctx context.Context, from, proxy string, w io.Writer) error {
	u, err := url.Parse(from)
	if err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	switch u.Scheme {
	case "file", "copy":
		f, err := os.Open(u.Path)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, io.LimitReader(f, maxRelease))
		return err
	case "http", "https":
	default:
		return fmt.Errorf("mirror %s: only http, https, file and copy are supported", u.Redacted())
	}
	ctx, stop := context.WithTimeout(ctx, resolveTimeout)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) {
			if proxy != "" && !isLoopback(r.URL.Hostname()) {
				return proxyURL(proxy)
			}
			if p, err := http.ProxyFromEnvironment(r); p != nil || err != nil {
				return p, err
			}
			if p := AptProxy(r.Context(), r.URL.Scheme); p != "" && !isLoopback(r.URL.Hostname()) {
				return url.Parse(p)
			}
			return nil, nil
		},
		DialContext:       (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		DisableKeepAlives: true,
	}}
	resp, err := client.Do(req)
	if err != nil {
		return dead(u, err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return fs.ErrNotExist
	default:
		return dead(u, fmt.Errorf("it answers %s", resp.Status))
	}
	if _, err := io.Copy(w, io.LimitReader(resp.Body, maxRelease)); err != nil {
		return dead(u, err)
	}
	return nil
}

// proxyURL reads a proxy as programs do: without a scheme it is one of HTTP.
func proxyURL(proxy string) (*url.URL, error) {
	if !strings.Contains(proxy, "://") {
		proxy = "http://" + proxy
	}
	u, err := url.Parse(proxy)
	if err != nil {
		return nil, errors.New("the proxy is no URL") // which may hold a password
	}
	return u, nil
}

// maxRelease bounds the size of a Release file; Debian's is below 1 MB.
const maxRelease = 64 << 20

func dead(u *url.URL, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // it repeats the URL, and with it a password
	}
	return fmt.Errorf("the mirror %s cannot be reached: %w: check its address, the network and the proxy (http_proxy)", u.Host, err)
}

// Loopback tells whether a host name or address is this host itself, and at which
// address.
func Loopback(name string) (netip.Addr, bool) {
	if strings.EqualFold(name, "localhost") {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	a, err := netip.ParseAddr(name)
	return a, err == nil && a.IsLoopback()
}

func isLoopback(name string) bool {
	_, ok := Loopback(name)
	return ok
}
