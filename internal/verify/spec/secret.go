package spec

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hidden stands in place of sensitive values.
const hidden = "(sensitive)"

// secrets hides the sensitive values of one resource. The zero value hides
// nothing.
type secrets struct {
	long  *strings.Replacer
	short []string
}

// shortSecret is the length in bytes below which a secret is hidden only where it
// stands alone: in a list that holds a secret every element counts as one, and an
// "a" would be found in half of all words.
const shortSecret = 4

// hiding makes secrets of texts, as they are and as they appear when quoted.
func hiding(texts []string) (s secrets) {
	var forms []string
	for _, t := range texts {
		forms = append(forms, t, strings.Trim(strconv.Quote(t), `"`), strings.Trim(shellQuote(t), "'"))
		for line := range strings.SplitSeq(t, "\n") {
			forms = append(forms, strings.TrimSpace(line))
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, f := range slices.Compact(forms) {
		switch {
		case len(f) >= shortSecret:
			pairs = append(pairs, f, hidden)
		case f != "":
			s.short = append(s.short, f)
		}
	}
	if len(pairs) > 0 {
		s.long = strings.NewReplacer(pairs...)
	}
	return s
}

// any tells whether there is something to hide.
func (s secrets) any() bool { return s.long != nil || len(s.short) > 0 }

// hide takes secrets out of a text that is made of words of ours.
func (s secrets) hide(text string) string {
	if slices.Contains(s.short, text) {
		return hidden
	}
	if s.long == nil {
		return text
	}
	return s.long.Replace(text)
}

// hideAlone takes secrets out of what came from elsewhere, short ones where they
// stand alone.
func (s secrets) hideAlone(text string) string {
	text = s.hide(text)
	for _, short := range s.short {
		var b strings.Builder
		for rest := text; ; {
			i := strings.Index(rest, short)
			if i < 0 {
				b.WriteString(rest)
				break
			}
			end := i + len(short)
			before, _ := utf8.DecodeLastRuneInString(rest[:i])
			if i == 0 {
				before, _ = utf8.DecodeLastRuneInString(b.String())
			}
			after, _ := utf8.DecodeRuneInString(rest[end:])
			b.WriteString(rest[:i])
			if inWord(before) || inWord(after) {
				b.WriteString(short)
			} else {
				b.WriteString(hidden)
			}
			rest = rest[end:]
		}
		text = b.String()
	}
	return text
}

func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// hideIn takes secrets out of a value of the machine.
func (s secrets) hideIn(v any) any {
	switch x := v.(type) {
	case string:
		return s.hideAlone(x)
	case []any:
		items := make([]any, len(x))
		for i, item := range x {
			items[i] = s.hideIn(item)
		}
		return items
	case map[string]any:
		fields := make(map[string]any, len(x))
		for k, field := range x {
			fields[s.hideAlone(k)] = s.hideIn(field)
		}
		return fields
	}
	return v
}

// hideOutcome takes secrets out of what was found, before anything of it is
// shortened. What cannot be said without them is not said.
func (s secrets) hideOutcome(m matcher, value any, o outcome) outcome {
	masked := s.hideIn(value)
	if equal(masked, value) {
		return o
	}
	if _, ok := m.(length); ok || masked == hidden {
		return outcome{found: hidden}
	}
	if o = m.match(masked); o.ok || o.misfit != "" {
		return outcome{}
	}
	return o
}
