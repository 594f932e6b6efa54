package probe

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// readDpkg reads dpkg's status file, and status.d where images without a package
// manager keep one file for each package.
func (v *view) readDpkg() (*packages, error) {
	files := []string{"/var/lib/dpkg/status"}
	if dir, err := v.path("/var/lib/dpkg/status.d", true); err == nil {
		list, _ := os.ReadDir(dir)
		for _, e := range list {
			if !strings.HasSuffix(e.Name(), ".md5sums") {
				files = append(files, filepath.Join("/var/lib/dpkg/status.d", e.Name()))
			}
		}
	}
	var open []*os.File
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	whole := -1 // the index of the status file, when there is one
	for i, name := range files {
		f, err := v.open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if i == 0 {
			whole = 0
		}
		open = append(open, f)
	}
	return v.kept.dpkg.get(open, time.Now(), func() (*packages, error) {
		db := &packages{manager: "dpkg"}
		for i, f := range open {
			entries, err := parseDpkg(f, i != whole)
			if err != nil {
				return nil, err
			}
			db.entries = append(db.entries, entries...)
		}
		return db, nil
	})
}

// parseDpkg reads stanzas of a status file. A stanza without a Status line
// counts as installed only if bare is set.
func parseDpkg(r io.Reader, bare bool) ([]packageEntry, error) {
	var list []packageEntry
	var e packageEntry
	var status string
	flush := func() {
		if e.name != "" {
			if status == "" && bare {
				status = "install ok installed"
			}
			e.setStatus(status)
			list = append(list, e)
		}
		e, status = packageEntry{}, ""
	}
	err := eachLine(r, func(line []byte) error {
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			flush()
			return nil
		case line[0] == ' ', line[0] == '\t': // a continued field
			return nil
		}
		key, value, _ := bytes.Cut(line, []byte(":"))
		var to *string
		switch string(key) {
		case "Package":
			to = &e.name
		case "Version":
			to = &e.version
		case "Architecture":
			to = &e.arch
		case "Status":
			to = &status
		default:
			return nil
		}
		*to = string(bytes.TrimSpace(value))
		return nil
	})
	flush()
	return list, err
}

// setStatus reads "want error state".
func (e *packageEntry) setStatus(status string) {
	f := strings.Fields(status)
	e.status = strings.Join(f, " ")
	if len(f) != 3 {
		return
	}
	want, trouble, state := f[0], f[1], f[2]
	e.installed = (want == "install" || want == "hold") && trouble == "ok" && state == "installed"
	e.present = state != "not-installed" && state != "config-files"
	switch {
	case trouble != "ok":
		e.bad = state + ", " + trouble
	case state == "half-installed", state == "unpacked", state == "half-configured",
		state == "triggers-awaited", state == "triggers-pending":
		e.bad = state
	}
}
