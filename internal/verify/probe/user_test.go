package probe

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUserAndGroup(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"etc/passwd": "root:x:0:0:root:/root:/bin/bash\n# comment:x:1:1::/:\n+::::::\nweb:x:33:34:Web, Server:/var/www:/usr/sbin/nologin\nodd:x:x:0::/:/bin/sh\nalone:x:7:777::/:",
		"etc/group":  "root:x:0:\nwww:x:34:\nadm:x:4:syslog,web\nssl:x:9:web\nother:x:8:webmaster\n",
	})
	users := map[string]User{
		"root":  {Exists: true, Groups: []string{"root"}, Home: "/root", Shell: "/bin/bash"},
		"web":   {Exists: true, UID: 33, GID: 34, Groups: []string{"adm", "ssl", "www"}, Home: "/var/www", Shell: "/usr/sbin/nologin"},
		"alone": {Exists: true, UID: 7, GID: 777, Groups: []string{"777"}, Home: "/"},
		"odd":   {},
		"33":    {},
		"":      {},
	}
	for name, want := range users {
		if diff := cmp.Diff(&want, one[User](t, root, Question{Kind: KindUser, Name: name})); diff != "" {
			t.Errorf("user %q: (-want +got)\n%s", name, diff)
		}
	}
	groups := map[string]Group{
		"adm":  {Exists: true, GID: 4, Members: []string{"syslog", "web"}},
		"www":  {Exists: true, GID: 34, Members: []string{}},
		"none": {},
	}
	for name, want := range groups {
		if diff := cmp.Diff(&want, one[Group](t, root, Question{Kind: KindGroup, Name: name})); diff != "" {
			t.Errorf("group %q: (-want +got)\n%s", name, diff)
		}
	}
}

func TestUserOfThisHost(t *testing.T) {
	t.Parallel()
	u := one[User](t, "/", Question{Kind: KindUser, Name: "root"})
	if !u.Exists || u.UID != 0 || u.Home == "" {
		t.Errorf("got %+v", u)
	}
	if u := one[User](t, "/", Question{Kind: KindUser, Name: "no-such-user-here"}); u.Exists {
		t.Errorf("got %+v", u)
	}
	if u := one[User](t, "/", Question{Kind: KindUser, Name: "0"}); u.Exists {
		t.Error("a number is taken for a name")
	}
}

func FuzzParsePasswd(f *testing.F) {
	f.Add("root:x:0:0:root:/root:/bin/bash\n+:::\n")
	f.Add("a:x:4294967296:-1:::\nb:x:1:2,3:\x00:")
	f.Fuzz(func(t *testing.T, text string) {
		users, err := parsePasswd(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range users {
			if u.name == "" || u.uid < 0 || u.gid < 0 {
				t.Errorf("%+v", u)
			}
		}
		groups, err := parseGroup(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range groups {
			if g.name == "" || g.gid < 0 || g.members == nil {
				t.Errorf("%+v", g)
			}
		}
	})
}
