package machine

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestSealRules(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, r := range SealRules(nil) {
		if !name.MatchString(r.Name) {
			t.Errorf("%q is no name for a keep list", r.Name)
		}
		if marked := r.Do == DropLines || r.Do == RemoveMarked; marked != (r.Marker == Marker) {
			t.Errorf("rule %s: marker %q with action %d", r.Name, r.Marker, r.Do)
		}
		if !regexp.MustCompile(`^[A-Z].*\.$`).MatchString(r.Why) {
			t.Errorf("rule %s does not say why: %q", r.Name, r.Why)
		}
		if made := len(r.Again.Files)+len(r.Again.Links) > 0; made && (r.Do != Remove || r.Again.Mark == "" || len(r.Again.Needs) == 0) {
			t.Errorf("rule %s makes anew what it does not remove, or does not say when: %+v", r.Name, r.Again)
		}
		for _, p := range r.Paths {
			p, _ := strings.CutSuffix(p, "/**")
			if _, err := path.Match(p, ""); err != nil || !path.IsAbs(p) || path.Clean(p) != p {
				t.Errorf("rule %s: %q is no pattern of an absolute path", r.Name, p)
			}
		}
	}
	names := SealRuleNames()
	for _, n := range []string{"machine-id", "ssh-host-keys", "random-seed", "temporary-keys", "dhcp-leases", "shell-history",
		"cloud-init", "build-policy", "resolver", "package-lists", "package-caches", "logs", "temporary-files", "udev-net-rules",
		"credential-secret", "crash-dumps"} {
		if !slices.Contains(names, n) {
			t.Errorf("there is no rule %s", n)
		}
	}
	for _, r := range SealRules([]string{"logs", "nosuch"}) {
		if r.Name == "logs" {
			t.Error("a rule to keep is there")
		}
	}
}

// Whatever stands in a rule reaches the shell as it is.
func TestSealScriptQuotes(t *testing.T) {
	t.Parallel()
	s := SealScript([]SealRule{
		{Name: "x", Paths: []string{"/a b/it's $HOME/`x`*?[a-z]"}},
		{Name: "y", Do: DropLines, Marker: "a'b", Paths: []string{"/c"}},
	})
	for _, want := range []string{
		`for f in '/a b/it'"'"'s $HOME/` + "`x`'" + `*?[a-z]; do there "$f" || continue; `,
		`for f in /c; do file "$f" || continue; `,
		`drop_lines 'a'"'"'b' "$@"; set --`,
	} {
		if !strings.Contains(s, "\n"+want) {
			t.Errorf("the script has no line %s\n%s", want, s)
		}
	}
}
