package template

import (
	"fmt"
	"strconv"
	"strings"
)

// version is a dotted version number; a pre-release part comes before the release.
type version struct {
	nums [3]int
	pre  string
	n    int // how many numbers were written
}

func parseVersion(s string) (version, error) {
	var v version
	s = strings.TrimPrefix(strings.TrimSpace(s), "v")
	s, _, _ = strings.Cut(s, "+")
	s, v.pre, _ = strings.Cut(s, "-")
	parts := strings.Split(s, ".")
	if len(parts) > len(v.nums) {
		return v, fmt.Errorf("%q is not a version", s)
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return v, fmt.Errorf("%q is not a version", s)
		}
		v.nums[i] = n
	}
	v.n = len(parts)
	return v, nil
}

func (v version) compare(w version) int {
	for i := range v.nums {
		if v.nums[i] != w.nums[i] {
			return v.nums[i] - w.nums[i]
		}
	}
	switch {
	case v.pre == w.pre:
		return 0
	case v.pre == "":
		return 1
	case w.pre == "":
		return -1
	}
	return strings.Compare(v.pre, w.pre)
}

// satisfies tells whether a version fulfils constraints such as ">= 1.7.0, < 2".
func satisfies(have, constraints string) (bool, error) {
	h, err := parseVersion(have)
	if err != nil {
		return false, err
	}
	for c := range strings.SplitSeq(constraints, ",") {
		ok, err := h.satisfies(strings.TrimSpace(c))
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (v version) satisfies(constraint string) (bool, error) {
	num := strings.TrimLeft(constraint, "=!<>~")
	op := constraint[:len(constraint)-len(num)]
	w, err := parseVersion(num)
	if err != nil {
		return false, err
	}
	c := v.compare(w)
	switch op {
	case "", "=", "==":
		return c == 0, nil
	case "!=":
		return c != 0, nil
	case ">":
		return c > 0, nil
	case ">=":
		return c >= 0, nil
	case "<":
		return c < 0, nil
	case "<=":
		return c <= 0, nil
	case "~>":
		// All but the last number that was written must be the same.
		for i := range w.n - 1 {
			if v.nums[i] != w.nums[i] {
				return false, nil
			}
		}
		return c >= 0, nil
	}
	return false, fmt.Errorf("%q is not a comparison: use =, !=, >, >=, <, <= or ~>", op)
}
