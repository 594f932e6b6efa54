package install

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseSize reads the size of a disk as QEMU does: a whole number with the unit b, k,
// M, G or T of either case. Without a unit it counts mebibytes.
func ParseSize(s string) (bytes int64, err error) {
	digits, shift := s, 20
	if s != "" {
		if i := strings.IndexByte("bkmgt", s[len(s)-1]|0x20); i >= 0 {
			digits, shift = s[:len(s)-1], 10*i
		}
	}
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q is no size: write a whole number and a unit, such as 40960M or 40G", s)
	}
	if n > math.MaxInt64>>shift {
		return 0, fmt.Errorf("%q is no size: it is too great", s)
	}
	return int64(n) << shift, nil
}
