package probe

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

func (v *view) user(ctx context.Context, name string) (*User, error) {
	list, err := v.passwd()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(a account) bool { return a.name == name })
	var a account
	foreign := false // not of /etc/passwd
	if i >= 0 {
		a = list[i]
	} else if a, foreign = v.nssUser(ctx, name); !foreign || a.name != name {
		return &User{}, nil
	}
	groups, err := v.groupsOf(ctx, a, foreign)
	if err != nil {
		return nil, err
	}
	return &User{Exists: true, UID: a.uid, GID: a.gid, Groups: groups, Home: a.home, Shell: a.shell}, nil
}

func (v *view) groupsOf(ctx context.Context, a account, foreign bool) ([]string, error) {
	groups := []string{v.groupName(ctx, a.gid)}
	list, err := v.groups()
	if err != nil {
		return nil, err
	}
	for _, g := range list {
		if slices.Contains(g.members, a.name) {
			groups = append(groups, g.name)
		}
	}
	if foreign || v.nssHasGroups() {
		groups = append(groups, v.nssGroupsOf(ctx, a.name)...)
	}
	slices.Sort(groups)
	return slices.Compact(groups), nil
}

func (v *view) group(ctx context.Context, name string) (*Group, error) {
	list, err := v.groups()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(g groupEntry) bool { return g.name == name })
	if i >= 0 {
		return &Group{Exists: true, GID: list[i].gid, Members: list[i].members}, nil
	}
	if g, ok := v.nssGroup(ctx, name); ok && g.name == name {
		return &Group{Exists: true, GID: g.gid, Members: g.members}, nil
	}
	return &Group{}, nil
}

// nssUser asks getent for an account that /etc/passwd does not have, by name or
// number: directories of users, and systemd's dynamic ones.
func (v *view) nssUser(ctx context.Context, key string) (account, bool) {
	list, err := parsePasswd(strings.NewReader(v.getent(ctx, "passwd", key)))
	if err != nil || len(list) == 0 {
		return account{}, false
	}
	return list[0], true
}

func (v *view) nssGroup(ctx context.Context, key string) (groupEntry, bool) {
	list, err := parseGroup(strings.NewReader(v.getent(ctx, "group", key)))
	if err != nil || len(list) == 0 {
		return groupEntry{}, false
	}
	return list[0], true
}

// getent returns what NSS knows of a key; "" when nothing, when there is no
// getent, and for a tree, whose NSS modules are not run.
func (v *view) getent(ctx context.Context, database, key string) string {
	if !v.live() || key == "" || strings.HasPrefix(key, "-") {
		return ""
	}
	memo := database + "\x00" + key
	if text, ok := v.nss.Load(memo); ok {
		return text.(string)
	}
	out, err := tool(ctx, "getent", database, key)
	text := string(out)
	if err != nil {
		text = ""
	}
	v.nss.Store(memo, text)
	return text
}

// nssHasGroups tells whether groups come from more than the files.
func (v *view) nssHasGroups() bool {
	if !v.live() {
		return false
	}
	f, err := v.open("/etc/nsswitch.conf")
	if err != nil {
		return false
	}
	defer f.Close()
	found := false
	err = eachLine(f, func(line []byte) error {
		text, _, _ := strings.Cut(string(line), "#")
		database, sources, _ := strings.Cut(text, ":")
		if database = strings.TrimSpace(database); database != "group" && database != "initgroups" {
			return nil
		}
		for _, s := range strings.Fields(sources) {
			switch {
			case s == "files", s == "compat", s == "systemd", s == "db", strings.HasPrefix(s, "["):
			default:
				found = true
			}
		}
		return nil
	})
	return err == nil && found
}

// nssGroupsOf returns the names of all groups of a user by NSS.
func (v *view) nssGroupsOf(ctx context.Context, user string) []string {
	var names []string
	// getent initgroups prints "name  gid gid …".
	f := strings.Fields(v.getent(ctx, "initgroups", user))
	for i, gid := range f {
		if n, err := strconv.Atoi(gid); i > 0 && err == nil {
			names = append(names, v.groupName(ctx, n))
		}
	}
	return names
}
