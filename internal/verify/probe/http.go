package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// fetch asks a web server once, on a connection of its own.
func fetch(ctx context.Context, q Question) (*HTTP, error) {
	limit, err := timeoutOf(q, 5*time.Second)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := httpRequest(ctx, q)
	if err != nil {
		return nil, err
	}
	transport, err := httpTransport(q.Args)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: transport}
	if isSet(q.Args["no-follow-redirects"]) {
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	resp, err := client.Do(req)
	if err != nil {
		return &HTTP{Err: httpError(err, limit)}, nil
	}
	defer resp.Body.Close()
	body := newHead(0)
	// One byte more than the head keeps tells whether there is more.
	if _, err := io.Copy(body, io.LimitReader(resp.Body, MaxBlob+1)); err != nil {
		return &HTTP{Err: httpError(err, limit)}, nil
	}
	return &HTTP{Status: resp.StatusCode, Headers: resp.Header, Body: body.buf.Bytes(), Cut: body.cut}, nil
}

func httpRequest(ctx context.Context, q Question) (*http.Request, error) {
	method := q.Args["method"]
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, q.Name, strings.NewReader(q.Args["request-body"]))
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(q.Args["request-headers"]) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("read request header %q: want \"Name: value\"", line)
		}
		if value = strings.TrimSpace(value); strings.EqualFold(name, "Host") {
			req.Host = value
		} else {
			req.Header.Add(name, value)
		}
	}
	if q.Args["username"] != "" || q.Args["password"] != "" {
		req.SetBasicAuth(q.Args["username"], q.Args["password"])
	}
	return req, nil
}

func httpTransport(args map[string]string) (*http.Transport, error) {
	conf := &tls.Config{InsecureSkipVerify: isSet(args["allow-insecure"])}
	if name := args["ca-file"]; name != "" {
		pem, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read CA file: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read CA file %s: no certificate in it", name)
		}
	}
	if args["cert-file"] != "" || args["key-file"] != "" {
		pair, err := tls.LoadX509KeyPair(args["cert-file"], args["key-file"])
		if err != nil {
			return nil, fmt.Errorf("read client certificate: %w", err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	// Without a proxy of its own a check reaches what the machine itself would reach.
	t := &http.Transport{TLSClientConfig: conf, DisableKeepAlives: true, ForceAttemptHTTP2: true}
	if proxy := args["proxy"]; proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil {
			return nil, fmt.Errorf("read proxy: %w", err)
		}
		t.Proxy = http.ProxyURL(u)
	}
	return t, nil
}

func httpError(err error, limit time.Duration) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %v", limit)
	}
	return err.Error()
}
