package spec

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// dirOf writes files, given as name and content in turn, into a new directory.
func dirOf(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i+1 < len(files); i += 2 {
		write(t, filepath.Join(dir, files[i]), []byte(files[i+1]))
	}
	return dir
}

// TestSame: evaluating without answers gives the same checks, all open but those
// that need none, in the same order as evaluating with them.
func TestSame(t *testing.T) {
	t.Parallel()
	dir := dirOf(t, "goss.yaml", `
service: {nginx: {enabled: true, running: true}}
file: {"~app/x": {exists: true, mode: "0644"}, /y: {exists: true, skip: true}}
matching: {m: {content: 1, matches: 1}}
`)
	s, err := ReadGoss(filepath.Join(dir, "goss.yaml"), GossOptions{})
	if err != nil {
		t.Fatal(err)
	}
	silent, full := s.Evaluate(context.Background(), &verify.Session{}), s.Evaluate(context.Background(), verify.Answered(func(probe.Question) probe.Answer {
		return probe.Answer{Fact: json.RawMessage(`{"exists": true}`)}
	}))
	var verdicts []verify.Verdict
	for i := range silent {
		verdicts = append(verdicts, silent[i].Verdict)
		if silent[i].Description != full[i].Description || silent[i].Subject != full[i].Subject || silent[i].Pos != full[i].Pos {
			t.Errorf("check %d changes from %+v to %+v", i, silent[i], full[i])
		}
		if full[i].Verdict == verify.Open {
			t.Errorf("check %d is open with all answers", i)
		}
	}
	want := []verify.Verdict{verify.Open, verify.Open, verify.Open, verify.Open, verify.Skipped, verify.Pass}
	if diff := cmp.Diff(want, verdicts); diff != "" || len(full) != len(silent) {
		t.Error(diff)
	}
}

