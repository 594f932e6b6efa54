package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/ledger"
)

// readShare reads what lies beside a file; nil when nothing does. Anybody who may write to
// the directory may have put it there: what this package did not write is an error, and
// stays.
func readShare(path string) (*share, error) {
	text, err := readRegular(shareOf(path))
	if err != nil || text == nil {
		return nil, err
	}
	s := &share{path: path}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(s); err != nil || !s.valid() {
		return nil, foreign(shareOf(path))
	}
	return s, nil
}

func foreign(name string) error {
	return fmt.Errorf("%s is not what a build has left there: move it away", name)
}

// valid tells whether tags and identities have their form: names are made of them.
func (s *share) valid() bool {
	if s.Form == "" || len(s.Entries) == 0 || s.Base != "" && !ledger.IsTag(s.Base) {
		return false
	}
	for _, e := range s.Entries {
		if !ledger.IsTag(e.Tag) {
			return false
		}
	}
	for _, id := range []string{s.Was, s.Now, s.Next} {
		if _, err := parse(id); id != "" && err != nil {
			return false
		}
	}
	return true
}

// readRegular reads a file; nil when there is none. It neither follows a link nor waits
// for the other end of a pipe.
func readRegular(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, unix.ENOTDIR):
		return nil, nil
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.ENXIO): // a link, a socket
		return nil, foreign(name)
	case err != nil:
		return nil, err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil {
		return nil, err
	} else if !fi.Mode().IsRegular() {
		return nil, foreign(name)
	}
	text, err := io.ReadAll(f)
	return append([]byte{}, text...), err
}
