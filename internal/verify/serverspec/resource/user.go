package resource

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var userRows = []row{
	{of: one("user"), method: "exists?", ask: on("id"), fact: userExists},
	{of: one("user"), method: "belongs_to_group?", params: "group", ask: inGroup, fact: inGroupFact},
	{of: one("user"), method: "belongs_to_primary_group?", params: "group", ask: check(func(a *asking) string {
		return "id -gn " + a.name() + "| grep ^" + a.argq("group") + "$"
	})},
	{of: one("user"), method: "has_uid?", params: "uid", ask: check(func(a *asking) string {
		return "id " + a.name() + " | grep -- " + escape("^uid="+a.arg("uid")+"(")
	}), fact: hasUID},
	{of: one("user"), method: "has_home_directory?", params: "path", ask: passwdField(6, "path"), fact: passwdFact("path", func(u probe.User) string { return u.Home })},
	{of: one("user"), method: "has_login_shell?", params: "path", ask: passwdField(7, "path"), fact: passwdFact("path", func(u probe.User) string { return u.Shell })},
	{of: one("user"), method: "has_authorized_key?", params: "key", ask: check(func(a *asking) string {
		key := a.arg("key")
		if keyWithComment.MatchString(key) {
			key = keyComment.ReplaceAllString(key, "")
		}
		return "grep -w -- " + escape(key) + " ~" + a.name() + "/.ssh/authorized_keys"
	})},
	{of: one("user"), method: "uid", ask: func(a *asking) Value { return leading(a.stdout("id -u " + a.name())) }, fact: uidFact},
	{of: one("user"), method: "encrypted_password", ask: prints(func(a *asking) string { return "getent shadow " + a.name() + " | cut -f 2 -d ':'" })},
	{of: one("user"), method: "minimum_days_between_password_change", ask: days("Minimum")},
	{of: one("user"), method: "maximum_days_between_password_change", ask: days("Maximum")},
	{of: one("user"), method: "system_user?", ask: check(systemAccount("passwd", "uid", "UID"))},
}

var (
	keyWithComment = regexp.MustCompile(`(?m)^\S+\s+\S+\s+\S*$`)
	keyComment     = regexp.MustCompile(`(?m)\s+\S*$`)
)

// inGroup looks for the name anywhere in the line that id prints of groups, so that
// "doc" is found in "docker"; strict wants the whole name of one.
func inGroup(a *asking) Value {
	if a.host.Strict {
		return a.check("id -Gn " + a.name() + ` | tr ' ' '\n' | grep -Fx -- ` + a.argq("group"))
	}
	return a.check("id " + a.name() + " | sed 's/ context=.*//g' | cut -f 4 -d '=' | grep -- " + a.argq("group"))
}

func passwdField(n int, arg string) func(*asking) Value {
	return func(a *asking) Value {
		flags := "-w"
		if a.host.Strict {
			flags = "-Fx"
		}
		return a.check("getent passwd " + a.name() + " | cut -f " + strconv.Itoa(n) + " -d ':' | grep " + flags + " -- " + a.argq(arg))
	}
}

func days(which string) func(*asking) Value {
	return func(a *asking) Value {
		if p := a.host.Platform; p.is("sles") && p.major() == 11 {
			return leading(a.stdout("chage -l " + a.name() + " | sed -n 's/^" + which + "://p' | sed 's|^[[:blank:]]*||g'"))
		}
		return leading(a.stdout("chage -l " + a.name() + " | sed -n 's/^" + which + ".*: //p'"))
	}
}

// systemAccount compares an id with the limits of login.defs.
func systemAccount(database, field, key string) func(*asking) string {
	return func(a *asking) string {
		entry := "getent " + database + " " + a.name()
		id := entry + " | cut -f 3 -d ':'"
		low, high, least := "sys_"+field+"_min", "sys_"+field+"_max", field+"_min"
		from := "awk 'BEGIN{" + low + "=101} {if($1~/^SYS_" + key + "_MIN/){" + low + "=$2}} END{print " + low + "}' /etc/login.defs"
		to := "awk 'BEGIN{" + high + "=0;" + least + "=1000} {if($1~/^SYS_" + key + "_MAX/){" + high + "=$2}if($1~/^" + key + "_MIN/){" + least +
			"=$2}} END{if(" + high + "!=0){print " + high + "}else{print " + least + "-1}}' /etc/login.defs"
		return entry + ` > /dev/null 2>&1 && test "$(` + id + `)" -ge "$(` + from + `)" && test "$(` + id + `)" -le "$(` + to + `)"`
	}
}

// account is a name that no command takes for a number or an option.
var account = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_-]*\z`)

// user returns the fact of a user with an ordinary name.
func (a *asking) user() (probe.User, bool) {
	if !account.MatchString(a.plain()) {
		return probe.User{}, false
	}
	return know[probe.User](a, probe.KindUser, a.plain(), nil)
}

func userExists(a *asking) (Value, bool) {
	u, ok := a.user()
	return Bool(u.Exists), ok
}

// inGroupFact is for names with a letter: others may be found in the numbers too.
func inGroupFact(a *asking) (Value, bool) {
	group := a.arg("group")
	u, ok := a.user()
	if !account.MatchString(group) {
		return nil, false
	}
	return Bool(slices.ContainsFunc(u.Groups, func(g string) bool {
		return g == group || !a.host.Strict && strings.Contains(g, group)
	})), ok
}

func hasUID(a *asking) (Value, bool) {
	u, ok := a.user()
	return Bool(u.Exists && a.arg("uid") == strconv.Itoa(u.UID)), ok && digits(a.arg("uid"))
}

func passwdFact(arg string, field func(probe.User) string) func(*asking) (Value, bool) {
	return func(a *asking) (Value, bool) {
		want := a.arg(arg)
		u, ok := a.user()
		if !ordinary.MatchString(want) || strings.Contains(want, ".") && !a.host.Strict {
			return nil, false
		}
		if a.host.Strict {
			return Bool(u.Exists && field(u) == want), ok
		}
		return Bool(u.Exists && word(field(u), want)), ok
	}
}

func uidFact(a *asking) (Value, bool) {
	u, ok := a.user()
	return Int(u.UID), ok
}

var groupRows = []row{
	{of: one("group"), method: "exists?", ask: on("getent group"), fact: groupExists},
	{of: one("group"), method: "has_gid?", params: "gid", ask: check(func(a *asking) string { return a.gid() + " | grep -w -- " + a.argq("gid") }), fact: hasGID},
	{of: one("group"), method: "gid", ask: func(a *asking) Value { return leading(a.stdout(a.gid())) }, fact: gidFact},
	{of: one("group"), method: "system_group?", ask: check(systemAccount("group", "gid", "GID"))},
}

func (a *asking) gid() string { return "getent group " + a.name() + " | cut -f 3 -d ':'" }

func (a *asking) group() (probe.Group, bool) {
	if !account.MatchString(a.plain()) {
		return probe.Group{}, false
	}
	return know[probe.Group](a, probe.KindGroup, a.plain(), nil)
}

func groupExists(a *asking) (Value, bool) {
	g, ok := a.group()
	return Bool(g.Exists), ok
}

func hasGID(a *asking) (Value, bool) {
	g, ok := a.group()
	return Bool(g.Exists && a.arg("gid") == strconv.Itoa(g.GID)), ok && digits(a.arg("gid"))
}

func gidFact(a *asking) (Value, bool) {
	g, ok := a.group()
	return Int(g.GID), ok
}
