package probe

import (
	"errors"
	"io"
	"io/fs"
)

// readApk reads the database of installed packages of Alpine's apk.
func (v *view) readApk() (*packages, error) {
	db := &packages{manager: "apk"}
	for _, name := range []string{"/lib/apk/db/installed", "/usr/lib/apk/db/installed"} {
		f, err := v.open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer f.Close()
		db.entries, err = parseApk(f)
		return db, err
	}
	return db, nil
}

// parseApk reads stanzas of one-letter fields.
func parseApk(r io.Reader) ([]packageEntry, error) {
	var list []packageEntry
	e := packageEntry{installed: true, present: true}
	flush := func() {
		if e.name != "" {
			list = append(list, e)
		}
		e = packageEntry{installed: true, present: true}
	}
	err := eachLine(r, func(line []byte) error {
		switch {
		case len(line) == 0:
			flush()
		case len(line) > 2 && line[1] == ':':
			switch line[0] {
			case 'P':
				e.name = string(line[2:])
			case 'V':
				e.version = string(line[2:])
			case 'A':
				e.arch = string(line[2:])
			}
		}
		return nil
	})
	flush()
	return list, err
}
