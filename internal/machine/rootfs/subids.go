package rootfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
)

// The range of subordinate ids that useradd gives to the first user, where nothing
// else is set.
const (
	firstSubID = 100000
	subIDs     = 65536
)

// canBeRoot tells whether this user is root, or can be root of a user namespace.
func canBeRoot() error {
	if os.Geteuid() == 0 {
		return nil
	}
	uid := strconv.Itoa(os.Getuid())
	name := ""
	if u, err := user.LookupId(uid); err == nil {
		name = u.Username
	}
	uids, err := readIfThere("/etc/subuid")
	if err != nil {
		return err
	}
	gids, err := readIfThere("/etc/subgid")
	if err != nil {
		return err
	}
	return hasSubIDs(name, uid, uids, gids)
}

// hasSubIDs looks for the user in the texts of /etc/subuid and /etc/subgid. The error
// holds the command that gives ids which nobody has yet. name is "" for a user id
// without a user.
func hasSubIDs(name, uid, uids, gids string) error {
	var files, flags []string
	next := max(firstSubID, afterSubIDs(uids), afterSubIDs(gids))
	for _, f := range []struct{ file, flag, text string }{
		{"/etc/subuid", "--add-subuids", uids}, {"/etc/subgid", "--add-subgids", gids},
	} {
		if !ownsSubIDs(f.text, name, uid) {
			files = append(files, f.file)
			flags = append(flags, fmt.Sprintf("%s %d-%d", f.flag, next, next+subIDs-1))
		}
	}
	switch {
	case len(files) == 0:
		return nil
	case name == "":
		return fmt.Errorf("user id %s has no name, so it can have no subordinate ids: use sudo, or a user of /etc/passwd", uid)
	}
	return fmt.Errorf("%s has no line in %s: use sudo, or once: sudo usermod %s %s",
		name, strings.Join(files, " and "), strings.Join(flags, " "), name)
}

// ownsSubIDs tells whether one of the lines OWNER:FIRST:COUNT is the user's.
func ownsSubIDs(text, name, uid string) bool {
	for line := range strings.Lines(text) {
		if owner, _, _ := strings.Cut(line, ":"); owner != "" && (owner == name || owner == uid) {
			return true
		}
	}
	return false
}

// afterSubIDs is the first id above all ranges.
func afterSubIDs(text string) int {
	next := 0
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 {
			continue
		}
		first, err := strconv.Atoi(f[1])
		count, err2 := strconv.Atoi(f[2])
		if err == nil && err2 == nil {
			next = max(next, first+count)
		}
	}
	return next
}

func readIfThere(path string) (string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}
