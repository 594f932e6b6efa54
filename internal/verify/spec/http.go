package spec

import (
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func httpKind() *kind {
	return &kind{
		name: "http", title: "HTTP", naming: "url",
		settles: always,
		options: map[string]optionType{
			"timeout": optDuration, "allow-insecure": optFlag, "no-follow-redirects": optFlag,
			"method": optText, "username": optText, "password": optText, "proxy": optText,
			"request-body": optText, "request-headers": optLines,
			"ca-file": optText, "cert-file": optText, "key-file": optText,
		},
		attributes: []attribute{
			{name: "status", leads: true, hand: requestByHand},
			{name: "headers", form: text, label: "header", hand: requestByHand},
			{name: "body", form: text, hand: requestByHand},
		},
		obvious: []want{{"status", int64(200)}},
		observe: asking(
			func(r *resource) probe.Question {
				args := map[string]string{"timeout": r.timeout(5 * time.Second).String()}
				r.arguments(args, "allow-insecure", "no-follow-redirects", "method", "username", "password", "proxy",
					"request-body", "request-headers", "ca-file", "cert-file", "key-file")
				return probe.Question{Kind: probe.KindHTTP, Name: r.name, Args: args}
			},
			func(_ *resource, h probe.HTTP) state {
				if h.Err != "" {
					why := "no answer: " + h.Err
					return state{instead: map[string]string{"status": why, "headers": why, "body": why}}
				}
				var headers []string
				for name, values := range h.Headers {
					for _, v := range values {
						headers = append(headers, name+": "+v)
					}
				}
				slices.Sort(headers)
				st := state{values: map[string]any{
					"status": int64(h.Status), "headers": strings.Join(headers, "\n"), "body": string(h.Body),
				}}
				if h.Cut {
					st.unknown = map[string]string{"body": "the body is too long to be searched"}
				}
				return st
			}),
	}
}

// requestByHand leaves passwords out: they belong in ~/.netrc.
func requestByHand(name string, r *resource, _ state) string {
	words := []string{"curl", "-si"}
	if !r.flag("no-follow-redirects") {
		words = append(words, "-L")
	}
	if r.flag("allow-insecure") {
		words = append(words, "-k")
	}
	if method := r.text("method"); method != "" {
		words = append(words, "-X", shellQuote(method))
	}
	if user := r.text("username"); user != "" {
		words = append(words, "-u", shellQuote(user))
	}
	if body := r.text("request-body"); body != "" {
		words = append(words, "-d", shellQuote(body))
	}
	return strings.Join(append(words, name), " ")
}
