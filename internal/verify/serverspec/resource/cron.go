package resource

import "strings"

var cronRows = []row{
	{of: one("cron"), method: "has_entry?", params: "with_user entry", ask: check(func(a *asking) string {
		table := "crontab"
		if a.has("with_user") {
			table += " -u " + a.argq("with_user")
		}
		return table + " -l | grep -v '^[[:space:]]*#' | grep -- ^" + escape(cronEscaper.Replace(a.arg("entry"))) + "$"
	})},
	{of: one("cron"), method: "table", ask: func(a *asking) Value {
		return String(a.stdout("cat /etc/cron.d/* /etc/crontab /var/spool/cron/* /var/spool/cron/crontabs/* 2> /dev/null"))
	}},
}

// cronEscaper leaves dots and anchors what they are to grep.
var cronEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "[", `\[`, "]", `\]`)

var fstabRows = []row{
	{of: one("fstab"), method: "has_entry?", params: "entry", ask: fstabEntry},
	// line tells whether there is one of the mount point, whatever it says.
	{of: one("fstab"), method: "line", params: "entry", ask: func(a *asking) Value {
		line, ok := fstabLine(a)
		return Bool(ok && a.run(line).exit == 0)
	}},
}

// fstabEntry compares the fields of the first line of the mount point.
func fstabEntry(a *asking) Value {
	line, ok := fstabLine(a)
	if !ok {
		return Bool(false)
	}
	want, _ := a.args["entry"].(Hash)
	out := a.run(line)
	if out.exit != 0 || a.dry || a.settled() {
		return Bool(false)
	}
	f := strings.Fields(out.stdout)
	if len(f) < 4 {
		return a.raise("NoMethodError", "undefined method `split' for nil:NilClass")
	}
	got := Hash{{Symbol("device"), String(f[0])}, {Symbol("mount_point"), String(f[1])}, {Symbol("type"), String(f[2])},
		{Symbol("dump"), Int(0)}, {Symbol("pass"), Int(0)}}
	for i, key := range []string{"dump", "pass"} {
		if len(f) > 4+i {
			got = got.set(Symbol(key), leading(f[4+i]))
		}
	}
	return Bool(want.merged().within(got.options(f[3])))
}

// fstabLine is the command for the line of the mount point, if one is named.
func fstabLine(a *asking) (string, bool) {
	want, _ := a.args["entry"].(Hash)
	point := want.get("mount_point")
	if point == nil || point == Bool(false) {
		return "", false
	}
	return `awk '{if($2=="` + escape(Text(point)) + `")print}' /etc/fstab | grep -v '^[[:space:]]*#'`, true
}

var mailRows = []row{
	{of: one("mail_alias"), method: "aliased_to?", params: "recipient", ask: check(func(a *asking) string {
		recipient := strings.ReplaceAll(a.arg("recipient"), "|", `\|`)
		return "getent aliases " + a.name() + " | egrep -- " + escape(`[[:space:]](["']?)`+recipient+`\1(,|$)`)
	})},
}
