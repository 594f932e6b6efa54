package arch

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/proofmark-build/proofmark"

// rule says what one part of the program may import of the others. A part is a
// directory below internal (or cmd/…) with everything below it, unless that has a
// rule of its own. A part may always import itself.
type rule struct {
	part string
	may  []string
	why  string
}

// Every package has a rule here. Whoever adds a part adds its rule.
var rules = []rule{
	{"image", nil, "everything may speak of images, so image speaks of nothing"},
	{"template", nil, "text becomes values without knowing what they are for"},
	{"ledger", nil, "a record outlives what wrote it"},
	{"cache", nil, "the cache knows layers by reference alone"},
	{"disk", []string{"image"}, "formats know images alone"},
	{"machine", []string{"cache", "image", "ledger", "template"}, "the seam knows no platform"},
	{"machine/ssh", []string{"machine", "machine/ssh/inside", "cache", "image", "ledger", "template"}, "communicators know the seam, not the platforms that use them"},
	{"machine/ssh/inside", nil, "it runs inside machines and stays small"},
	{"machine/winrm", []string{"machine", "cache", "image", "ledger", "template"}, "communicators know the seam, not the platforms that use them"},
	{"machine/connect", []string{"machine", "machine/ssh", "machine/winrm", "cache", "image", "ledger", "template"}, "it chooses the communicator that the template names"},
	{"machine/install", []string{"machine", "machine/connect", "machine/ssh", "machine/winrm", "cache", "image", "ledger", "template"},
		"what hypervisors share knows the seam, not the platforms that use it"},
	{"machine/*", []string{"machine", "machine/connect", "machine/install", "machine/ssh", "machine/winrm", "cache", "disk", "image", "ledger", "postprocess", "template"},
		"a builder knows the seam, but no other platform, no catalog and no build; a parent image comes to it as a function"},
	{"provision", []string{"cache", "machine", "template"}, "provisioners know machines by the seam"},
	{"verify", []string{"cache", "machine", "template", "verify/probe"}, "checks know machines by the seam, and nothing of provisioning"},
	{"verify/probe", nil, "the probe runs inside machines and stays small"},
	{"postprocess", []string{"cache", "disk", "image", "ledger", "machine", "provision", "template"},
		"post-processors see images; of machines they know the log, of provisioning the scripts on this host"},
	{"catalog", []string{"image"}, "the catalog records images, however they were made"},
	{"build", []string{"cache", "catalog", "disk", "image", "ledger", "machine", "postprocess", "provision", "template", "verify", "verify/probe"},
		"the flow knows every seam and no platform"},
	{"deploy", []string{"catalog", "image", "ledger"}, "rollouts take images from the catalog"},
	{"ci", []string{"build", "catalog"}, "pipelines know builds by their events"},
	{"agent", []string{"build", "ci", "ledger"}, "an agent runs builds for pipelines"},
	{"server", []string{"catalog", "ci", "deploy"}, "the server builds nothing itself; nobody imports it"},
	{"term", []string{"build", "catalog", "image", "verify"}, "only main prints by it; nobody else imports it"},
	{"arch", nil, "this test"},
	{"exectest", nil, "tests write programs by it"},
	{"cmd/proofmark", []string{"everything"}, "the only wiring"},
	{"cmd/proofmark-probe", []string{"machine/ssh/inside", "verify/probe"}, "it is copied into every machine"},
	{"scripts", nil, "tools of the Makefile stand alone"},
	{"bench", nil, "what is measured is the program, from outside"},
}

// outside says which modules only some parts may import. A module of which a
// longer prefix is listed too is held to that one.
var outside = []struct {
	prefix string
	parts  []string
	why    string
}{
	{"C", nil, "the program is static"},
	{"github.com/hashicorp/packer", nil, "its licence is not ours"},
	{"github.com/goss-org/goss", nil, "its behaviour is a fact, its code is not ours"},
	{"github.com/aelsabbahy/goss", nil, "its behaviour is a fact, its code is not ours"},
	{"github.com/aws/", []string{"machine/ec2", "deploy"}, "cloud SDKs stay with their platform"},
	{"github.com/gophercloud/", []string{"machine/openstack", "deploy"}, "cloud SDKs stay with their platform"},
	{"github.com/vmware/", []string{"machine/vsphere", "deploy"}, "cloud SDKs stay with their platform"},
	{"github.com/spf13/cobra", []string{"cmd/proofmark"}, "packages know no command line"},
	{"mvdan.cc/sh/", []string{"machine/fake"}, "no shell interpreter in the product"},
}

