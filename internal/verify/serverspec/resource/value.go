package resource

import (
	"strconv"
	"strings"
	"time"
)

// Value is what methods of resources take and return: one of the types of this file,
// Version, or nil.
type Value interface{ value() }

type (
	Bool   bool
	Int    int64
	Float  float64
	String string // any bytes
	Symbol string
	Time   time.Time
	List   []Value
	// Regexp is a regular expression of the spec's language, by its source and its
	// options, of "imx".
	Regexp struct{ Source, Options string }
	// Hash has its pairs in the order of the spec.
	Hash []Pair
	Pair struct{ Key, Value Value }
)

func (Bool) value()   {}
func (Int) value()    {}
func (Float) value()  {}
func (String) value() {}
func (Symbol) value() {}
func (Time) value()   {}
func (List) value()   {}
func (Regexp) value() {}
func (Hash) value()   {}

// Text is how a value stands in a command.
func Text(v Value) string {
	switch v := v.(type) {
	case Bool:
		return strconv.FormatBool(bool(v))
	case Int:
		return strconv.FormatInt(int64(v), 10)
	case Float:
		return strconv.FormatFloat(float64(v), 'g', -1, 64)
	case String:
		return string(v)
	case Symbol:
		return string(v)
	case Regexp:
		return v.Source
	case Version:
		return string(v)
	}
	return ""
}

// get returns the value under a symbol; nil when there is none. As in the specs, a
// text is another key than the symbol of that name.
func (h Hash) get(key string) Value {
	for _, p := range h {
		if p.Key == Symbol(key) {
			return p.Value
		}
	}
	return nil
}

// merged is the hash with the pairs of its hash "options" in their stead.
func (h Hash) merged() Hash {
	options, ok := h.get("options").(Hash)
	if !ok {
		return h
	}
	var all Hash
	for _, p := range h {
		if p.Key != Symbol("options") {
			all = append(all, p)
		}
	}
	for _, p := range options {
		all = all.set(p.Key, p.Value)
	}
	return all
}

func (h Hash) set(key, v Value) Hash {
	for i := range h {
		if equal(h[i].Key, key) {
			h[i].Value = v
			return h
		}
	}
	return append(h, Pair{key, v})
}

// within tells whether every pair of h is in other.
func (h Hash) within(other Hash) bool {
	for _, p := range h {
		found := false
		for _, q := range other {
			found = found || equal(p.Key, q.Key) && equal(p.Value, q.Value)
		}
		if !found && (p.Value != nil || other.hasKey(p.Key)) {
			return false
		}
	}
	return true
}

func (h Hash) hasKey(key Value) bool {
	for _, p := range h {
		if equal(p.Key, key) {
			return true
		}
	}
	return false
}

// equal compares scalars; lists and hashes are equal to nothing.
func equal(a, b Value) bool {
	switch a.(type) {
	case nil, Bool, Int, Float, String, Symbol, Regexp, Version:
		switch b.(type) {
		case nil, Bool, Int, Float, String, Symbol, Regexp, Version:
			return a == b
		}
	}
	return false
}

// number is an Int when a line of the text is of digits alone, and else the text.
func number(text string) Value {
	for line := range strings.SplitSeq(text, "\n") {
		if digits(line) {
			return leading(text)
		}
	}
	return String(text)
}

// strip removes white space and zero bytes from both ends.
func strip(text string) string { return strings.Trim(text, " \t\n\v\f\r\x00") }

// leading is the number that a text begins with; 0 when it does not begin with one.
func leading(text string) Int {
	text = strings.TrimLeft(text, " \t\r\n\v\f")
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || end == 0 && (text[0] == '-' || text[0] == '+')) {
		end++
	}
	n, _ := strconv.ParseInt(text[:end], 10, 64)
	return Int(n)
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
