package openstack

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestEveryOption(t *testing.T) {
	t.Parallel()
	templatetest.Full(t, template.NewSet(Kind()), "testdata/every.json", connectOptions())
}

// connectOptions are those that the package of the communicators tests.
func connectOptions() (names []string) {
	for _, o := range template.Valid[any]("x", "", func(connect.Config) error { return nil }).Options() {
		names = append(names, o.Name)
	}
	return names
}

func TestRules(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	templatetest.Rules(t, template.NewSet(Kind()), `
source "openstack" "x" {
  image_name   = "web"
  flavor       = "m1.small"
  source_image = "i-1"
  ssh_username = "debian"
}`, []templatetest.Rule{
		{"name", `-image_name`, `needs option "image_name"`},
		{"flavor", `flavor = ""`, `option "flavor" is empty, but required`},
		{"user", `-ssh_username`, `needs option "ssh_username"`},
		{"endpoint", `endpoint_type = "private"`, `endpoint_type: "private" is not known: use public, publicURL`},
		{"certificates", `cacert = "missing"`, `cacert: open missing: no such file`},
		{"key", "cert = \"testdata/ca.pem\"\nkey = \"missing\"", `key: open missing`},
		{"visibility", `image_visibility = "secret"`, `image_visibility: "secret" is not known: use public, private, shared or community`},
		{"disk", `image_min_disk = -1`, `image_min_disk: -1 is too small`},
		{"no source", `-source_image`, `needs option "source_image" or "source_image_name" or "external_source_image_url" or "source_image_filter"`},
		{"source known later", `source_image = build.ID`, ""},
		{"two sources", `source_image_name = "debian"`, `source_image_name: excludes source_image`},
		{"filter and source", "source_image_filter {\n  filters {\n    name = \"a\"\n  }\n}", `source_image_filter: excludes source_image`},
		{"visibility of a filter", "-source_image\nsource_image_filter {\n  filters {\n    visibility = \"Public\"\n  }\n}", `4:18: source_image_filter.filters.visibility: "Public" is not known`},
		{"metadata", `instance_metadata = { a = "` + long + `" }`, `instance_metadata: the value of "a" has more than 255 bytes`},
		{"metadata key", `instance_metadata = { ` + long + ` = "a" }`, `instance_metadata: key "xxxxxxxxxxxxxxxxxxxx"… has more than 255 bytes`},
		{"key pair", `ssh_keypair_name = "k"`, `ssh_keypair_name: needs its key`},
		{"key pair of Windows", "ssh_keypair_name = \"k\"\ncommunicator = \"winrm\"\nwinrm_username = \"u\"", `ssh_keypair_name: needs ssh_private_key_file: it decrypts`},
		{"ip version", `ssh_ip_version = "5"`, `ssh_ip_version: "5" is not known: use 4 or 6`},
		{"disk format", `image_disk_format = "raw"`, `image_disk_format: needs use_blockstorage_volume = true`},
	})
}
