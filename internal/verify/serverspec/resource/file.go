package resource

import (
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

var files = []string{"file", "json_file"}

var fileRows = []row{
	{of: files, method: "file?", ask: on("test -f"), fact: typeIs("file")},
	{of: files, method: "exists?", ask: on("test -e"), fact: somewhere},
	{of: files, method: "directory?", ask: on("test -d"), fact: typeIs("directory")},
	{of: files, method: "socket?", ask: on("test -S"), fact: typeIs("socket")},
	{of: files, method: "pipe?", ask: on("test -p"), fact: typeIs("pipe")},
	{of: files, method: "block_device?", ask: on("test -b"), fact: typeIs("block-device")},
	{of: files, method: "character_device?", ask: on("test -c"), fact: typeIs("character-device")},
	{of: files, method: "symlink?", ask: on("test -L"), fact: isLink},
	{of: files, method: "mode?", params: "mode", ask: check(modeIs), fact: hasMode},
	{of: files, method: "owned_by?", params: "owner", ask: check(func(a *asking) string { return a.owner("owner", "%u", "%U") }), fact: ownedBy},
	{of: files, method: "grouped_into?", params: "group", ask: check(func(a *asking) string { return a.owner("group", "%g", "%G") }), fact: groupedInto},
	{of: files, method: "linked_to?", params: "target", ask: check(linkedTo), fact: leadsTo},
	{of: files, method: "readable?", params: "by by_user", ask: access(0o444, "r"), fact: accessible(0o444)},
	{of: files, method: "writable?", params: "by by_user", ask: access(0o222, "w"), fact: accessible(0o222)},
	{of: files, method: "executable?", params: "by by_user", ask: access(0o111, "x"), fact: accessible(0o111)},
	{of: files, method: "mounted?", params: "with exactly", ask: mounted, fact: mountedSomehow},
	{of: files, method: "immutable?", ask: check(immutable)},
	{of: files, method: "contain", params: "pattern from to", ask: contain, fact: contains},
	{of: files, method: "version?", params: "version", ask: notHere},
	{of: one("json_file"), method: "content", ask: jsonContent(content), fact: jsonContentFact},
	{of: one("file"), method: "content", ask: content, fact: contentFact},
	{of: files, method: "content_as_json", ask: jsonContent(content), fact: jsonContentFact},
	{of: files, method: "md5sum", ask: prints(func(a *asking) string { return "md5sum " + a.name() + " | cut -d ' ' -f 1" }), fact: digest("md5")},
	{of: files, method: "sha256sum", ask: prints(func(a *asking) string { return "sha256sum " + a.name() + " | cut -d ' ' -f 1" }), fact: digest("sha256")},
	{of: files, method: "mode", ask: prints(stat("%a")), fact: modeText},
	{of: files, method: "owner", ask: prints(stat("%U")), fact: ownerText},
	{of: files, method: "group", ask: prints(stat("%G")), fact: groupText},
	{of: files, method: "size", ask: func(a *asking) Value { return leading(a.stdout(stat("%s")(a))) }, fact: sizeFact},
	{of: files, method: "mtime", ask: mtime, fact: mtimeFact},
	{of: files, method: "link_target", ask: prints(func(a *asking) string { return "readlink " + a.name() }), fact: targetText},
	{of: files, method: "selinux_label", ask: prints(stat("%C"))},
}

func stat(format string) func(*asking) string {
	return func(a *asking) string { return "stat -c " + format + " " + a.name() }
}

// wholeLine is grep for a line that is what a regular expression matches.
func wholeLine(text string) string { return " | grep -- " + escape("^"+text+"$") }

// modeIs compares texts, so that a mode of four digits equals none; strict compares
// modes.
func modeIs(a *asking) string {
	if a.host.Strict {
		return stat("%a")(a) + " | grep -E -- " + escape("^("+strings.Join(strictModes(a.args["mode"]), "|")+")$")
	}
	return stat("%a")(a) + wholeLine(a.arg("mode"))
}

// strictModes are the modes that an argument may mean, as stat prints them. The number
// 420 is what an octal literal leaves of 0644, or means the mode of these digits.
func strictModes(v Value) []string {
	text := strings.TrimLeft(Text(v), "0")
	if text == "" {
		text = "0"
	}
	if n, ok := v.(Int); ok && n >= 0 && strconv.FormatInt(int64(n), 8) != text {
		return []string{text, strconv.FormatInt(int64(n), 8)}
	}
	return []string{text}
}

func (a *asking) owner(arg, id, name string) string {
	text := a.arg(arg)
	format := name
	if digits(text) {
		format = id
	}
	return stat(format)(a) + wholeLine(text)
}

// linkedTo quotes the target inside of quotes, where most backslashes stay: a target
// with other than ordinary characters is never found.
func linkedTo(a *asking) string {
	target := a.argq("target")
	if a.host.Strict {
		return `test x"$(readlink ` + a.name() + `)" = x` + target
	}
	return `test x"$(readlink ` + a.name() + `)" = x"` + target + `"`
}

// access looks at the bits of the mode, or asks as a user.
func access(bits int, letter string) func(*asking) Value {
	return func(a *asking) Value {
		if a.has("by_user") {
			return a.check("sudo -u " + a.arg("by_user") + " test -" + letter + " " + a.plain())
		}
		return bitsFor(strip(a.stdout(stat("%a")(a))), bits, a.arg("by"))
	}
}

func bitsFor(mode string, bits int, who string) Value {
	n, err := strconv.ParseInt(mode, 8, 32)
	if err != nil {
		n = 0
	}
	switch who {
	case "":
	case "owner":
		bits &= 0o700
	case "group":
		bits &= 0o070
	case "others":
		bits &= 0o007
	default:
		return nil
	}
	return Bool(int(n)&bits != 0)
}

func mounted(a *asking) Value {
	out := a.run("mount | grep -- '" + escape("on "+a.plain()+" ") + "'")
	want, given := a.args["with"].(Hash)
	exactly := a.args["exactly"] == Bool(true)
	if only, ok := a.args["only_with"].(Hash); ok {
		want, given, exactly = only, true, true
	}
	if out.exit != 0 || !given {
		return Bool(out.exit == 0)
	}
	got := mountLine(out.stdout)
	want = want.merged()
	if exactly {
		return Bool(want.within(got) && got.within(want))
	}
	return Bool(want.within(got))
}

// mountLine reads "DEVICE on DIR type TYPE (OPTIONS)".
func mountLine(text string) Hash {
	f := strings.Fields(text)
	var got Hash
	if len(f) > 0 {
		got = got.set(Symbol("device"), String(f[0]))
	}
	if len(f) > 4 && f[3] == "type" {
		got = got.set(Symbol("type"), String(f[4]))
	}
	for line := range strings.Lines(text) {
		from, to := strings.Index(line, "("), strings.LastIndex(line, ")")
		if from < 0 || to < from {
			continue
		}
		options := line[from+1 : to]
		if got.get("type") == nil { // as where mount prints "proc on /proc (proc, local)"
			first, rest, _ := strings.Cut(options, ",")
			got, options = got.set(Symbol("type"), String(first)), rest
		}
		return got.options(options)
	}
	return got
}

// options adds "rw,mode=755".
func (h Hash) options(list string) Hash {
	for option := range strings.SplitSeq(list, ",") {
		f := strings.Split(option, "=")
		switch {
		case option == "":
		case len(f) == 1 || f[1] == "" && len(f) == 2:
			h = h.set(Symbol(strings.TrimSpace(f[0])), Bool(true))
		default:
			h = h.set(Symbol(strings.TrimSpace(f[0])), number(f[1]))
		}
	}
	return h
}

func immutable(a *asking) string {
	return "lsattr -d " + a.name() + ` 2>&1 | awk '$1~/^[A-Za-z-]+$/ && $1~/i/ {exit 0} {exit 1}'`
}

func grepFor(pattern, file string) (basic, fixed string) {
	return "grep -qs -- " + pattern + " " + file, "grep -qFs -- " + pattern + " " + file
}

// contain looks for a line that a basic regular expression matches or, for the same
// text, that has it as it is.
func contain(a *asking) Value {
	from, to := a.args["from"], a.args["to"]
	for name, into := range map[string]*Value{"after": &from, "before": &to} {
		if a.has(name) {
			*into = a.args[name]
		}
	}
	lines, isList := a.args["pattern"].(List)
	if from == nil && to == nil && !isList {
		if a.host.Strict {
			return strictContain(a)
		}
		basic, fixed := grepFor(a.argq("pattern"), a.name())
		return a.check(basic + " || " + fixed)
	}
	first, last := "1", "$"
	if from != nil {
		first = slashed(from)
	}
	if to != nil {
		last = slashed(to)
	}
	sed := "sed -n " + escape(first) + "," + escape(last) + "p " + a.name()
	if isList {
		return a.containLines(sed, lines)
	}
	if first != "1" && last != "$" {
		sed += " | sed -n 1," + escape(last) + "p"
	}
	basic, fixed := grepFor(a.argq("pattern"), "-")
	return a.check(sed + " | " + basic + " || " + sed + " | " + fixed)
}

// containLines compares the digest of a block that begins with the first line.
func (a *asking) containLines(sed string, lines List) Value {
	if len(lines) == 0 {
		return a.raise("NoMethodError", "undefined method `chomp' for nil:NilClass")
	}
	var block strings.Builder
	for _, l := range lines {
		block.WriteString(strings.TrimSuffix(strings.TrimSuffix(Text(l), "\n"), "\r") + "\n")
	}
	first, _, _ := strings.Cut(block.String(), "\n")
	sum := md5.Sum([]byte(block.String()))
	return a.check(sed + " | grep -A " + strconv.Itoa(len(lines)-1) + " -F -- " + escape(first) +
		" | md5sum | grep -qiw -- " + hex.EncodeToString(sum[:]))
}

func content(a *asking) Value {
	text := a.stdout("cat " + a.name() + " 2> /dev/null || echo -n")
	if a.host.Strict && text == "" && !a.dry && !a.settled() && !bool(a.check("test -f "+a.name())) && !a.settled() {
		return a.raise("Errno::ENOENT", "No such file - %s", a.plain())
	}
	return String(text)
}

func mtime(a *asking) Value {
	text := strip(a.stdout(stat("%Y")(a)))
	if text == "" {
		return a.raise("Date::Error", "invalid date")
	}
	return Time(time.Unix(int64(leading(text)), 0))
}
