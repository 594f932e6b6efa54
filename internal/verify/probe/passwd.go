package probe

import (
	"errors"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

type account struct {
	name        string
	uid, gid    int
	home, shell string
}

type groupEntry struct {
	name    string
	gid     int
	members []string
}

func (v *view) readPasswd() ([]account, error) {
	f, err := v.open("/etc/passwd")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parsePasswd(f)
}

func (v *view) readGroups() ([]groupEntry, error) {
	f, err := v.open("/etc/group")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return parseGroup(f)
}

// parsePasswd reads lines of passwd(5), leaving out what is none: comments, and
// the "+" lines of NIS.
func parsePasswd(r io.Reader) ([]account, error) {
	var list []account
	err := eachLine(r, func(line []byte) error {
		f := strings.Split(string(line), ":")
		if len(f) < 7 || skipName(f[0]) {
			return nil
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err1 == nil && err2 == nil {
			list = append(list, account{f[0], int(uid), int(gid), f[5], f[6]})
		}
		return nil
	})
	return list, err
}

// parseGroup reads lines of group(5).
func parseGroup(r io.Reader) ([]groupEntry, error) {
	var list []groupEntry
	err := eachLine(r, func(line []byte) error {
		f := strings.Split(string(line), ":")
		if len(f) < 4 || skipName(f[0]) {
			return nil
		}
		gid, err := strconv.ParseUint(f[2], 10, 32)
		if err != nil {
			return nil
		}
		g := groupEntry{name: f[0], gid: int(gid), members: []string{}}
		for m := range strings.SplitSeq(f[3], ",") {
			if m = strings.TrimSpace(m); m != "" {
				g.members = append(g.members, m)
			}
		}
		list = append(list, g)
		return nil
	})
	return list, err
}

func skipName(name string) bool {
	return name == "" || strings.ContainsAny(name[:1], "#+-")
}
