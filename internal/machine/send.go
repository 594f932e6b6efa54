package machine

import (
	"archive/tar"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// survey returns the content bytes of what PutTree sends of src, and the names of
// its directories.
func survey(src string) (total int64, dirs []string, err error) {
	err = walk(src, func(n node) error {
		switch {
		case n.info.IsDir() && strings.Contains(n.name, "\n"):
			return fmt.Errorf("directory name %q holds a line break", n.name)
		case n.info.IsDir():
			dirs = append(dirs, n.name)
		case n.info.Mode().IsRegular():
			total += n.info.Size()
		}
		return nil
	})
	return total, dirs, err
}

// sendTree writes what the script of PutTree reads: the names of directories, an
// empty line, a tar archive of all else.
func sendTree(w io.Writer, src string, dirs []string, moved func(int64)) error {
	// One write carries the end mark: tar may stop reading in the middle of it.
	bw := bufio.NewWriterSize(w, 64<<10)
	for _, d := range dirs {
		bw.WriteString(d + "\n")
	}
	bw.WriteString("\n")
	tw := tar.NewWriter(bw)
	err := walk(src, func(n node) error {
		h := &tar.Header{
			// GNU tar's own format is the one in which every tar takes long and
			// non-ASCII names; busybox does not know those of pax.
			Format:  tar.FormatGNU,
			Name:    n.name,
			Mode:    0o644,
			ModTime: time.Unix(0, 0),
		}
		switch {
		case n.info.IsDir():
			return nil
		case n.link != "":
			h.Typeflag, h.Linkname, h.Mode = tar.TypeSymlink, n.link, 0o777
			return tw.WriteHeader(h)
		}
		if n.info.Mode()&0o100 != 0 {
			h.Mode = 0o755
		}
		h.Typeflag, h.Size = tar.TypeReg, n.info.Size()
		if err := tw.WriteHeader(h); err != nil {
			return err
		}
		return sendFile(tw, n.host, h.Size, moved)
	})
	if err != nil {
		return err
	}
	if err := tw.Close(); err != nil {
		return err
	}
	return bw.Flush()
}

func sendFile(w io.Writer, host string, size int64, moved func(int64)) error {
	f, err := os.Open(host)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyN(w, counting{f, moved}, size)
	if errors.Is(err, io.EOF) {
		return &fs.PathError{Op: "read", Path: host, Err: errors.New("file became shorter while it was read")}
	}
	return err
}

// counting reports how much was read.
type counting struct {
	r     io.Reader
	moved func(int64)
}

func (c counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.moved(int64(n))
	return n, err
}
