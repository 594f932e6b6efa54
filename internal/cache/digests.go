package cache

import (
	"encoding/json"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// digests remembers what large files held, so that a build in which nothing has
// changed does not read them all again. A file is taken for unchanged while it has
// the same inode, size and times; the time of change is one that nobody can set.
// It is safe for concurrent use.
type digests struct {
	path string
	mu   sync.Mutex
	old  map[string]fileDigest // as stored, by path; nil until first used
	now  map[string]fileDigest // not stored yet
}

type fileDigest struct {
	Stamp  fileStamp `json:"stamp"`
	Digest string    `json:"digest"`
}

// fileStamp changes whenever a file's content may have changed.
type fileStamp struct {
	Dev      uint64 `json:"dev"`
	Ino      uint64 `json:"ino"`
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // nanoseconds since 1970
	Changed  int64  `json:"changed"`
}

const (
	// largeFile is the size from which a digest is worth remembering.
	largeFile = 1 << 20
	// settled is how long ago a file must have changed, so that a change right
	// after its digest was taken cannot have the same time.
	settled = 2 * time.Second
	// maxDigests bounds what is stored.
	maxDigests = 1000
)

func stampOf(f *os.File) (fileStamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fileStamp{}, os.NewSyscallError("fstat", err)
	}
	return fileStamp{uint64(st.Dev), st.Ino, st.Size, st.Mtim.Nano(), st.Ctim.Nano()}, nil
}

// find returns the digest of a file that has not changed since it was taken.
func (d *digests) find(path string, s fileStamp) (string, bool) {
	if d == nil || s.Size < largeFile {
		return "", false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.old == nil {
		d.old = d.read()
	}
	for _, m := range []map[string]fileDigest{d.now, d.old} {
		if x, ok := m[path]; ok && x.Stamp == s {
			return x.Digest, true
		}
	}
	return "", false
}

// note remembers a digest that was taken of a file with this stamp, beginning at
// the time began.
func (d *digests) note(path string, s fileStamp, digest string, began time.Time) {
	if d == nil || s.Size < largeFile || began.Sub(time.Unix(0, s.Changed)) < settled {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now == nil {
		d.now = map[string]fileDigest{}
	}
	d.now[path] = fileDigest{s, digest}
}

// read returns what is stored. Whatever cannot be read is as good as nothing.
func (d *digests) read() map[string]fileDigest {
	m := map[string]fileDigest{}
	if text, err := os.ReadFile(d.path); err != nil || json.Unmarshal(text, &m) != nil || m == nil {
		return map[string]fileDigest{}
	}
	return m
}

// storeDigests keeps what was noted for other processes. It is called within change, by a
// build that writes anyway: one that finds nothing changed leaves the disk as it is.
func (s *Store) storeDigests() {
	d := &s.digests
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.now) == 0 {
		return
	}
	all := d.read()
	for path := range all {
		if _, err := os.Lstat(path); err != nil {
			delete(all, path)
		}
	}
	for path, x := range d.now {
		all[path] = x
	}
	for path := range all {
		if _, ours := d.now[path]; !ours && len(all) > maxDigests {
			delete(all, path)
		}
	}
	text, err := json.Marshal(all)
	if err == nil {
		err = s.place(d.path, append(text, '\n'), s.o.Now())
	}
	if err != nil {
		s.o.Warn("cannot store digests of files: %v", err)
		return
	}
	d.old, d.now = all, nil
}
