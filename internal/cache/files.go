package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// treeDetails is the largest tree whose entries are inputs one by one, so that
// Explain can name the file that changed.
const treeDetails = 200

// AddFile adds a file's content and permission bits. Its times do not matter,
// and links are followed. When it fails, nothing was added.
func (h *Hash) AddFile(name, path string) error {
	digest, mode, err := h.file(path)
	if err != nil {
		return fmt.Errorf("hash %s: %w", name, err)
	}
	h.write(markFile, name, mode, digest)
	h.note(name, digest+" "+mode)
	return nil
}

// AddTree adds a directory tree: relative paths, types, permission bits, link
// targets and contents. Times and owners do not matter. Links are followed at
// the top only. When it fails, nothing was added.
func (h *Hash) AddTree(name, dir string) error {
	sum, details, err := h.tree(dir)
	if err != nil {
		return fmt.Errorf("hash %s: %w", name, err)
	}
	digest := "sha256:" + hex.EncodeToString(sum.Sum(nil))
	h.write(markTree, name, digest)
	h.note(name, fmt.Sprintf("%s (%d entries)", digest, len(details)))
	if len(details) <= treeDetails {
		for _, d := range details {
			h.note(name+"/"+d.Name, d.Value)
		}
	}
	return nil
}

// tree walks in the order of names, which WalkDir guarantees.
func (h *Hash) tree(dir string) (sum hash.Hash, details []Input, err error) {
	top, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, nil, err
	}
	if fi, err := os.Stat(top); err != nil {
		return nil, nil, err
	} else if !fi.IsDir() {
		return nil, nil, fmt.Errorf("%s is not a directory", dir)
	}
	sum = sha256.New()
	err = filepath.WalkDir(top, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		typ, mode, content, err := h.node(path, e)
		if err != nil {
			return err
		}
		writeTexts(sum, rel, typ, mode, content)
		if rel != "." {
			value := strings.TrimSpace(typ + " " + mode + " " + content)
			details = append(details, Input{strings.ToValidUTF8(rel, "\uFFFD"), shown(value)})
		}
		return nil
	})
	return sum, details, err
}

func (h *Hash) node(path string, e fs.DirEntry) (typ, mode, content string, err error) {
	fi, err := e.Info()
	if err != nil {
		return "", "", "", err
	}
	switch mode = modeText(fi.Mode()); fi.Mode().Type() {
	case 0:
		content, mode, err = h.file(path)
		return "file", mode, content, err
	case fs.ModeDir:
		return "dir", mode, "", nil
	case fs.ModeSymlink:
		// A link's own permission bits mean nothing and differ between systems.
		content, err = os.Readlink(path)
		return "link", "", content, err
	case fs.ModeNamedPipe:
		return "pipe", mode, "", nil
	case fs.ModeSocket:
		return "socket", mode, "", nil
	default:
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return "", "", "", &fs.PathError{Op: "lstat", Path: path, Err: err}
		}
		return fi.Mode().Type().String(), mode, fmt.Sprintf("%d:%d", unix.Major(uint64(st.Rdev)), unix.Minor(uint64(st.Rdev))), nil
	}
}

// file returns the digest of a file's content and its permission bits. It reads the
// content as a stream, unless the store remembers it.
func (h *Hash) file(path string) (digest, mode string, err error) {
	// Without O_NONBLOCK a pipe would block the open until somebody writes.
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return "", "", err
	}
	if !fi.Mode().IsRegular() {
		return "", "", fmt.Errorf("%s is not a regular file", path)
	}
	stamp, err := stampOf(f)
	if err != nil {
		return "", "", err
	}
	known := path
	if abs, err := filepath.Abs(path); err == nil {
		known = abs
	}
	if digest, ok := h.digests.find(known, stamp); ok {
		return digest, modeText(fi.Mode()), nil
	}
	began := time.Now()
	sum := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{f}, make([]byte, 128<<10)); err != nil {
		return "", "", err
	}
	digest = "sha256:" + hex.EncodeToString(sum.Sum(nil))
	if now, err := stampOf(f); err == nil && now == stamp {
		h.digests.note(known, stamp, digest, began)
	}
	return digest, modeText(fi.Mode()), nil
}

// modeText is the mode as chmod takes it: "0644", "4755".
func modeText(m fs.FileMode) string {
	bits := uint32(m.Perm())
	if m&fs.ModeSetuid != 0 {
		bits |= 0o4000
	}
	if m&fs.ModeSetgid != 0 {
		bits |= 0o2000
	}
	if m&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return fmt.Sprintf("%04o", bits)
}
