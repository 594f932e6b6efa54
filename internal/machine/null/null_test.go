package null

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// load loads a template of one of the languages around a source's options.
func load(t *testing.T, options string) (*template.Block, error) {
	t.Helper()
	name, whole := "t.pkr.hcl", "source \"null\" \"x\" {\n"+options+"\n}\nbuild {\nsources = [\"source.null.x\"]\n}\n"
	if strings.HasPrefix(options, "{") {
		name, whole = "t.json", `{"builders":[`+options+`]}`
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	set := template.NewSet(Kind(func(string) string { return "" }))
	tpl, err := template.Load(file, template.Options{Environ: []string{}, Check: func(_ string, b *template.Block) template.Diagnostics { return set.Check(b) }})
	if err != nil {
		return nil, err
	}
	return tpl.Builds[0].Source, nil
}

func TestOptions(t *testing.T) {
	t.Parallel()
	const ssh = "ssh_host = \"h\"\nssh_username = \"u\"\n"
	tests := []struct {
		options string
		want    string // part of what is wrong; "" for nothing
		runs    bool
	}{
		{`communicator = "none"`, "", true},
		{`{"type":"null","communicator":"none"}`, "", true},
		{`{"type":"null","ssh_host":"h","ssh_username":"u","ssh_password":"p","ssh_port":"2222","ssh_timeout":"10m"}`, "", true},
		{ssh + `ssh_agent_auth = true`, "", true},
		{ssh + `ssh_password = build.Password`, "", true},
		{"communicator = \"winrm\"\nwinrm_host = \"h\"\nwinrm_username = \"u\"\nwinrm_password = \"p\"", "", false},
		{``, `needs option "ssh_host"`, false},
		{``, `needs option "ssh_username"`, false},
		{ssh, "give one of ssh_password, ssh_private_key_file or ssh_agent_auth", false},
		{ssh + "ssh_agent_auth = true\nssh_password = \"p\"", "give only one of ssh_password", false},
		{"communicator = \"winrm\"\nwinrm_username = \"u\"\nwinrm_password = \"p\"", `needs option "winrm_host"`, false},
		{"communicator = \"winrm\"\nwinrm_username = \"u\"\nwinrm_host = \"h\"", `needs option "winrm_password"`, false},
		{`communicator = "telnet"`, `"telnet" is not known`, false},
		{"communicator = \"none\"\nhost = \"h\"", `:3:1: unknown option "host"`, false},
		{`communicator = build.ConnType`, "", true},
	}
	for _, tt := range tests {
		b, err := load(t, tt.options)
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s\n%v, want %q", tt.options, err, tt.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s\n%v", tt.options, err)
			continue
		}
		if _, err := template.NewSet(Kind(func(string) string { return "" })).Open(b, nil); tt.runs != (err == nil) || err != nil && !errors.Is(err, template.ErrOnlyValid) {
			t.Errorf("%s\n%v", tt.options, err)
		}
	}
}

func TestNothingIsMade(t *testing.T) {
	t.Parallel()
	src, err := load(t, `communicator = "none"`)
	if err != nil {
		t.Fatal(err)
	}
	b, err := template.NewSet(Kind(func(string) string { return "" })).Open(src, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.Start(t.Context(), machine.Env{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), machine.Command{Line: "true"}); err == nil {
		t.Error("a command ran")
	}
	img, err := m.Capture(t.Context(), machine.Env{})
	if err != nil || img.ArtifactID() != "Null" || img.MadeBy != "fnoeding.null" || len(img.Files) != 0 {
		t.Errorf("%+v, %v", img, err)
	}
	if err := errors.Join(m.Close(t.Context()), m.Close(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestData(t *testing.T) {
	t.Parallel()
	v, err := data{Input: "text"}.Read(t.Context())
	if err != nil || !v.RawEquals(cty.ObjectVal(map[string]cty.Value{"output": cty.StringVal("text")})) {
		t.Errorf("%#v, %v", v, err)
	}
}
