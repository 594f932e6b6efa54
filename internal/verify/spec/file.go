package spec

import (
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func fileKind() *kind {
	stat := func(format string) func(string, *resource, state) string {
		return func(name string, _ *resource, _ state) string { return "stat -c " + format + " " + name }
	}
	run := func(program string) func(string, *resource, state) string {
		return func(name string, _ *resource, _ state) string { return program + " " + name }
	}
	return &kind{
		name: "file", title: "File", naming: "path",
		settles: func(r *resource, _ string) bool { // sockets, and files of process ids
			return strings.HasPrefix(r.name, "/run/") || strings.HasPrefix(r.name, "/var/run/")
		},
		attributes: []attribute{
			{name: "exists", leads: true, is: "exists", isNot: "does not exist", hand: run("ls -ld")},
			{name: "filetype", label: "type", hand: stat("%F")},
			{name: "mode", form: mode, hand: stat("%a")},
			{name: "owner", hand: stat("%U")},
			{name: "uid", hand: stat("%u")},
			{name: "group", hand: stat("%G")},
			{name: "gid", hand: stat("%g")},
			{name: "linked-to", label: "link target", hand: run("readlink")},
			{name: "contents", aliases: []string{"contains", "content"}, form: text, label: "content", hand: run("cat")},
			{name: "size", hand: stat("%s")},
			{name: "md5", label: "MD5 sum", hand: run("md5sum")},
			{name: "sha256", label: "SHA-256 sum", hand: run("sha256sum")},
			{name: "sha512", label: "SHA-512 sum", hand: run("sha512sum")},
		},
		obvious: []want{{"exists", true}},
		malformed: func(name string) string {
			if !strings.HasPrefix(name, "/") && !strings.HasPrefix(name, "~") {
				return "an absolute path"
			}
			return ""
		},
		observe: observeFile,
	}
}

func observeFile(s *verify.Session, r *resource) (state, bool, error) {
	name := r.name
	if rest, ok := strings.CutPrefix(name, "~"); ok {
		user, below, _ := strings.Cut(rest, "/")
		if user == "" {
			user = "root"
		}
		u, known, err := verify.Fact[probe.User](s, probe.Question{Kind: probe.KindUser, Name: user})
		switch {
		case !known || err != nil:
			return state{}, known, err
		case !u.Exists:
			return state{values: map[string]any{"exists": false}, absent: "no such user: " + user}, true, nil
		}
		name = strings.TrimSuffix(u.Home+"/"+below, "/")
	}
	args := map[string]string{}
	if r.asks("contents") {
		args["content"] = "1"
	}
	for _, sum := range []string{"md5", "sha256", "sha512"} {
		if r.asks(sum) {
			args[sum] = "1"
		}
	}
	f, known, err := verify.Fact[probe.File](s, probe.Question{Kind: probe.KindFile, Name: name, Args: args})
	if !known || err != nil {
		return state{}, known, err
	}
	if !f.Exists {
		return state{values: map[string]any{"exists": false}, absent: "no such file"}, true, nil
	}
	return tellFile(f), true, nil
}

func tellFile(f probe.File) state {
	st := state{
		values: map[string]any{
			"exists": true, "filetype": f.Type, "mode": f.Mode, "size": f.Size,
			"owner": f.Owner, "uid": int64(f.UID), "group": f.Group, "gid": int64(f.GID),
		},
		instead: map[string]string{},
		unknown: map[string]string{},
	}
	if f.Type == "symlink" {
		st.values["linked-to"] = f.LinkTarget
	} else {
		st.instead["linked-to"] = "no link, it is a " + f.Type
	}
	none := "no content, it is a " + f.Type
	switch {
	case f.TooLarge:
		st.unknown["contents"] = "the file is too large to be searched"
	case f.ReadErr != "" && f.Type == "file":
		for _, name := range []string{"contents", "md5", "sha256", "sha512"} {
			st.unknown[name] = f.ReadErr
		}
	case f.ReadErr != "": // a link may lead nowhere
		none = "no content: " + f.ReadErr
		st.instead["contents"] = none
	case f.Type == "file" || f.Type == "symlink" || len(f.Content) > 0:
		st.values["contents"] = string(f.Content)
	default:
		st.instead["contents"] = none
	}
	for name, sum := range map[string]string{"md5": f.MD5, "sha256": f.SHA256, "sha512": f.SHA512} {
		if sum != "" {
			st.values[name] = sum
		} else {
			st.instead[name] = none
		}
	}
	return st
}
