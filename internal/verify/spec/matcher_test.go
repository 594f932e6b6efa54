package spec

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// TestMatchers compares contents with matchers, each in a form that holds and one
// that does not. "fail!" is a comparison that cannot be made, so that its negation
// does not hold either.
func TestMatchers(t *testing.T) {
	t.Parallel()
	text := `{content: "foo bar\n15\nmoo cow\n", as-reader: true}`
	js := `{content: '{"foo": "bar", "moo": {"nested": "cow"}, "count": "15", "n": 7, "list": [{"a": 1}, {"b": 2}], "none": null}'}`
	for _, c := range []struct{ content, matches, want string }{
		// Plain values.
		{"{content: foo}", "foo", "pass"},
		{"{content: foo}", "bar", "fail"},
		{"{content: 42}", "'42'", "pass"},
		{"{content: '42'}", "42", "pass"},
		{"{content: ' 42.0 '}", "42", "pass"},
		{"{content: 42}", "42.0", "pass"},
		{"{content: 42}", "43", "fail"},
		{"{content: foo}", "42", "fail!"},
		{"{content: true}", "true", "pass"},
		{"{content: true}", "false", "fail"},
		{"{content: 'true'}", "true", "fail"},
		{"{content: true}", "'true'", "pass"},
		{"{content: 0x10}", "16", "pass"},
		{"{content: 1e3}", "1000", "pass"},
		// Lists are subsets; each wanted element needs one of its own.
		{"{content: [a, b, c]}", "[a, c]", "pass"},
		{"{content: [a, b, c]}", "[c, a, b]", "pass"},
		{"{content: [a, b, c]}", "[a, a]", "fail"},
		{"{content: [a, b, c]}", "[a, d]", "fail"},
		{"{content: ['45', '46', '47']}", "[contain-element: {match-regexp: '4.'}, '45', and: [{ge: 46}, {le: 50}]]", "pass"},
		{"{content: ['15', '25']}", "[{lt: 30}, '15']", "pass"},
		{"{content: ['15', '35']}", "[{lt: 30}, '15']", "fail"},
		{"{content: foo}", "[foo]", "pass"},
		{"{content: 5}", "[5]", "fail!"},
		// Texts.
		{"{content: foobar}", "{have-prefix: foo}", "pass"},
		{"{content: foobar}", "{have-prefix: bar}", "fail"},
		{"{content: foobar}", "{have-suffix: bar}", "pass"},
		{"{content: foobar}", "{have-suffix: foo}", "fail"},
		{"{content: foobar}", "{contain-substring: oba}", "pass"},
		{"{content: foobar}", "{contain-substring: abo}", "fail"},
		{"{content: foobar}", "{match-regexp: '^fo+bar$'}", "pass"},
		{"{content: foobar}", "{match-regexp: '^o'}", "fail"},
		{"{content: 128}", "{match-regexp: '^\\d{3}$'}", "pass"},
		{"{content: [a, b]}", "{match-regexp: '^a\\nb$'}", "pass"},
		// Numbers.
		{"{content: 5}", "{gt: 4}", "pass"},
		{"{content: 5}", "{gt: 5}", "fail"},
		{"{content: 5}", "{ge: 5}", "pass"},
		{"{content: 5}", "{ge: 6}", "fail"},
		{"{content: 5}", "{lt: 5.5}", "pass"},
		{"{content: 5}", "{lt: 5}", "fail"},
		{"{content: 5}", "{le: 5}", "pass"},
		{"{content: 5}", "{le: '4'}", "fail"},
		{"{content: '128.3'}", "{and: [{gt: 120.2}, {le: 129}]}", "pass"},
		{"{content: many}", "{gt: 1}", "fail!"},
		{"{content: true}", "{gt: 0}", "fail!"},
		{"{content: 5}", "{be-numerically: 5}", "pass"},
		{"{content: 5}", "{be-numerically: {'>': 4, lt: 6}}", "pass"},
		{"{content: 5}", "{be-numerically: {'>=': 6}}", "fail"},
		// Lists by name.
		{"{content: [a, b]}", "{contain-element: b}", "pass"},
		{"{content: [a, b]}", "{contain-element: {have-prefix: c}}", "fail"},
		{"{content: [2]}", "{contain-element: 2}", "pass"},
		{"{content: [a, b]}", "{contain_elements: [b, a]}", "pass"},
		{"{content: [a, b]}", "{contain-elements: [b, c]}", "fail"},
		{"{content: [foo, bar, moo]}", "{consist-of: [foo, have-prefix: m, bar]}", "pass"},
		{"{content: [foo, bar, moo]}", "{consist-of: [foo, have-prefix: m]}", "fail"},
		{"{content: [foo]}", "{consist-of: [foo, bar]}", "fail"},
		{"{content: []}", "{consist-of: []}", "pass"},
		{"{content: [a]}", "{consist-of: []}", "fail"},
		{"{content: 5}", "{contain-element: 5}", "fail!"},
		// equal converts nothing.
		{"{content: [a, b]}", "{equal: [a, b]}", "pass"},
		{"{content: [a, b]}", "{equal: [b, a]}", "fail"},
		{"{content: {a: [1, x: 2.0]}}", "{equal: {a: [1, x: 2]}}", "pass"},
		{"{content: {a: 1}}", "{equal: {a: 1, b: 2}}", "fail"},
		{"{content: {a: 1}}", "{equal: {b: 1}}", "fail"},
		{"{content: 42}", "{equal: '42'}", "fail"},
		{"{content: 42}", "{equal: 42}", "pass"},
		// Lengths and keys.
		{"{content: abc}", "{have-len: 3}", "pass"},
		{"{content: [a]}", "{have-len: 3}", "fail"},
		{"{content: {a: 1}}", "{have-len: 1}", "pass"},
		{"{content: 3}", "{have-len: 3}", "fail!"},
		{"{content: {foo: bar, baz: bing}}", "{have-key: baz}", "pass"},
		{"{content: {foo: bar}}", "{have-key: {have-prefix: fo}}", "pass"},
		{"{content: {foo: bar}}", "{have-key: baz}", "fail"},
		{"{content: foo}", "{have-key: foo}", "fail!"},
		{"{content: {foo: bar, baz: bing}}", "{have-key-with-value: {foo: bar, baz: {have-len: 4}}}", "pass"},
		{"{content: {foo: bar}}", "{have-key-with-value: {foo: baz}}", "fail"},
		{"{content: {foo: bar}}", "{have-key-with-value: {bar: foo}}", "fail"},
		// Patterns look at lines.
		{text, "[foo, '/^m.*w$/', '!ftw', '!/^ERROR:/']", "pass"},
		{text, "[fox]", "fail"},
		{text, "['!moo']", "fail"},
		{text, "['!/^1\\d$/']", "fail"},
		{text, "['/bar.*moo/']", "fail"},
		{text, "[15]", "pass"},
		{text, "{have-patterns: [foo, '!fox']}", "pass"},
		{text, "{have-patterns: ['/FOO/']}", "fail"},
		{text, "{have-patterns: ['/FOO/i']}", "pass"},
		{text, "{not: {have-patterns: [fox]}}", "pass"},
		{"{content: '/usr/bin', as-reader: true}", "['/usr/bin']", "pass"},
		{"{content: 'usr/bin', as-reader: true}", "['/usr/bin']", "pass"}, // as in goss: the first / is cut off
		{"{content: '!x', as-reader: true}", `["\\!x"]`, "pass"},
		{"{content: '/x/', as-reader: true}", `["\\/x/"]`, "pass"},
		{text, "{or: [[fox], [foo, '!fox']]}", "pass"},
		{text, "{and: [[foo], [fox]]}", "fail"},
		{"{content: '', as-reader: true}", "['']", "pass"},
		{"{content: '', as-reader: true}", "['!x']", "pass"},
		{"{content: '', as-reader: true}", "['x']", "fail"},
		{"{content: [ab, cd]}", "{have-patterns: [ab, '/^c/']}", "pass"},
		{"{content: {a: b}}", "{have-patterns: [a]}", "fail!"},
		// Texts of several lines are compared whole, or as lists of lines.
		{text, `{and: [{have-len: 19}, "foo bar\n15\nmoo cow\n", {have-prefix: foo}, {have-suffix: "cow\n"}]}`, "pass"},
		{text, "{contain-elements: [{not: absent}, {lt: 20}, {have-prefix: moo}]}", "pass"},
		{text, "{contain-element: {match-regexp: '^bar'}}", "fail"},
		{text, "foo", "fail"},
		{"{content: '40', as-reader: true}", "{and: [{le: 250}, {ge: 20}]}", "pass"},
		{"{content: cool, as-reader: true}", "cool", "pass"},
		// Versions.
		{"{content: [1.0.1, 1.9.9]}", "{semver-constraint: '>1.0.0 <2.0.0 !=1.5.0'}", "pass"},
		{"{content: [1.0.1, 1.5.0]}", "{semver-constraint: '>1.0.0 <2.0.0 !=1.5.0'}", "fail"},
		{"{content: 1.0.1}", "{semver-constraint: '>5.0.0 || < 1.5.0'}", "pass"},
		{"{content: one}", "{semver-constraint: '>1.0.0'}", "fail!"},
		{"{content: []}", "{semver-constraint: '>1.0.0'}", "fail!"},
		// JSON.
		{js, "{gjson: {moo.nested: cow, foo: {have-prefix: b}, count: {le: 25}, n: 7}}", "pass"},
		{js, "{gjson: {'@this': {have-key: foo}, moo: {and: [{have-key: nested}, {not: {have-key: other}}]}}}", "pass"},
		{js, "{gjson: {moo: {equal: {nested: cow}}}}", "pass"},
		{js, "{gjson: {list: {contain-elements: [{have-key: a}]}}}", "pass"},
		{js, "{gjson: {'list.#': 2}}", "pass"},
		{js, "{gjson: {moo.nested: calf}}", "fail"},
		{js, "{gjson: {n: {gt: 7}}}", "fail"},
		{js, "{gjson: {nothing: x}}", "fail!"},
		{js, "{gjson: {none: x}}", "fail"},
		{"{content: '{\"arr\"'}", "{gjson: {'@this': x}}", "fail!"},
		{"{content: {a: b}}", "{gjson: {a: b}}", "fail!"},
		// Logic.
		{"{content: 5}", "{and: [5, '5', {gt: 4}]}", "pass"},
		{"{content: 5}", "{and: [5, {gt: 5}]}", "fail"},
		{"{content: 5}", "{or: [4, 5]}", "pass"},
		{"{content: 5}", "{or: [4, 6]}", "fail"},
		{"{content: x}", "{or: [{gt: 4}, x]}", "pass"},
		{"{content: x}", "{or: [{gt: 4}, {lt: 4}]}", "fail!"},
		{"{content: 5}", "{not: 4}", "pass"},
		{"{content: 5}", "{not: 5}", "fail"},
		{"{content: 5}", "{not: {and: [5, 6]}}", "pass"},
		{"{content: 5}", "{not: {or: [5, 6]}}", "fail"},
		{"{content: 5}", "{not: {not: 5}}", "pass"},
		{"{content: [a, b]}", "{not: [a, c]}", "pass"},
		{"{content: [a, b]}", "{not: {consist-of: [a, b]}}", "fail"},
	} {
		t.Run(c.content+" "+c.matches, func(t *testing.T) {
			t.Parallel()
			want := verify.Verdict(strings.TrimSuffix(c.want, "!"))
			if r := matching(t, c.content, c.matches); r.Verdict != want {
				t.Errorf("verdict %s, want %s (wanted %s, found %s)", r.Verdict, want, r.Wanted, r.Found)
			}
			negated := verify.Pass
			if want == verify.Pass || strings.HasSuffix(c.want, "!") {
				negated = verify.Fail
			}
			r := matching(t, c.content, "{not: "+c.matches+"}")
			if r.Verdict != negated {
				t.Errorf("negated: verdict %s, want %s (wanted %s, found %s)", r.Verdict, negated, r.Wanted, r.Found)
			}
			if r.Verdict == verify.Fail && (r.Wanted == "" || r.Found == "") {
				t.Errorf("a failure says wanted %q, found %q", r.Wanted, r.Found)
			}
		})
	}
}

