package probe

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type mountEntry struct {
	point, source, fs string
	opts, super       []string
}

func (v *view) mount(ctx context.Context, q Question) (*Mount, error) {
	limit, err := timeoutOf(q, 5*time.Second)
	if err != nil {
		return nil, err
	}
	list, err := v.mounts()
	if err != nil {
		return nil, err
	}
	point := filepath.Clean(q.Name)
	var m *Mount
	for _, e := range list { // of several on one point the last is on top
		if e.point == point {
			m = &Mount{Exists: true, Opts: e.opts, VFSOpts: e.super, Source: e.source, Filesystem: e.fs}
		}
	}
	if m == nil {
		return &Mount{Opts: []string{}, VFSOpts: []string{}}, nil
	}
	if m.Usage, err = usage(ctx, point, limit); err != nil {
		return nil, fmt.Errorf("read usage of %s: %w", point, err)
	}
	return m, nil
}

// usage returns how many percent of the blocks are taken. A dead network file
// system blocks the system call for ever; it is left behind.
func usage(ctx context.Context, point string, limit time.Duration) (int, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v", limit))
	defer cancel()
	type result struct {
		st  syscall.Statfs_t
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = syscall.Statfs(point, &r.st)
		done <- r
	}()
	select {
	case r := <-done:
		if r.err != nil || r.st.Blocks == 0 {
			return 0, r.err
		}
		return int(math.Round(100 * (1 - float64(r.st.Bfree)/float64(r.st.Blocks)))), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func readMounts() ([]mountEntry, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseMountinfo(f)
}

// parseMountinfo reads proc_pid_mountinfo(5): a number of optional fields stands
// between the mount's own options and a lone dash.
func parseMountinfo(r io.Reader) ([]mountEntry, error) {
	var list []mountEntry
	err := eachLine(r, func(line []byte) error {
		before, after, ok := bytes.Cut(line, []byte(" - "))
		f, g := strings.Fields(string(before)), strings.Fields(string(after))
		if !ok || len(f) < 6 || len(g) < 2 {
			return nil
		}
		e := mountEntry{point: unescapeOctal(f[4]), opts: splitOptions(f[5]), fs: g[0], source: unescapeOctal(g[1]), super: []string{}}
		if len(g) > 2 {
			e.super = splitOptions(g[2])
		}
		list = append(list, e)
		return nil
	})
	return list, err
}

// splitOptions splits at commas that are not inside double quotes, as in SELinux contexts.
func splitOptions(text string) []string {
	quoted := false
	list := strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
	for i := range list {
		list[i] = unescapeOctal(list[i])
	}
	return list
}

// unescapeOctal replaces \040 and its like.
func unescapeOctal(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+4 <= len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
