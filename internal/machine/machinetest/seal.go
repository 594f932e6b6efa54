package machinetest

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
)

// residue is planted by the lines and removed by the rules.
const residue = `mkdir -p /srv/seal/trees/a/b /srv/seal/keep /srv/seal/outside
	echo secret > /srv/seal/key-1; echo secret > /srv/seal/key-2; echo mine > /srv/seal/other
	echo 0123 > /srv/seal/id; echo x > /srv/seal/trees/a/b/c; echo x > /srv/seal/trees/d
	printf 'one\ntwo ` + machine.Marker + `\nthree\n' > /srv/seal/lines
	echo '# ` + machine.Marker + `' > /srv/seal/policy; echo '# theirs!' > /srv/seal/policy-theirs
	echo x > /srv/seal/goes-1; echo x > /srv/seal/goes-2; echo x > /srv/seal/goes-3
	echo x > /srv/seal/outside/precious; ln -s /srv/seal/outside /srv/seal/trees/link; ln -s outside /srv/seal/key-link
	mkdir -p /srv/seal/logs/app; echo x > /srv/seal/logs/app/log; ln -s ../outside /srv/seal/logs/out`

var sealRules = []machine.SealRule{
	{Name: "keys", Paths: []string{"/srv/seal/key-?", "/srv/seal/key-link"}, Do: machine.Remove},
	{Name: "trees", Paths: []string{"/srv/seal/trees/**"}, Do: machine.Remove},
	{Name: "id", Paths: []string{"/srv/seal/id", "/srv/seal/never-there"}, Do: machine.Truncate},
	{Name: "lines", Paths: []string{"/srv/*/lines"}, Do: machine.DropLines, Marker: machine.Marker},
	{Name: "policy", Paths: []string{"/srv/seal/policy*"}, Do: machine.RemoveMarked, Marker: machine.Marker},
	{Name: "logs", Paths: []string{"/srv/seal/logs/*/*"}, Do: machine.Truncate},
	{Name: "absent", Paths: []string{"/srv/absent/**", "/absent/x"}, Do: machine.Remove, Again: again("absent", "id", "none")},
	{Name: "made", Paths: []string{"/srv/seal/goes-1"}, Do: machine.Remove, Again: again("made", "id", "others")},
	{Name: "cannot", Paths: []string{"/srv/seal/goes-2"}, Do: machine.Remove, Again: again("cannot", "never-there", "none")},
	{Name: "done", Paths: []string{"/srv/seal/goes-3"}, Do: machine.Remove, Again: again("done", "id", "# theirs")},
}

// again makes a file and a link named after a rule, when need is there, and no
// policy file holds mark.
func again(rule, need, mark string) machine.Again {
	dir := "/srv/seal/again/" + rule
	return machine.Again{
		Files:  []machine.AgainFile{{Path: dir + "/file", Text: "text of " + rule + "\n"}},
		Links:  []machine.AgainLink{{Path: dir + ".links/link", Target: dir + "/file"}},
		Needs:  []string{"/srv/seal/" + need},
		Unless: []string{"/srv/seal/policy-*"}, Mark: mark + "!",
	}
}

func testSeal(t *testing.T, o Options) {
	for _, sealed := range []bool{false, true} {
		t.Run(fmt.Sprintf("sealed=%v", sealed), func(t *testing.T) {
			b := newBench(t, o)
			m := b.start(t)
			s, ok := m.(machine.Sealer)
			if !ok {
				return
			}
			connect(t, m).sh(residue)
			if sealed {
				if err := s.Seal(t.Context(), sealRules); err != nil {
					t.Fatal(err)
				}
			}
			img := capture(t, b, m)
			closeMachine(t, m)
			booter, ok := b.builder.(machine.Booter)
			if !ok {
				return
			}
			m, err := booter.Boot(t.Context(), img, b.env)
			if err != nil {
				t.Fatal(err)
			}
			b.adopt(t, m)
			if _, ok := m.(machine.Sealer); !ok {
				t.Fatal("a started machine can be sealed, one booted from its image cannot be asked")
			}
			rs, err := m.(machine.Sealer).Residue(t.Context(), sealRules)
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]string{}
			for _, r := range rs {
				found[r.Rule] = r.What
				if !strings.HasPrefix(r.Path, "/srv/seal/") {
					t.Errorf("residue %+v has a path that is none of the machine's", r)
				}
			}
			want := map[string]string{
				"made": "present", "cannot": "present", "done": "present", "logs": "not empty", "keys": "present", "trees": "present", "id": "not empty", "lines": "holds a temporary line", "policy": found["policy"],
			}
			if sealed {
				want = map[string]string{}
			}
			if !maps.Equal(found, want) {
				t.Errorf("residue = %+v, want %v", rs, want)
			}
			if !sealed {
				return
			}
			c := connect(t, m)
			if got, want := c.sh("cd /srv/seal; ls -A; ls -A again trees; cat id lines other policy-theirs outside/precious again/made.links/link"),
				"again\nid\nkeep\nlines\nlogs\nother\noutside\npolicy-theirs\ntrees\nagain:\nmade\nmade.links\n\ntrees:\none\nthree\nmine\n# theirs!\nx\ntext of made\n"; got != want {
				t.Errorf("the sealed image holds\n%s\nwant\n%s", got, want)
			}
		})
	}
}