func TestImports(t *testing.T) {
	t.Parallel()
	broken, files, err := check("../..")
	if err != nil {
		t.Fatal(err)
	}
	if files < 20 {
		t.Errorf("only %d Go files were read", files)
	}
	for _, b := range broken {
		t.Error(b)
	}
}

// check reads the Go files below root itself: a test that asked the go command
// would be cached, and miss edits.
func check(root string) (broken []string, files int, err error) {
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			base := d.Name()
			if rel != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || rel == "build" || rel == "dist") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		files++
		found, err := checkFile(name, rel)
		broken = append(broken, found...)
		return err
	})
	return broken, files, err
}

// checkFile returns what is wrong with the imports of one file.
func checkFile(name, rel string) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, nil, parser.ImportsOnly)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // an editor's temporary file
	}
	if err != nil {
		return nil, err
	}
	from, ok := ruleOf(path.Dir(rel))
	if !ok {
		return []string{fmt.Sprintf("%s: no rule for %s; add one to the table in internal/arch", rel, path.Dir(rel))}, nil
	}
	var broken []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if why := refuse(from, path.Dir(rel), imported, strings.HasSuffix(rel, "_test.go")); why != "" {
			broken = append(broken, fmt.Sprintf("%s:%d: imports %s, but %s", rel, set.Position(spec.Pos()).Line, imported, why))
		}
	}
	return broken, nil
}

// refuse tells why a package of a part may not import another; "" when it may.
func refuse(from rule, dir, imported string, test bool) string {
	own, ok := strings.CutPrefix(imported, module+"/")
	if !ok {
		return refuseOutside(from, dir, imported)
	}
	to, ok := ruleOf(own)
	if !ok {
		return fmt.Sprintf("there is no rule for %s; add one to the table in internal/arch", own)
	}
	if forTests(own) {
		if test || forTests(dir) {
			return ""
		}
		return "only tests may import fakes and suites"
	}
	if test && own == "internal/ledger" && slices.Contains(from.may, "machine") {
		return "" // a fake machine needs a scope
	}
	if part(dir, from) == part(own, to) || slices.Contains(from.may, part(own, to)) {
		return ""
	}
	if strings.HasPrefix(own, "cmd/") {
		return "nobody imports cmd"
	}
	if slices.Equal(from.may, []string{"everything"}) {
		return ""
	}
	may := "nothing of ours"
	if len(from.may) > 0 {
		may = strings.Join(from.may, ", ")
	}
	return fmt.Sprintf("%s may import %s: %s", part(dir, from), may, from.why)
}

func refuseOutside(from rule, dir, imported string) string {
	for _, o := range outside {
		if strings.HasPrefix(imported+"/", strings.TrimSuffix(o.prefix, "/")+"/") || strings.HasSuffix(o.prefix, "/") && strings.HasPrefix(imported, o.prefix) {
			if slices.Contains(o.parts, part(dir, from)) {
				return ""
			}
			who := "nobody may"
			if len(o.parts) > 0 {
				who = "only " + strings.Join(o.parts, ", ") + " may"
			}
			return fmt.Sprintf("%s: %s", who, o.why)
		}
	}
	return ""
}

// forTests tells whether a package is a fake or a suite.
func forTests(dir string) bool {
	base := path.Base(dir)
	return base == "fake" || strings.HasSuffix(base, "test")
}

// ruleOf returns the rule for a directory of the module.
func ruleOf(dir string) (rule, bool) {
	name := strings.TrimPrefix(dir, "internal/")
	for p := name; p != "."; p = path.Dir(p) {
		for _, r := range rules {
			if r.part == p || strings.HasSuffix(r.part, "/*") && path.Dir(p) == path.Dir(r.part) {
				return r, true
			}
		}
	}
	return rule{}, false
}