// matching evaluates one matching resource.
func matching(t *testing.T, content, matches string) verify.Result {
	t.Helper()
	path := filepath.Join(t.TempDir(), "goss.yaml")
	write(t, path, fmt.Appendf(nil, "matching:\n  m:\n    <<: %s\n    matches: %s\n", content, matches))
	s, err := ReadGoss(path, GossOptions{})
	if err != nil {
		t.Fatal(err)
	}
	results := s.Evaluate(context.Background(), answering(t, nil))
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}
	return results[0]
}

func TestDescriptions(t *testing.T) {
	t.Parallel()
	for matches, want := range map[string]string{
		"x":              `content is "x"`,
		"{not: x}":       `content is not "x"`,
		"{not: {gt: 3}}": `content is not greater than 3`,
		"{and: [{have-prefix: a}, {or: [b, c]}]}": `content starts with "a" and (is "b" or is "c")`,
		"{not: {and: [a, {have-len: 2}]}}":        `content is not "a" or does not have a length of 2`,
		"{contain-element: {lt: 3}}":              `content includes one that is less than 3`,
		"{consist-of: [a, 2]}":                    `content consists of "a", 2`,
		"{not: {have-patterns: [a, '!b']}}":       `content has no line with "a" or a line with "b"`,
		"{have-key: {match-regexp: x}}":           `content has a key that matches /x/`,
		"{not: {gjson: {a.b: 1}}}":                `content at "a.b" is not 1`,
		"{equal: [a, {b: c}]}":                    `content is "a", {"b":"c"}`,
		"{equal: []}":                             `content is an empty list`,
	} {
		if got := matching(t, "{content: x}", matches).Description; got != want {
			t.Errorf("%s:\n got %s\nwant %s", matches, got, want)
		}
	}
}

// TestFound keeps what is shown short, and says what matters.
func TestFound(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("line of text\\n", 1000)
	r := matching(t, `{content: "`+long+`", as-reader: true}`, "[missing, line]")
	if r.Wanted != `a line with "missing"` || r.Found != `no such line in 1000 lines, the first is "line of text"` {
		t.Errorf("wanted %s, found %s", r.Wanted, r.Found)
	}
	r = matching(t, `{content: "`+long+`"}`, "short")
	if r.Found != `1000 lines, the first is "line of text"` {
		t.Errorf("found %s", r.Found)
	}
	r = matching(t, "{content: "+strings.Repeat("é", 5000)+"}", strings.Repeat("x", 5000))
	for _, s := range []string{r.Wanted, r.Found, r.Description} {
		if len(s) > maxWords+40 || !strings.HasSuffix(s, "…") {
			t.Errorf("too long, or not cut: %s", s)
		}
	}
}
