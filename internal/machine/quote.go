package machine

import "strings"

// Quote makes one word of s for the command line of a POSIX shell. A word that
// needs no quotes is returned as it is.
func Quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("/._-+,:@%", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// quoteGlob quotes the last element of a path and leaves its wildcards *, ? and
// [...] to the shell.
func quoteGlob(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case strings.ContainsRune("*?[]!^-", r):
			b.WriteRune(r)
		default:
			b.WriteString(Quote(string(r)))
		}
	}
	return b.String()
}