// TestQuestions: what is asked, and nothing more.
func TestQuestions(t *testing.T) {
	t.Parallel()
	dir := dirOf(t, "goss.yaml", `
file:
  /a: {exists: true, mode: "0644"}
  /b: {exists: true, contents: [x], sha256: y}
command: {sleep 1: {exit-status: 0, timeout: 1500}, "true": {exit-status: 0}}
http:
  http://h/: {status: 200, allow-insecure: yes, request-headers: ["A: b", "C: d"], username: u, password: p, no-follow-redirects: false}
dns: {h: {resolvable: true, server: 192.0.2.1}}
addr: {h:80: {reachable: true, local-address: 127.0.0.1}}
mount: {/m: {exists: true}}
port: {80: {listening: true}}
`)
	s, err := ReadGoss(filepath.Join(dir, "goss.yaml"), GossOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var asked []probe.Question
	s.Evaluate(context.Background(), verify.Answered(func(q probe.Question) probe.Answer {
		asked = append(asked, q)
		return probe.Answer{Error: "nobody there"}
	}))
	type args = map[string]string
	want := []probe.Question{
		{Kind: "file", Name: "/a", Args: args{}},
		{Kind: "file", Name: "/b", Args: args{"content": "1", "sha256": "1"}},
		{Kind: "command", Name: "sleep 1", Args: args{"timeout": "1.5s"}},
		{Kind: "command", Name: "true", Args: args{"timeout": "10s"}},
		{Kind: "http", Name: "http://h/", Args: args{"timeout": "5s", "allow-insecure": "1", "request-headers": "A: b\nC: d", "username": "u", "password": "p"}},
		{Kind: "dns", Name: "h", Args: args{"timeout": "500ms", "server": "192.0.2.1"}},
		{Kind: "addr", Name: "tcp://h:80", Args: args{"timeout": "500ms", "local-address": "127.0.0.1"}},
		{Kind: "mount", Name: "/m", Args: args{"timeout": "1s"}},
		{Kind: "port", Name: "tcp:80"},
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

func TestFilesAndDigest(t *testing.T) {
	t.Parallel()
	dir := dirOf(t,
		"goss.yaml", `{{ $v := readFile .Vars.version }}package: {a: {installed: true, versions: ["{{ $v }}"]}}`+"\ngossfile: {'more/*.yaml': {}}\n",
		"more/b.yaml", "user: {b: {exists: true}}\n",
		"version", "1.0\n", "vars.yaml", "other: 1\n")
	o := GossOptions{
		Vars:       []string{filepath.Join(dir, "vars.yaml")},
		VarsInline: "version: " + filepath.Join(dir, "version"),
	}
	path := filepath.Join(dir, "goss.yaml")
	digest := func() string {
		t.Helper()
		s, err := readGoss(path, o)
		if err != nil {
			t.Fatal(err)
		}
		var files []string
		for _, f := range s.Files() {
			files = append(files, strings.TrimPrefix(f, dir+"/"))
		}
		if diff := cmp.Diff([]string{"goss.yaml", "more/b.yaml", "vars.yaml", "version"}, files); diff != "" {
			t.Error(diff)
		}
		return s.Digest()
	}
	first := digest()
	if again := digest(); again != first {
		t.Errorf("digest changed from %s to %s", first, again)
	}
	write(t, filepath.Join(dir, "version"), []byte("1.1"))
	if digest() == first {
		t.Error("another value of a variable gives the same digest")
	}
}

func TestReadPath(t *testing.T) {
	t.Parallel()
	dir := dirOf(t,
		"d/goss.yaml", "gossfile: {part.yaml: {}}\nuser: {'{{.Vars.name}}': {exists: true}}\n",
		"d/part.yaml", "group: {g: {exists: true}}\n",
		"d/other.json", `{"port": {"tcp:80": {"listening": true}}}`,
		"d/vars.yaml", "name: bob\n",
		"d/README.md", "hello",
		"rb/x_spec.rb", "describe", "rb/goss.yaml", "user: {a: {exists: true}}",
		"empty/x.txt", "",
		"bad/a.yaml", "usr: {}", "bad/b.yaml", "grup: {}")
	specs, err := ReadPath(filepath.Join(dir, "d"), GossOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, s := range specs {
		for _, r := range s.Evaluate(context.Background(), &verify.Session{}) {
			subjects = append(subjects, r.Subject)
		}
	}
	if diff := cmp.Diff([]string{`User "bob"`, `Group "g"`, `Port "tcp:80"`}, subjects); diff != "" {
		t.Error(diff)
	}
	specs, err = ReadPath(filepath.Join(dir, "d"), GossOptions{VarsInline: "name: eve"})
	if err != nil {
		t.Fatal(err)
	}
	if r := specs[0].Evaluate(context.Background(), &verify.Session{}); r[0].Subject != `User "eve"` {
		t.Errorf("variables of the caller are under those of the directory: %s", r[0].Subject)
	}
	if specs, err = ReadPath(filepath.Join(dir, "d/other.json"), GossOptions{}); err != nil || len(specs) != 1 {
		t.Errorf("one file: %d specs, %v", len(specs), err)
	}
	for path, want := range map[string]string{
		"rb":           "rb/x_spec.rb is a ServerSpec file beside goss files",
		"rb/x_spec.rb": "is a ServerSpec file",
		"d/README.md":  "is no goss file",
		"empty":        "no goss files (*.yaml, *.yml, *.json) in",
		"missing":      "no such file",
		"bad":          `b.yaml:1:1: unknown resource "grup"`,
	} {
		if _, err := ReadPath(filepath.Join(dir, path), GossOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

func TestOpenGoss(t *testing.T) {
	t.Parallel()
	dir := dirOf(t,
		"a.yaml", "user: {'{{.Env.WHO}}': {exists: true}, '{{.Vars.x}}': {exists: true}}\n",
		"b.yaml", "group: {'{{.Vars.y}}': {exists: true}}\n",
		"v.yaml", "x: from-file\ny: from-file\n")
	s, err := openGoss(gossConfig{
		File: filepath.Join(dir, "a.yaml"), Files: []string{filepath.Join(dir, "b*.yaml")},
		Vars: filepath.Join(dir, "v.yaml"), VarsInline: `{"y": "inline"}`, Env: map[string]string{"WHO": "bob"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, r := range s.Evaluate(context.Background(), &verify.Session{}) {
		subjects = append(subjects, r.Subject)
	}
	if diff := cmp.Diff([]string{`User "bob"`, `User "from-file"`, `Group "inline"`}, subjects); diff != "" {
		t.Error(diff)
	}
	if files := s.(verify.Files).Files(); len(files) != 3 {
		t.Errorf("files: %v", files)
	}
	for want, c := range map[string]gossConfig{
		"name the goss file": {},
		"no file matches":    {Files: []string{filepath.Join(dir, "c*.yaml")}},
		"no such file":       {File: filepath.Join(dir, "c.yaml")},
	} {
		if _, err := openGoss(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestWaits: what a service brings about when it starts is waited for, what stands
// in files is not.
func TestWaits(t *testing.T) {
	t.Parallel()
	dir := dirOf(t, "a.yaml", `
file: {/etc/x: {exists: true}, /run/x: {exists: true}}
service: {x: {enabled: true, running: true}}
port: {80: {listening: true, ip: [127.0.0.1]}}
package: {x: {}}
command: {"true": {}}
`)
	for _, c := range []gossConfig{{}, {retry: retry{time.Minute}}} {
		c.File = filepath.Join(dir, "a.yaml")
		s, err := openGoss(c)
		if err != nil {
			t.Fatal(err)
		}
		waits := map[string]bool{}
		for _, r := range s.Evaluate(context.Background(), &verify.Session{}) {
			if r.Wait > 0 {
				waits[r.Subject+" "+r.Description] = r.Wait == c.Retry
			}
		}
		want := map[string]bool{`File "/run/x" exists`: true, `Service "x" is running`: true, `Port "80" is listening`: true,
			`Port "80" addresses listened on include "127.0.0.1"`: true, `Command "true" exit status is 0`: true}
		if c.Retry == 0 {
			want = map[string]bool{}
		}
		if diff := cmp.Diff(want, waits); diff != "" {
			t.Errorf("%s: %s", c.Retry, diff)
		}
	}
	failed := verify.Answered(func(probe.Question) probe.Answer {
		return probe.Answer{Fact: []byte(`{"exists":true,"enabled":true,"state":"failed/failed"}`)}
	})
	if s, err := fromInline(treeOf(t, filepath.Join(dirOf(t, "x.hcl", `service "x" {}`), "x.hcl"))); err != nil {
		t.Error(err)
	} else {
		c, _ := retry{time.Minute}.set(s)
		for _, r := range c.Evaluate(context.Background(), failed) {
			if r.Wait != 0 {
				t.Errorf("a failed service is waited for: %+v", r)
			}
		}
	}
	if s, err := ReadGoss(filepath.Join(dir, "a.yaml"), GossOptions{}); err != nil || s.Evaluate(context.Background(), &verify.Session{})[1].Wait != verify.DefaultWait {
		t.Errorf("attached checks: %v", err)
	}
	if _, err := openGoss(gossConfig{File: filepath.Join(dir, "a.yaml"), retry: retry{-time.Second}}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Error(err)
	}
}

// TestKinds: every attribute can be described and found, and has a name of its own.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		seen := make(map[string]bool)
		for _, name := range k.words() {
			if seen[name] {
				t.Errorf("%s has %q twice", k.name, name)
			}
			seen[name] = true
		}
		for i, a := range k.attributes {
			if a.leads && i > 0 {
				t.Errorf("%s: the leading attribute %s is not the first", k.name, a.name)
			}
			if (a.is == "") != (a.isNot == "") {
				t.Errorf("%s: %s has only one of yes and no", k.name, a.name)
			}
		}
		for _, w := range k.obvious {
			if k.find(w.attribute) == nil {
				t.Errorf("%s: no attribute %s", k.name, w.attribute)
			}
		}
	}
}

func TestErrorsAreDiagnostics(t *testing.T) {
	t.Parallel()
	dir := dirOf(t, "goss.yaml", "fil: {}")
	_, err := ReadGoss(filepath.Join(dir, "goss.yaml"), GossOptions{})
	var list template.Diagnostics
	if !errors.As(err, &list) || len(list) != 1 || list[0].Source != "fil: {}" {
		t.Errorf("error is %#v", err)
	}
	if _, err := ReadGoss(filepath.Join(dir, "none.yaml"), GossOptions{}); err == nil || errors.As(err, &list) {
		t.Errorf("a missing file: %v", err)
	}
}

// TestReadsWhatEnds: what checks name on this host is read only when it comes to an end,
// and nobody else is asked.
func TestReadsWhatEnds(t *testing.T) {
	t.Parallel()
	dir := dirOf(t, "zero.yaml", "gossfile: {/dev/zero: {}}", "pipe.yaml", "gossfile: {pipe: {}}",
		"read.yaml", `x-a: '{{readFile "/dev/zero"}}'`, "name.yaml", `x-a: '{{getHostByName "localhost"}}'`)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Skipf("needs named pipes: %v", err)
	}
	for name, want := range map[string]string{
		"zero.yaml": "no regular file", "pipe.yaml": "no regular file", "read.yaml": "no regular file", "name.yaml": "look up no names",
	} {
		if _, err := ReadGoss(filepath.Join(dir, name), GossOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
