package spec

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
)

// evaluate judges the resource's checks. Those that may come to hold while the system
// starts are asked again that long.
func (r *resource) evaluate(s *verify.Session, wait time.Duration) []verify.Result {
	results := make([]verify.Result, 0, len(r.checks))
	if why := r.leftOut(); why != "" {
		for _, c := range r.checks {
			res := r.result(c, state{})
			res.Verdict, res.Reason = verify.Skipped, why
			results = append(results, r.masked(res, c))
		}
		return results
	}
	var st state
	known, err := true, error(nil)
	if !r.late {
		st, known, err = r.kind.observe(s, r)
	}
	var others verify.Verdict // of the checks behind a leading one, when they mean nothing
	var why string
	for _, c := range r.checks {
		res := r.result(c, st)
		switch {
		case !known:
			res.Verdict = verify.Open
		case err != nil:
			res.Verdict, res.Reason = verify.Unknown, err.Error()
		case c.late || r.late:
			res.Verdict, res.Reason = verify.Unknown, "what is wanted is not known"
		case others != "":
			res.Verdict, res.Reason = others, why
		default:
			r.judge(c, st, &res)
			if c.attribute.leads {
				others, why = behind(res, st.values[c.attribute.name])
			}
		}
		if !st.over && r.kind.settles != nil && r.kind.settles(r, c.attribute.name) {
			res.Wait = wait
		}
		results = append(results, r.masked(res, c))
	}
	return results
}

// leftOut says why the spec itself does without the resource.
func (r *resource) leftOut() string {
	switch {
	case r.skip:
		return "the spec says skip: true"
	case r.replaced.Line > 0:
		return "replaced by " + r.replaced.String()
	}
	return ""
}

// behind decides on the checks that stand behind a leading one. When it does not
// hold, they cannot be told; when it holds because the thing is to be absent, as in
// exists: false, they have no meaning.
func behind(lead verify.Result, value any) (verify.Verdict, string) {
	switch {
	case lead.Verdict == verify.Fail:
		return verify.Unknown, fmt.Sprintf("not looked at, since %q does not hold", lead.Description)
	case lead.Verdict == verify.Pass && value == false:
		return verify.Skipped, fmt.Sprintf("has no meaning, since it %s, as wanted", lead.Description)
	}
	return "", ""
}

// judge compares one attribute.
func (r *resource) judge(c check, st state, res *verify.Result) {
	a := c.attribute
	if why := st.unknown[a.name]; why != "" {
		res.Verdict, res.Reason = verify.Unknown, why
		return
	}
	value, there := st.values[a.name]
	var o outcome
	switch {
	case st.absent != "" && !a.leads:
		o = outcome{found: st.absent}
	case !there:
		o = outcome{found: st.instead[a.name]}
	default:
		o = c.matcher.match(value)
	}
	if o.ok {
		res.Verdict = verify.Pass
		return
	}
	res.Verdict = verify.Fail
	if r.secrets.any() && there && o.misfit == "" {
		o = r.secrets.hideOutcome(c.matcher, value, o)
		value = r.secrets.hideIn(value)
	}
	res.Wanted, res.Found = c.wanted(), o.found
	if yes, ok := value.(bool); ok && a.is != "" && o.found == "" {
		res.Found = strings.TrimPrefix(a.word(yes), "is ")
	}
	if o.wanted != "" {
		res.Wanted = o.wanted
	}
	if instead := st.instead[a.name]; instead != "" {
		res.Found = instead
	}
	if res.Found == "" {
		res.Found = show(value)
	}
	if o.misfit != "" {
		res.Found += ", which " + o.misfit
	}
}

// wanted says what was wanted; of a plain value, the value.
func (c check) wanted() string {
	if b, ok := c.matcher.(equality); ok && c.attribute.is != "" {
		if yes, ok := b.want.(bool); ok {
			return strings.TrimPrefix(c.attribute.word(yes), "is ")
		}
	}
	words := c.matcher.words(voice{})
	if value, ok := strings.CutPrefix(words, "is "); ok && !strings.HasPrefix(value, "not ") {
		return value
	}
	return words
}

// result describes a check whose verdict is still to come.
func (r *resource) result(c check, st state) verify.Result {
	res := verify.Result{
		Source:      r.source,
		Subject:     r.subject(),
		Description: c.describe(),
		Pos:         c.pos,
	}
	if hand := c.attribute.hand; hand != nil && !r.late {
		res.Command = hand(shellQuote(r.name), r, st)
	}
	return res
}

// subject names the thing: Service "nginx".
func (r *resource) subject() string {
	s := r.kind.title + " " + cut(strconv.Quote(r.secrets.hide(r.id)), maxWords)
	switch {
	case r.title != "":
		s += " (" + cut(r.secrets.hide(r.title), maxWords) + ")"
	case r.name != r.id && r.secrets.hide(r.name) == hidden:
		s += " " + hidden
	case r.name != r.id && r.kind.name != "command":
		s += " (" + cut(r.secrets.hide(r.name), maxWords) + ")"
	}
	return s
}

// describe says in plain words what is expected.
func (c check) describe() string {
	a := c.attribute
	if b, ok := c.matcher.(equality); ok && a.is != "" {
		if yes, ok := b.want.(bool); ok {
			return a.word(yes)
		}
	}
	if c.late {
		return a.noun() + " " + voice{plural: a.plural}.is() + " as wanted"
	}
	if c.secret {
		return a.noun() + " " + voice{plural: a.plural}.is() + " as wanted " + hidden
	}
	return a.noun() + " " + c.matcher.words(voice{plural: a.plural})
}

// masked takes sensitive values out of a result.
func (r *resource) masked(res verify.Result, c check) verify.Result {
	if c.secret && res.Verdict == verify.Fail {
		// What was found may hold most of a secret, or an older one.
		res.Wanted, res.Found = hidden, "something else (not shown)"
	}
	for _, s := range []*string{&res.Subject, &res.Description, &res.Wanted} {
		*s = r.secrets.hide(*s)
	}
	for _, s := range []*string{&res.Found, &res.Reason, &res.Command} {
		*s = r.secrets.hideAlone(*s)
	}
	return res
}

// shellQuote makes one word for a shell of any text.
func shellQuote(s string) string {
	safe := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("/._-+:@,=%~", c)
	}
	if s != "" && strings.IndexFunc(s, func(c rune) bool { return !safe(c) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
