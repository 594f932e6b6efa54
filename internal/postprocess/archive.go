package postprocess

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/klauspost/compress/flate"
	"golang.org/x/sys/unix"
)

// tar writes members with owners, times, links, devices and extended attributes.
// Sockets are left out.
func (c copier) tar(w io.Writer, members []member) error {
	archive := tar.NewWriter(w)
	links := map[[2]uint64]string{} // names of files that have several
	for _, m := range members {
		if m.info.Mode().Type() == fs.ModeSocket {
			continue
		}
		if err := c.tarMember(archive, m, links); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	return archive.Close()
}

func (c copier) tarMember(archive *tar.Writer, m member, links map[[2]uint64]string) error {
	target := ""
	var err error
	if m.info.Mode().Type() == fs.ModeSymlink {
		if target, err = os.Readlink(m.path); err != nil {
			return err
		}
	}
	h, err := tar.FileInfoHeader(m.info, target)
	if err != nil {
		return err
	}
	h.Name = m.name
	if m.info.IsDir() {
		h.Name += "/"
	}
	h.Uname, h.Gname = "", "" // the names of this host say nothing elsewhere
	if h.PAXRecords, err = xattrs(m.path); err != nil {
		return err
	}
	if st, ok := m.info.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 && h.Typeflag == tar.TypeReg {
		id := [2]uint64{uint64(st.Dev), st.Ino}
		if first := links[id]; first != "" {
			h.Typeflag, h.Linkname, h.Size, h.PAXRecords = tar.TypeLink, first, 0, nil
		} else {
			links[id] = h.Name
		}
	}
	if err := archive.WriteHeader(h); err != nil {
		return err
	}
	if h.Typeflag != tar.TypeReg {
		return nil
	}
	return c.file(archive, m.path)
}

// xattrs are a file's extended attributes as tar writes them; none where the file
// system has none.
func xattrs(path string) (map[string]string, error) {
	names := make([]byte, 1<<16)
	n, err := unix.Llistxattr(path, names)
	if errors.Is(err, unix.ENOTSUP) || n == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, os.NewSyscallError("llistxattr", err)
	}
	records := map[string]string{}
	value := make([]byte, 1<<16)
	for _, name := range splitNames(names[:n]) {
		k, err := unix.Lgetxattr(path, name, value)
		if err != nil {
			return nil, os.NewSyscallError("lgetxattr "+name, err)
		}
		records["SCHILY.xattr."+name] = string(value[:k])
	}
	return records, nil
}

// splitNames splits a list in which each name ends in a zero byte.
func splitNames(list []byte) (names []string) {
	begin := 0
	for i, b := range list {
		if b == 0 {
			names = append(names, string(list[begin:i]))
			begin = i + 1
		}
	}
	return names
}

// zip writes files, directories and symbolic links; it has no others.
func (c copier) zip(w io.Writer, members []member, level int) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, level) })
	for _, m := range members {
		mode := m.info.Mode()
		if !mode.IsRegular() && !mode.IsDir() && mode.Type() != fs.ModeSymlink {
			continue
		}
		if err := c.zipMember(archive, m); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	return archive.Close()
}

func (c copier) zipMember(archive *zip.Writer, m member) error {
	h, err := zip.FileInfoHeader(m.info)
	if err != nil {
		return err
	}
	h.Name = m.full // tar has the last elements alone: as Packer does it
	if m.info.IsDir() {
		h.Name += "/"
		_, err := archive.CreateHeader(h)
		return err
	}
	h.Method = zip.Deflate
	w, err := archive.CreateHeader(h)
	if err != nil {
		return err
	}
	if m.info.Mode().Type() == fs.ModeSymlink {
		target, err := os.Readlink(m.path)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, target)
		return err
	}
	return c.file(w, m.path)
}
