package probe

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

func (v *view) file(ctx context.Context, q Question) (*File, error) {
	if err := absolute(q.Name); err != nil {
		return nil, err
	}
	path, err := v.path(q.Name, false)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return &File{}, nil
	}
	if err != nil {
		return nil, err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, fmt.Errorf("stat %s: no owner", q.Name)
	}
	f := &File{
		Exists: true,
		Type:   typeOf(info.Mode()),
		Mode:   fmt.Sprintf("%04o", st.Mode&0o7777),
		Size:   info.Size(),
		UID:    int(st.Uid),
		GID:    int(st.Gid),
		Owner:  v.userName(ctx, int(st.Uid)),
		Group:  v.groupName(ctx, int(st.Gid)),
	}
	f.MTime, f.TargetType = info.ModTime().Unix(), f.Type
	if f.Type == "symlink" {
		if f.LinkTarget, err = os.Readlink(path); err != nil {
			return nil, err
		}
		f.TargetType = v.targetType(q.Name)
	}
	if err := v.read(ctx, q, f); err != nil {
		f.ReadErr = err.Error()
	}
	return f, nil
}

// targetType returns the type of what a link leads to.
func (v *view) targetType(name string) string {
	path, err := v.path(name, true)
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return typeOf(info.Mode())
}

func typeOf(m fs.FileMode) string {
	switch m.Type() {
	case 0:
		return "file"
	case fs.ModeDir:
		return "directory"
	case fs.ModeSymlink:
		return "symlink"
	case fs.ModeSocket:
		return "socket"
	case fs.ModeNamedPipe:
		return "pipe"
	case fs.ModeDevice | fs.ModeCharDevice:
		return "character-device"
	case fs.ModeDevice:
		return "block-device"
	}
	return "unknown"
}

// read fills in what was asked for of the file's content, in one pass.
func (v *view) read(ctx context.Context, q Question, f *File) error {
	sums := map[string]hash.Hash{}
	var to []io.Writer
	for name, make := range map[string]func() hash.Hash{"md5": md5.New, "sha256": sha256.New, "sha512": sha512.New} {
		if isSet(q.Args[name]) {
			sums[name] = make()
			to = append(to, sums[name])
		}
	}
	content := isSet(q.Args["content"])
	if !content && len(to) == 0 {
		return nil
	}
	r, err := v.openRegular(q.Name)
	if err != nil {
		return err
	}
	defer r.Close()
	var keep *head
	if content {
		keep = newHead(sizeOf(r))
		f.TooLarge = len(to) == 0 && sizeOf(r) > MaxBlob
		to = append(to, keep)
	}
	if !f.TooLarge {
		if _, err := io.Copy(io.MultiWriter(to...), &ctxReader{ctx, r}); err != nil {
			return err
		}
	}
	if content && keep.cut {
		f.TooLarge = true
	}
	if content && !f.TooLarge {
		f.Content = keep.buf.Bytes()
	}
	for name, h := range sums {
		sum := hex.EncodeToString(h.Sum(nil))
		switch name {
		case "md5":
			f.MD5 = sum
		case "sha256":
			f.SHA256 = sum
		case "sha512":
			f.SHA512 = sum
		}
	}
	return nil
}

var errDirectory = errors.New("it is a directory")

// regular is a file whose reading comes to an end, and waits for nothing but a disk.
type regular struct{ *os.File }

var errNoEnd = errors.New("it has no end, only what will come later")

// Read fails where there is nothing to be had now: what looks like a file and is a
// stream, such as /proc/kmsg. An os.File would wait.
func (r regular) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	conn, err := r.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = conn.Read(func(fd uintptr) bool {
		for n, failed = syscall.Read(int(fd), p); failed == syscall.EINTR; {
			n, failed = syscall.Read(int(fd), p)
		}
		return true
	})
	switch {
	case err != nil:
		return 0, err
	case failed == syscall.EAGAIN:
		return 0, &fs.PathError{Op: "read", Path: r.Name(), Err: errNoEnd}
	case failed != nil:
		return 0, &fs.PathError{Op: "read", Path: r.Name(), Err: failed}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// openRegular opens a file whose reading comes to an end: no pipe, no device.
func (v *view) openRegular(name string) (r regular, err error) {
	path, err := v.path(name, true)
	if err != nil {
		return r, err
	}
	// The type is looked at after opening, and opening a pipe must not wait for a writer.
	if r.File, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err != nil {
		return r, err
	}
	info, err := r.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = fmt.Errorf("read %s: %w", name, errDirectory)
	case !info.Mode().IsRegular():
		err = fmt.Errorf("read %s: it is a %s", name, typeOf(info.Mode()))
	}
	if err != nil {
		r.Close()
	}
	return r, err
}

func sizeOf(f regular) int64 {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// head keeps the first MaxBlob bytes of what is written to it.
type head struct {
	buf bytes.Buffer
	cut bool // there was more
}

// newHead makes a head for about size bytes.
func newHead(size int64) *head {
	h := &head{}
	h.buf.Grow(int(min(size, MaxBlob)))
	return h
}

func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), MaxBlob-h.buf.Len())
	h.buf.Write(p[:n])
	h.cut = h.cut || n < len(p)
	return len(p), nil
}

// ctxReader stops reading when ctx ends.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

// userName returns the name of a user id, or the number when it has none.
func (v *view) userName(ctx context.Context, uid int) string {
	list, _ := v.passwd()
	for _, a := range list {
		if a.uid == uid {
			return a.name
		}
	}
	if a, ok := v.nssUser(ctx, strconv.Itoa(uid)); ok {
		return a.name
	}
	return strconv.Itoa(uid)
}

// groupName returns the name of a group id, or the number when it has none.
func (v *view) groupName(ctx context.Context, gid int) string {
	list, _ := v.groups()
	for _, g := range list {
		if g.gid == gid {
			return g.name
		}
	}
	if g, ok := v.nssGroup(ctx, strconv.Itoa(gid)); ok {
		return g.name
	}
	return strconv.Itoa(gid)
}
