package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// runMarks are what differs from run to run, and what a packed file's bytes decide.
var runMarks = regexp.MustCompile(`"build_time": \d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\.(gz|zip|lz4|xz|bgzf)",\s+"size": \d+|[0-9a-f]{32,128}\t\S+\.(gz|zip|lz4|xz|bgzf)\n`)

// plainText is what a file says, however it is packed: two programs pack the same in
// different bytes.
func plainText(data []byte) string {
	for _, unpack := range []func([]byte) (string, error){untar, unzip, unpacked(func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }),
		unpacked(func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) }),
		unpacked(func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil })} {
		if text, err := unpack(data); err == nil {
			return text
		}
	}
	return sortManifest(runMarks.ReplaceAllString(string(data), "RUN"))
}

// sortManifest sorts the entries of a manifest: builds that run side by side end in
// any order.
func sortManifest(text string) string {
	const begin, between, end = "  \"builds\": [\n    {\n", "\n    },\n    {\n", "\n    }\n  ],\n"
	before, rest, ok1 := strings.Cut(text, begin)
	list, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		return text
	}
	entries := strings.Split(list, between)
	slices.Sort(entries)
	return before + begin + strings.Join(entries, between) + end + after
}

func unpacked(open func(io.Reader) (io.Reader, error)) func([]byte) (string, error) {
	return func(data []byte) (string, error) {
		r, err := open(bytes.NewReader(data))
		if err != nil {
			return "", err
		}
		plain, err := io.ReadAll(r)
		if err != nil || len(data) == 0 {
			return "", fmt.Errorf("not packed: %w", err)
		}
		return "packed " + plainText(plain), nil
	}
}

func untar(data []byte) (string, error) {
	var b strings.Builder
	for r := tar.NewReader(bytes.NewReader(data)); ; {
		h, err := r.Next()
		if err == io.EOF && b.Len() > 0 {
			return b.String(), nil
		}
		if err != nil {
			return "", fmt.Errorf("not a tar: %w", err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "tar %s %o %s\n", h.Name, h.Mode, plainText(text))
	}
}

func unzip(data []byte) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(r)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "zip %s %s\n", f.Name, plainText(text))
	}
	return b.String(), nil
}
