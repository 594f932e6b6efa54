package rootfs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// account is a user of a machine.
type account struct {
	name     string
	uid, gid uint32
	groups   []uint32 // supplementary
	home     string
	shell    string
}

// lookup finds a user by name or number in the texts of passwd and group.
func lookup(user, passwd, group string) (account, error) {
	var a account
	found := false
	for line := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) < 7 || f[0] != user && f[2] != user {
			continue
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		a = account{name: f[0], uid: uint32(uid), gid: uint32(gid), home: f[5], shell: f[6]}
		found = true
		if f[0] == user {
			break // a name counts before a number
		}
	}
	if !found {
		return a, fmt.Errorf("find user %q: not in the machine's /etc/passwd", user)
	}
	for line := range strings.Lines(group) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) < 4 || !slices.Contains(strings.Split(f[3], ","), a.name) {
			continue
		}
		if gid, err := strconv.ParseUint(f[2], 10, 32); err == nil && uint32(gid) != a.gid {
			a.groups = append(a.groups, uint32(gid))
		}
	}
	return a, nil
}
