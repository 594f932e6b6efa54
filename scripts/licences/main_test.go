package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func moduleWith(t *testing.T, path string, indirect bool, files map[string]string) module {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return module{Path: path, Version: "v1.0.0", Dir: dir, Indirect: indirect}
}

const (
	mit = "Copyright someone.\n\nPermission is hereby\ngranted, free of charge, to any person\n"
	bsd = "Redistribution and use in source and\n  binary forms, with or without modification\n"
	mpl = "Mozilla Public License Version 2.0\n\"Secondary License\" means the GNU General Public License, Version 2.0\n"
	gpl = "                    GNU GENERAL PUBLIC LICENSE\n                       Version 3\n"
	bsl = "Business Source License 1.1\n"
)

func TestLicence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		files     map[string]string
		want, err string
	}{
		{map[string]string{"LICENSE": mit}, "MIT", ""},
		{map[string]string{"License.md": bsd}, "BSD", ""},
		{map[string]string{"LICENCE": "Apache License Version 2.0"}, "Apache-2.0", ""},
		{map[string]string{"COPYING": mpl}, "MPL-2.0", ""},
		{map[string]string{"LICENSE": mit, "LICENSE-THIRD": bsd}, "MIT", ""},
		{map[string]string{"LICENSE": gpl}, "", "GNU GENERAL PUBLIC LICENSE does not fit"},
		{map[string]string{"LICENSE": bsl}, "", "Business Source License does not fit"},
		{map[string]string{"COPYING": gpl, "LICENSE.MIT": mit}, "", "does not fit"},
		{map[string]string{"LICENSE": "All rights reserved."}, "", "no licence that fits"},
		{map[string]string{"README.md": mit}, "", "no licence that fits"},
		{nil, "", "no licence that fits"},
	} {
		got, err := licence(moduleWith(t, "", false, tt.files).Dir)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%v: %q, %v; want %q, %q", tt.files, got, err, tt.want, tt.err)
		}
	}
}

func TestProblems(t *testing.T) {
	t.Parallel()
	direct := moduleWith(t, "example.com/direct", false, map[string]string{"LICENSE": mit})
	indirect := moduleWith(t, "example.com/indirect", true, map[string]string{"LICENSE": bsd})
	bad := moduleWith(t, "example.com/bad", true, map[string]string{"LICENSE": gpl})
	const good = "| module | licence | why |\n|---|---|---|\n| `example.com/direct` | MIT | it is small |\n"
	for _, tt := range []struct {
		name  string
		mods  []module
		table string
		want  []string
	}{
		{"good", []module{direct, indirect}, good, nil},
		{"no line", []module{direct}, "", []string{`example.com/direct: give it a line in docs/dependencies.md with "MIT"`}},
		{"wrong licence", []module{direct}, strings.Replace(good, "MIT", "BSD", 1), []string{`with "MIT"`}},
		{"licence", []module{direct, bad}, good, []string{"example.com/bad: GNU GENERAL PUBLIC LICENSE"}},
		{"indirect", []module{direct, indirect}, good + "| `example.com/indirect` | BSD | no |\n", []string{"example.com/indirect: take its line out"}},
		{"not used", []module{direct}, good + "| `example.com/gone` | MIT | it was |\n", []string{"example.com/gone: take its line out"}},
		{"several", []module{direct, bad}, "", []string{"example.com/direct", "example.com/bad"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := problems(tt.mods, tt.table)
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("%v, want %q", err, tt.want)
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v, want %q", err, w)
				}
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	mods, err := decode(strings.NewReader(`{} {"Module":{"Path":"b","Dir":"/b"}} {"Module":{"Path":"us","Main":true}}
		{"Module":{"Path":"a","Indirect":true}} {"Module":{"Path":"b","Dir":"/b"}}`))
	if err != nil || len(mods) != 2 || mods[0].Path != "a" || !mods[0].Indirect || mods[1].Dir != "/b" {
		t.Errorf("%+v, %v", mods, err)
	}
	if _, err := decode(strings.NewReader(`{"Module":`)); err == nil {
		t.Error("half an object is taken")
	}
}

func TestNotice(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := writeNotice(&b, moduleWith(t, "example.com/m", false, map[string]string{"NOTICE": "written by N", "LICENSE": mit, "go.mod": ""})); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if !strings.Contains(text, "example.com/m v1.0.0, LICENSE\n\nCopyright someone.") || !strings.Contains(text, "NOTICE\n\nwritten by N\n") {
		t.Error(text)
	}
	if err := writeNotice(&b, moduleWith(t, "example.com/m", false, nil)); err == nil {
		t.Error("a module without a licence has a notice")
	}
}