// part names the part of a directory: for "machine/*" the platform.
func part(dir string, r rule) string {
	name := strings.TrimPrefix(dir, "internal/")
	top, star := strings.CutSuffix(r.part, "/*")
	if !star {
		return r.part
	}
	platform, _, _ := strings.Cut(strings.TrimPrefix(name, top+"/"), "/")
	return top + "/" + platform
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, imports string
		want          string // part of the message; "" for none
	}{
		{"internal/image/image.go", "fmt", ""},
		{"internal/image/image.go", "ledger", "image may import nothing of ours"},
		{"internal/disk/raw.go", "image", ""},
		{"internal/machine/machine.go", "ledger", ""},
		{"internal/machine/machine.go", "machine/rootfs", "the seam knows no platform"},
		{"internal/machine/rootfs/rootfs.go", "machine/rootfs/tree", ""},
		{"internal/machine/rootfs/tree/tree.go", "machine", ""},
		{"internal/machine/rootfs/rootfs.go", "machine/qemu", "a builder knows the seam"},
		{"internal/machine/qemu/qemu.go", "machine/ssh", ""},
		{"internal/machine/ssh/ssh.go", "machine/qemu", "communicators know the seam"},
		{"internal/machine/rootfs/rootfs.go", "catalog", "a parent image comes to it as a function"},
		{"internal/machine/rootfs/rootfs.go", "build", "machine/rootfs may import"},
		{"internal/machine/rootfs/rootfs_test.go", "machine/machinetest", ""},
		{"internal/machine/rootfs/rootfs.go", "machine/machinetest", "only tests"},
		{"internal/machine/rootfs/rootfs_test.go", "catalog", "may import"},
		{"internal/build/flow_test.go", "machine/fake", ""},
		{"internal/build/flow.go", "machine/fake", "only tests"},
		{"internal/build/flow.go", "machine/rootfs", "no platform"},
		{"internal/verify/spec/file.go", "verify", ""},
		{"internal/provision/shell_test.go", "ledger", ""},
		{"internal/provision/shell.go", "ledger", "provisioners know machines by the seam"},
		{"internal/catalog/catalog_test.go", "ledger", "catalog may import image"},
		{"scripts/testsum/main.go", "fmt", ""},
		{"bench/turns/main.go", "build", "bench may import nothing of ours"},
		{"internal/verify/session.go", "verify/probe", ""},
		{"internal/verify/session.go", "provision", "nothing of provisioning"},
		{"internal/verify/probe/probe.go", "verify", "stays small"},
		{"internal/template/hcl/read.go", "template", ""},
		{"internal/server/server.go", "machine/rootfs", "builds nothing itself"},
		{"internal/agent/agent.go", "term", "agent may import"},
		{"internal/ci/ci.go", "server", "ci may import"},
		{"cmd/proofmark/build.go", "machine/rootfs", ""},
		{"cmd/proofmark/build.go", "term", ""},
		{"cmd/proofmark-probe/main.go", "verify/probe", ""},
		{"cmd/proofmark-probe/main.go", "verify", "copied into every machine"},
		{"internal/build/flow.go", "cmd/proofmark", "nobody imports cmd"},
		{"internal/util/util.go", "fmt", "no rule for internal/util"},
		{"internal/build/flow.go", "util", "no rule for internal/util"},
		{"internal/build/flow.go", "github.com/aws/aws-sdk-go-v2/service/ec2", "only machine/ec2, deploy may"},
		{"internal/machine/ec2/ec2.go", "github.com/aws/aws-sdk-go-v2/service/ec2", ""},
		{"internal/template/fix.go", "github.com/hashicorp/packer/hcl2template", "licence"},
		{"internal/template/hcl/read.go", "github.com/hashicorp/hcl/v2", ""},
		{"internal/build/testdata/x.go", "term", ""},
		{"internal/build/.hidden/x.go", "term", ""},
		{"internal/provision/shell.go", "mvdan.cc/sh/v3/syntax", "no shell interpreter"},
		{"internal/image/c.go", "C", "static"},
	}
	for _, tt := range tests {
		t.Run(tt.file+" "+tt.imports, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			imported := tt.imports
			if r, _, _ := strings.Cut(imported, "/"); !strings.Contains(r, ".") && imported != "fmt" && imported != "C" {
				imported = module + "/internal/" + imported
				imported = strings.Replace(imported, "internal/cmd/", "cmd/", 1)
			}
			file := filepath.Join(root, filepath.FromSlash(tt.file))
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte("//go:build plan9\n\npackage x\n\nimport _ \""+imported+"\"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			broken, _, err := check(root)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tt.want == "" && len(broken) > 0:
				t.Errorf("broken = %q", broken)
			case tt.want != "" && (len(broken) != 1 || !strings.Contains(broken[0], tt.want) || !strings.HasPrefix(broken[0], tt.file)):
				t.Errorf("broken = %q, want one with %q", broken, tt.want)
			}
		})
	}
}
