package install

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Action is what is done with a key.
type Action int

const (
	Press   Action = iota // and release
	Hold                  // press, and leave it so
	Release               // of one that is held
)

// Stroke is one step of a boot command: a pause, a special key or a character.
type Stroke struct {
	Wait   time.Duration // of a pause, else 0
	Key    string        // name of a special key, lower case, else ""
	Char   rune
	Action Action
}

// Keys lists the names of the special keys, in lower case.
func Keys() []string {
	return []string{
		"bs", "del", "down", "end", "enter", "esc", "f1", "f10", "f11", "f12", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9",
		"home", "insert", "left", "leftalt", "leftcommand", "leftctrl", "leftoption", "leftshift", "leftsuper", "menu",
		"pagedown", "pageup", "return", "right", "rightalt", "rightcommand", "rightctrl", "rightoption", "rightshift",
		"rightsuper", "spacebar", "tab", "up",
	}
}

// ParseBootCommand reads the text of a boot command, placeholders filled in. All that
// is no name of a key and no pause is typed as it stands; doubtful lists what of it
// looks like a name in angle brackets. The error is a negative pause.
func ParseBootCommand(text string) (strokes []Stroke, doubtful []string, err error) {
	keys := Keys()
	for text != "" {
		if text[0] == '<' {
			name, rest, closed := strings.Cut(text[1:], ">")
			if closed {
				s, ok, err := parseName(keys, name)
				if err != nil {
					return nil, nil, err
				}
				if ok {
					if s != (Stroke{}) { // not <wait0>
						strokes = append(strokes, s)
					}
					text = rest
					continue
				}
				if d := "<" + name + ">"; looksLikeName(name) && !slices.Contains(doubtful, d) {
					doubtful = append(doubtful, d)
				}
			}
		}
		r, n := utf8.DecodeRuneInString(text)
		strokes, text = append(strokes, Stroke{Char: r}), text[n:]
	}
	return strokes, doubtful, nil
}

// parseName reads what stands in angle brackets.
func parseName(keys []string, name string) (s Stroke, ok bool, err error) {
	if d, isWait, err := parseWait(name); isWait {
		return Stroke{Wait: d}, err == nil, err
	}
	lower := strings.ToLower(name)
	if _, known := slices.BinarySearch(keys, lower); known {
		return Stroke{Key: lower}, true, nil
	}
	for suffix, action := range map[string]Action{"on": Hold, "off": Release} {
		key, found := strings.CutSuffix(lower, suffix)
		if !found || key == "" {
			continue
		}
		if _, known := slices.BinarySearch(keys, key); known {
			return Stroke{Key: key, Action: action}, true, nil
		}
		if r, n := utf8.DecodeRuneInString(name); n == len(name)-len(suffix) {
			return Stroke{Char: r, Action: action}, true, nil
		}
	}
	return Stroke{}, false, nil
}

// parseWait reads wait, wait5 and wait1m30s.
func parseWait(name string) (d time.Duration, isWait bool, err error) {
	length, ok := strings.CutPrefix(name, "wait")
	switch {
	case !ok:
		return 0, false, nil
	case length == "":
		return time.Second, true, nil
	case wholeNumber(length) == length:
		length += "s"
	case !isDuration(length):
		return 0, false, nil
	}
	d, err = time.ParseDuration(length)
	if err != nil {
		return 0, true, fmt.Errorf("<%s> is no pause: %w", name, err)
	}
	if d < 0 {
		return 0, true, fmt.Errorf("<%s> is no pause: it is negative", name)
	}
	return d, true, nil
}

// isDuration tells whether s is of numbers and units. It is narrower than
// time.ParseDuration: <wait.5s> is no pause but typed.
func isDuration(s string) bool {
	for s != "" {
		s = strings.TrimPrefix(s, "-")
		n := wholeNumber(s)
		s = s[len(n):]
		if fraction, ok := strings.CutPrefix(s, "."); ok && n != "" {
			digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
			if digits == 0 {
				return false
			}
			s = fraction[digits:]
		}
		rest := s
		for _, unit := range []string{"ns", "us", "µs", "ms", "s", "m", "h"} {
			if after, ok := strings.CutPrefix(s, unit); ok {
				rest = after
				break
			}
		}
		if n == "" || len(rest) == len(s) {
			return false
		}
		s = rest
	}
	return true
}

// wholeNumber returns the whole number that s begins with, without leading zeros.
func wholeNumber(s string) string {
	n := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if n > 1 && s[0] == '0' {
		n = 1
	}
	return s[:n]
}

// looksLikeName tells whether somebody may have meant a key or a pause.
func looksLikeName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return name != "" && len(name) <= 16 && strings.IndexByte(letters, name[0]) >= 0 &&
		strings.Trim(name, letters+"0123456789.") == ""
}
