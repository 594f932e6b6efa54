package cache

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxLog    = 1 << 20 // bytes of an entry's log that are kept
	maxHeader = 8 << 20 // bytes of an entry without its log
)

// errCorrupt marks a record that cannot be made sense of.
var errCorrupt = errors.New("damaged record")

// recordName is the name of a file in entries/.
type recordName struct {
	digits string // of the key
	nonce  string // tells the retired entries of one key apart; empty for the one in use
}

func (n recordName) key() Key { return Key(keyPrefix + n.digits) }

func (n recordName) String() string {
	if n.nonce == "" {
		return n.digits + ".json"
	}
	return n.digits + "~" + n.nonce + ".json"
}

func parseRecordName(s string) (recordName, bool) {
	base, ok := strings.CutSuffix(s, ".json")
	digits, nonce, retired := strings.Cut(base, "~")
	if _, err := Key(keyPrefix + digits).hex(); !ok || err != nil || retired && nonce == "" {
		return recordName{}, false
	}
	return recordName{digits, nonce}, true
}

// encodeEntry gives the entry as one line of JSON and its log as another, so that
// a reader of the entry can stop before the log.
func encodeEntry(e Entry) ([]byte, error) {
	log := e.Log
	e.Log = ""
	head, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if len(head) > maxHeader {
		return nil, fmt.Errorf("entry has %d bytes, more than %d", len(head), maxHeader)
	}
	tail, err := json.Marshal(lastPart(log, maxLog))
	if err != nil {
		return nil, err
	}
	return slices.Concat(head, []byte{'\n'}, tail, []byte{'\n'}), nil
}

// lastPart cuts a text to its last n bytes, whole lines where it has lines.
func lastPart(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[len(s)-n:]
	if i := strings.IndexByte(s, '\n'); i >= 0 && i < len(s)-1 {
		return s[i+1:]
	}
	for len(s) > 0 && !utf8.RuneStart(s[0]) {
		s = s[1:]
	}
	return s
}

// decodeEntry reads the first line of a record and checks that it is key's.
func decodeEntry(r *bufio.Reader, key Key) (Entry, error) {
	line, err := readLine(r, maxHeader)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", errCorrupt, err)
	}
	switch {
	case e.Key != key:
		return Entry{}, fmt.Errorf("%w: it speaks of %q", errCorrupt, e.Key)
	case e.Ref == "" || e.Kind == "":
		return Entry{}, fmt.Errorf("%w: it names no layer", errCorrupt)
	case e.Created.IsZero() || e.Since.IsZero() || e.Since.After(e.Created):
		return Entry{}, fmt.Errorf("%w: its times are wrong", errCorrupt)
	}
	if e.Parent != "" {
		if _, err := e.Parent.hex(); err != nil || e.ParentRef == "" {
			return Entry{}, fmt.Errorf("%w: its parent is wrong", errCorrupt)
		}
	}
	e.Log = ""
	return e, nil
}

func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > limit:
			return nil, fmt.Errorf("%w: it is too long", errCorrupt)
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF):
			return nil, fmt.Errorf("%w: it ends early", errCorrupt)
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// read reads an entry without its log.
func (s *Store) read(name recordName) (Entry, error) {
	var e Entry
	err := s.open(name, func(r *bufio.Reader, modified time.Time) (err error) {
		if e, err = decodeEntry(r, name.key()); err != nil {
			return err
		}
		e.Retired = name.nonce != ""
		if modified.After(e.Used) {
			e.Used = modified.UTC()
		}
		return nil
	})
	return e, err
}

// Log returns the output of the run that made the layer of e, an entry that
// Lookup or List gave; "" when it is not there any more.
func (s *Store) Log(e Entry) (string, error) {
	digits, err := e.Key.hex()
	if err != nil {
		return "", fmt.Errorf("read log of layer: %w", err)
	}
	var log string
	err = s.open(recordName{digits: digits}, func(r *bufio.Reader, _ time.Time) error {
		found, err := decodeEntry(r, e.Key)
		if err != nil {
			return err
		}
		if found.Ref != e.Ref {
			return os.ErrNotExist
		}
		return json.NewDecoder(r).Decode(&log)
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read log of layer %s: %w", e.Key, err)
	}
	return log, nil
}

func (s *Store) open(name recordName, f func(r *bufio.Reader, modified time.Time) error) error {
	path := filepath.Join(s.dir, "entries", name.String())
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	fi, err := file.Stat()
	if err != nil {
		return err
	}
	if err := f(bufio.NewReader(file), fi.ModTime()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
