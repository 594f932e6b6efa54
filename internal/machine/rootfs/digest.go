package rootfs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/proofmark-build/proofmark/internal/image"
)

// digests remembers the digests of large files, so that a build for which nothing
// changed does not read them again. Losing it costs time alone.
type digests struct{ dir string }

// remembered is what a digest stands for: any change of the file changes one of
// the rest.
type remembered struct {
	Path    string
	Size    int64
	Inode   uint64
	Changed int64 // ctime, which no program can set
	Digest  image.Digest
}

// settled is how old a change must be to be told from one that comes after it.
const settled = 2 * time.Second

// of returns the digest of a file's content.
func (d digests) of(path string) (image.Digest, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	f, err := os.Open(abs)
	if err != nil {
		return "", err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !fi.Mode().IsRegular() {
		return "", fmt.Errorf("read %s: not a regular file", abs)
	}
	is := remembered{Path: abs, Size: fi.Size()}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		is.Inode, is.Changed = st.Ino, st.Ctim.Nano()
	}
	name := sha256.Sum256([]byte(abs))
	note := filepath.Join(d.dir, hex.EncodeToString(name[:16]))
	var was remembered
	if text, err := os.ReadFile(note); err == nil && json.Unmarshal(text, &was) == nil {
		is.Digest = was.Digest
		if was == is && was.Digest != "" {
			return was.Digest, nil
		}
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	is.Digest = image.Digest("sha256:" + hex.EncodeToString(h.Sum(nil)))
	if time.Since(time.Unix(0, is.Changed)) > settled {
		d.remember(note, is)
	}
	return is.Digest, nil
}

func (d digests) remember(note string, r remembered) {
	text, err := json.Marshal(r)
	if err != nil || os.MkdirAll(d.dir, 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(d.dir, ".new-")
	if err != nil {
		return
	}
	_, err = temp.Write(text)
	if temp.Close() != nil || err != nil || os.Rename(temp.Name(), note) != nil {
		os.Remove(temp.Name())
	}
}
