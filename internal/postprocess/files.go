package postprocess

import (
	"context"
	"io"
	"io/fs"
	"path"
	"path/filepath"
)

// member is a file, directory or link of an artifact.
type member struct {
	path string // on this host
	name string // in lists and archives: the artifact's last element and what is below, with slashes
	full string // the same with the directories that the artifact was named with, if they are relative
	info fs.FileInfo
}

// list gives the files of an artifact in order, with all that lies below directories.
func list(files []string) (members []member, err error) {
	for _, f := range files {
		// What an artifact names may be a link; what lies in a tree is taken as it is.
		root, err := filepath.EvalSymlinks(f)
		if err != nil {
			return nil, err
		}
		err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return err
			}
			m := member{path: p, name: path.Join(filepath.Base(f), filepath.ToSlash(rel)), info: info}
			if m.full = m.name; filepath.IsLocal(f) {
				m.full = path.Join(filepath.ToSlash(f), filepath.ToSlash(rel))
			}
			members = append(members, m)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return members, nil
}

// reader stops reading when ctx ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(b)
}
