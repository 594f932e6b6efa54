// Package httpdata holds the data source that asks a web server.
package httpdata

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// limits of one request.
const (
	timeLimit = 30 * time.Second
	sizeLimit = 16 << 20 // bytes of the answer: no value of a template is larger
)

// Data is a data source that makes one request. Its timeout is timeLimit.
func Data() template.Kind[machine.DataSource] {
	return template.Define("http", "ask a web server: body is its answer", func(c config) (machine.DataSource, error) {
		var errs []error
		if c.Method == "" {
			c.Method = http.MethodGet
		}
		if !slices.Contains(methods, c.Method) {
			errs = append(errs, template.At("method", fmt.Errorf("%q is none of %s", c.Method, strings.Join(methods, ", "))))
		}
		switch u, err := url.Parse(c.URL); {
		case err != nil:
			errs = append(errs, template.At("url", bare(err)))
		case c.URL != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == ""):
			errs = append(errs, template.At("url", errors.New("it begins with http:// or https:// and a host")))
		}
		return &source{c, http.DefaultTransport}, errors.Join(errs...)
	})
}

type config struct {
	URL     string            `opt:"url,required" doc:"The address. The answer must have a status of success (2xx)."`
	Method  string            `opt:"method" default:"GET" doc:"HEAD, GET, POST, PUT, DELETE, OPTIONS or PATCH."`
	Headers map[string]string `opt:"request_headers" doc:"Headers of the request. The attribute of the same name holds those of the answer."`
	Body    string            `opt:"request_body" doc:"What is sent."`
}

var methods = []string{"HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}

type source struct {
	config
	transport http.RoundTripper
}

func (s *source) Read(ctx context.Context) (cty.Value, error) {
	v, err := s.read(ctx)
	if err != nil {
		return cty.NilVal, fmt.Errorf("%s %s: %w", s.Method, redacted(s.URL), err)
	}
	return v, nil
}

func (s *source) read(ctx context.Context) (cty.Value, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeLimit, fmt.Errorf("no complete answer within %s", timeLimit))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, s.Method, s.URL, strings.NewReader(s.Body))
	if err != nil {
		return cty.NilVal, bare(err)
	}
	for name, value := range s.Headers {
		req.Header.Set(name, value)
		if strings.EqualFold(name, "Host") {
			req.Host = value
		}
	}
	resp, err := (&http.Client{Transport: s.transport}).Do(req)
	if err != nil {
		return cty.NilVal, s.cause(ctx, bare(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return cty.NilVal, fmt.Errorf("the server answered %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, sizeLimit+1))
	switch {
	case err != nil:
		return cty.NilVal, s.cause(ctx, fmt.Errorf("read the answer: %w", err))
	case len(body) > sizeLimit:
		return cty.NilVal, fmt.Errorf("the answer is larger than %d MiB", sizeLimit>>20)
	case !utf8.Valid(body):
		return cty.NilVal, fmt.Errorf("the answer is no UTF-8 text (%s)", contentType(resp.Header))
	}
	headers := map[string]cty.Value{}
	for name, values := range resp.Header {
		headers[name] = cty.StringVal(strings.Join(values, ", "))
	}
	all := cty.MapValEmpty(cty.String)
	if len(headers) > 0 {
		all = cty.MapVal(headers)
	}
	return cty.ObjectVal(map[string]cty.Value{
		"url": cty.StringVal(s.URL), "body": cty.StringVal(string(body)), "request_headers": all,
	}), nil
}

// cause is why the request ended, where that was not the server.
func (s *source) cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// bare is the error without the address, which may hold a password.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "request"
	}
	return u.Redacted()
}

func contentType(h http.Header) string {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return "no content type"
	}
	return t
}
