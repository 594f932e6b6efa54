package machine

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// exitNoTar is a shell's for a command that is not there.
const exitNoTar = 127

// putFiles sends what a machine without tar has not got of a tree: its script has made
// the directories.
func putFiles(ctx context.Context, c Communicator, src, dst string, moved func(int64)) error {
	var links strings.Builder
	err := walk(src, func(n node) error {
		to := path.Join(dst, n.name)
		switch {
		case n.info.IsDir():
			return nil
		case n.link != "":
			fmt.Fprintf(&links, "ln -sfn -- %s %s || exit\n", Quote(n.link), Quote(to))
			return nil
		}
		f, err := os.Open(n.host)
		if err != nil {
			return err
		}
		defer f.Close()
		mode := os.FileMode(0o644)
		if n.info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return c.Put(ctx, to, mode, counting{f, moved})
	})
	if err != nil || links.Len() == 0 {
		return err
	}
	var stderr Tail
	exit, err := c.Run(ctx, Command{Line: links.String(), Env: tarEnv(), Stderr: &stderr})
	if err == nil && exit != 0 {
		err = fmt.Errorf("make links: status %d: %s", exit, stderr.String())
	}
	return err
}

// listScript prints what getScript would pack, a line for each thing: d for a
// directory, x or f for a file, l for a link with what it leads to on a line of its own.
func listScript(src string) (string, error) {
	script, err := getScript(src)
	if err != nil {
		return "", err
	}
	begin, _, _ := strings.Cut(script, "exec tar")
	return begin + `for f; do shift; set -- "$@" "./$f"; done
exec find "$@" -exec sh -c 'for f; do
	if [ -L "$f" ]; then printf "l%s\n%s\n" "$f" "$(readlink "$f")"
	elif [ -d "$f" ]; then printf "d%s\n" "$f"
	elif [ -f "$f" ]; then if [ -x "$f" ]; then printf "x%s\n" "$f"; else printf "f%s\n" "$f"; fi
	fi
done' sh {} +`, nil
}

// packFiles writes the archive that a machine without tar cannot make.
func packFiles(ctx context.Context, c Communicator, src string, w io.Writer) error {
	script, err := listScript(src)
	if err != nil {
		return err
	}
	var list bytes.Buffer
	var stderr Tail
	exit, err := c.Run(ctx, Command{Line: script, Env: tarEnv(), Stdout: &list, Stderr: &stderr})
	if err == nil && exit != 0 {
		err = fmt.Errorf("the machine has no tar program, and does not list its files either: status %d: %s", exit, stderr.String())
	}
	if err != nil {
		return err
	}
	dir := path.Clean(src)
	if HasWildcard(dir) {
		dir = path.Dir(dir)
	}
	entries, err := readList(list.String())
	if err != nil {
		return err
	}
	tw := tar.NewWriter(w)
	for _, h := range entries {
		if h.Typeflag == tar.TypeReg {
			err = packFile(ctx, c, path.Join(dir, h.Name), h, tw)
		} else {
			err = tw.WriteHeader(h)
		}
		if err != nil {
			return err
		}
	}
	return tw.Close()
}

// readList reads what listScript prints.
func readList(text string) (entries []*tar.Header, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		return nil, nil
	}
	for ; len(lines) > 0; lines = lines[1:] {
		line := lines[0]
		switch line {
		case "d./.":
			continue // the directory itself
		case "":
			line = " " // which nothing begins with
		}
		h := &tar.Header{Name: strings.TrimPrefix(line[1:], "./"), Mode: 0o644, Typeflag: tar.TypeReg}
		ok := strings.HasPrefix(line[1:], "./")
		switch line[0] {
		case 'd':
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		case 'l':
			if ok = ok && len(lines) > 1; ok {
				h.Typeflag, h.Linkname = tar.TypeSymlink, lines[1]
				lines = lines[1:]
			}
		case 'x':
			h.Mode = 0o755
		case 'f':
		default:
			ok = false
		}
		if !ok {
			return nil, fmt.Errorf("the machine lists %q: a name there may hold a line break", line)
		}
		entries = append(entries, h)
	}
	return entries, nil
}

// packFile fetches a file whole first: its size stands before it.
func packFile(ctx context.Context, c Communicator, name string, h *tar.Header, tw *tar.Writer) (err error) {
	f, err := os.CreateTemp("", "proofmark-file-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if err := c.Get(ctx, name, f); err != nil {
		return err
	}
	if h.Size, err = f.Seek(0, io.SeekCurrent); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := tw.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(tw, f)
	return err
}
