package resource

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Version is a package's version, which specs compare with others.
type Version string

func (Version) value() {}

var versionForm = regexp.MustCompile(`(?m)^(?:(\d+):)?(\d[0-9a-zA-Z.+:~_-]*)$`)

// NewVersion refuses a text that is no version.
func NewVersion(text string) (Version, error) {
	if !versionForm.MatchString(text) {
		return "", fmt.Errorf("read version %q: it does not begin with a digit, or has other signs than versions have", text)
	}
	return Version(text), nil
}

// Compare returns -1, 0 or +1: epochs first, then digits by their number and other
// bytes one by one, a tilde before everything, the end included.
func (v Version) Compare(other Version) int {
	a, b := v.parts(), other.parts()
	return slices.CompareFunc(a, b, func(x, y uint64) int { return cmp.Compare(x, y) })
}

const (
	tilde = iota
	atEnd
	others // the least of numbers and bytes
)

var versionPiece = regexp.MustCompile(`\d+|\D`)

// Split is the epoch, 0 without one, and what follows it.
func (v Version) Split() (epoch uint32, rest string) {
	m := versionForm.FindStringSubmatch(string(v))
	if m == nil {
		return 0, ""
	}
	n, _ := strconv.ParseUint(m[1], 10, 32)
	return uint32(n), m[2]
}

func (v Version) parts() []uint64 {
	epoch, rest := v.Split()
	list := []uint64{uint64(epoch)}
	for _, p := range versionPiece.FindAllString(rest, -1) {
		switch n, err := strconv.ParseUint(p, 10, 62); {
		case err == nil:
			list = append(list, others+n)
		case p == "~":
			list = append(list, tilde)
		case len(strings.Trim(p, "0123456789")) == 0: // too long for a number
			list = append(list, 1<<63)
		default:
			list = append(list, others+uint64(p[0]))
		}
	}
	return append(list, atEnd)
}
