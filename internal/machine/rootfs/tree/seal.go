package tree

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// Seal applies the rules to the tree below root, in which nothing runs and
// nothing is mounted. Links on the way to what a rule names are followed inside
// the tree, as the machine would; what it names is never followed. Files that no
// rule changes are not touched, so that an overlay does not copy them.
func Seal(ctx context.Context, root string, rules []machine.SealRule) error {
	_, err := applyRules(ctx, root, rules, true)
	return err
}

// Residue returns what the rules find in the tree below root, which it does not
// change, sorted by rule and path.
func Residue(ctx context.Context, root string, rules []machine.SealRule) ([]machine.Residue, error) {
	found, err := applyRules(ctx, root, rules, false)
	slices.SortFunc(found, func(a, b machine.Residue) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Path, b.Path))
	})
	return slices.Compact(found), err
}

// sealer finds what rules name and, if it shall, does what they say.
type sealer struct {
	root    *root
	apply   bool
	found   []machine.Residue
	removed bool // something, by the rule that is being applied
}

func applyRules(ctx context.Context, dir string, rules []machine.SealRule, apply bool) ([]machine.Residue, error) {
	r, err := openRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	defer r.Close()
	s := &sealer{root: r, apply: apply}
	for _, rule := range rules {
		s.removed = false
		for _, p := range rule.Paths {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err := s.match(p, func(dirfd int, name, base string) error { return s.one(rule, dirfd, name, base) }); err != nil {
				return nil, fmt.Errorf("seal %s: rule %s: %w", dir, rule.Name, err)
			}
		}
		if s.removed {
			if err := s.again(rule.Again); err != nil {
				return nil, fmt.Errorf("seal %s: rule %s: %w", dir, rule.Name, err)
			}
		}
	}
	return s.found, nil
}

func (s *sealer) note(rule machine.SealRule, name, what string) {
	s.found = append(s.found, machine.Residue{Rule: rule.Name, Path: "/" + name, What: what})
}

// one treats one thing that a rule names: base in the open directory dirfd, whose
// name in the tree is name.
func (s *sealer) one(rule machine.SealRule, dirfd int, name, base string) error {
	var st unix.Stat_t
	if err := lstat(dirfd, base, &st); errors.Is(err, unix.ENOENT) {
		return nil
	} else if err != nil {
		return &fs.PathError{Op: "stat", Path: s.root.path(name), Err: err}
	}
	var err error
	switch rule.Do {
	case machine.Remove:
		if !s.apply {
			s.note(rule, name, "present")
			return nil
		}
		s.removed = true
		err = removeAll(dirfd, base)
	case machine.RemoveFiles:
		err = s.removeFiles(rule, dirfd, name, base, st.Mode)
	case machine.Truncate:
		err = s.truncate(rule, dirfd, name, base, &st)
	case machine.DropLines, machine.RemoveMarked:
		if st.Mode&unix.S_IFMT == unix.S_IFREG {
			err = s.marked(rule, dirfd, name, base)
		}
	default:
		return fmt.Errorf("has an unknown action %d", rule.Do)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", s.root.path(name), err)
	}
	return nil
}

func (s *sealer) removeFiles(rule machine.SealRule, dirfd int, name, base string, mode uint32) error {
	if mode&unix.S_IFMT != unix.S_IFDIR {
		if !s.apply {
			s.note(rule, name, "present")
			return nil
		}
		return unix.Unlinkat(dirfd, base, 0)
	}
	fd, err := s.root.open(name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, asMachine)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	names, err := readNames(fd, name)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := s.one(rule, fd, name+"/"+n, n); err != nil {
			return err
		}
	}
	return nil
}

func (s *sealer) truncate(rule machine.SealRule, dirfd int, name, base string, st *unix.Stat_t) error {
	if st.Mode&unix.S_IFMT != unix.S_IFREG || st.Size == 0 {
		return nil
	}
	if !s.apply {
		s.note(rule, name, "not empty")
		return nil
	}
	fd, err := openat(dirfd, base, unix.O_WRONLY|unix.O_TRUNC)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// maxMarked bounds the size of files whose lines are looked at: what a build
// plants is small.
const maxMarked = 16 << 20

func (s *sealer) marked(rule machine.SealRule, dirfd int, name, base string) error {
	if rule.Marker == "" {
		return errors.New("the rule has no marker")
	}
	fd, err := openat(dirfd, base, unix.O_RDONLY)
	if err != nil {
		return err
	}
	content, err := readAll(fd, maxMarked)
	unix.Close(fd)
	if err != nil {
		return err
	}
	mark := []byte(rule.Marker)
	if !bytes.Contains(content, mark) {
		return nil
	}
	if rule.Do == machine.RemoveMarked {
		if !s.apply {
			s.note(rule, name, "present")
			return nil
		}
		return unix.Unlinkat(dirfd, base, 0)
	}
	if !s.apply {
		s.note(rule, name, "holds a temporary line")
		return nil
	}
	var rest []byte
	for line := range bytes.SplitAfterSeq(content, []byte("\n")) {
		if !bytes.Contains(line, mark) {
			rest = append(rest, line...)
		}
	}
	// In place: owner, mode and other names of the file stay as they are.
	if fd, err = openat(dirfd, base, unix.O_WRONLY|unix.O_TRUNC); err != nil {
		return err
	}
	return errors.Join(writeAll(fd, rest), unix.Close(fd))
}

// openat opens a regular file that is no link.
func openat(dirfd int, base string, flags int) (int, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(dirfd, base, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return -1, fmt.Errorf("open: %w", err)
	}
	return fd, nil
}

func readAll(fd int, limit int) ([]byte, error) {
	var all []byte
	buf := make([]byte, 32<<10)
	for {
		n, err := retry(func() (int, error) { return unix.Read(fd, buf) })
		if err != nil {
			return nil, fmt.Errorf("read: %w", err)
		}
		if n == 0 {
			return all, nil
		}
		if all = append(all, buf[:n]...); len(all) > limit {
			return nil, fmt.Errorf("is larger than %d MB, which is more than a rule looks at", limit>>20)
		}
	}
}
