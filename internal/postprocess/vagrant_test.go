package postprocess

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func none(string) string { return "" }

func TestVagrantOptions(t *testing.T) {
	t.Parallel()
	set := template.NewSet(Vagrant(), VagrantCloud(none), VagrantRegistry(none))
	// What is in an override is looked for by its provider's name.
	templatetest.Full(t, set, "testdata/vagrant.json", []string{
		"override.compression_level", "override.include", "override.output", "override.vagrantfile_template",
		"override.vagrantfile_template_generated", "override.architecture",
	})
}

func TestVagrantRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, template.NewSet(Vagrant()), "post-processor \"vagrant\" {\n}", []templatetest.Rule{
		{"provider", `provider_override = "qemu"`, `provider_override: "qemu" is not known: use aws, azure`},
		{"compression", `compression_level = 10`, `compression_level: 10 is not from 0 to 9`},
		{"template", `vagrantfile_template = "missing"`, `vagrantfile_template: stat missing: no such file`},
		{"template known later", `vagrantfile_template = build.ID`, ""},
		{"template made later", "vagrantfile_template = \"missing\"\nvagrantfile_template_generated = true", ""},
		{"output", `output = "{{.Provider"`, `option "output"`},
		{"any field", `output = "{{ .SourceAMI }}.box"`, ""},
		{"single provider", "override = {\n  vmware = {\n    compression_level = 10\n  }\n}", `override.vmware.compression_level: 10 is not from 0 to 9`},
		{"unknown of a provider", "override = {\n  vmware = {\n    compresion_level = 1\n  }\n}", `unknown option "compresion_level"`},
	})
}

func TestVagrantCloudRules(t *testing.T) {
	t.Parallel()
	token := func(name string) string { return map[string]string{"ATLAS_TOKEN": "t"}[name] }
	const block = "post-processor \"vagrant-cloud\" {\n  box_tag = \"a/b\"\n  version = \"1\"\n  access_token = \"t\"\n}"
	templatetest.Rules(t, template.NewSet(VagrantCloud(none)), block, []templatetest.Rule{
		{"no name", `-box_tag`, `needs option "box_tag"`},
		{"no version", `version = ""`, `option "version" is empty`},
		{"no token", `-access_token`, `needs option "access_token"`},
		{"token elsewhere", "-access_token\nvagrant_cloud_url = \"https://cloud.example.com\"", ""},
		{"checksum", `box_checksum = "00"`, `box_checksum: "00" is no digest: write TYPE:HEX`},
		{"URL", `box_download_url = "https://x/{{.BoxName}}"`, `box_download_url: render`},
	})
	templatetest.Rules(t, template.NewSet(VagrantCloud(token)), block, []templatetest.Rule{
		{"token of the environment", `-access_token`, ""},
	})
}

func TestVagrantRegistryRules(t *testing.T) {
	t.Parallel()
	elsewhere := func(name string) string {
		return map[string]string{"HCP_API_ADDRESS": "registry.example.com"}[name]
	}
	const block = "post-processor \"vagrant-registry\" {\n  box_tag = \"a/b\"\n  version = \"1\"\n  client_id = \"i\"\n  client_secret = \"s\"\n}"
	templatetest.Rules(t, template.NewSet(VagrantRegistry(none)), block, []templatetest.Rule{
		{"name", `box_tag = "b"`, `box_tag: "b" is no name of a box`},
		{"no id", `-client_id`, `needs option "client_id"`},
		{"no secret", `-client_secret`, `needs option "client_secret"`},
		{"certificate", `insecure_skip_tls_verify = true`, `insecure_skip_tls_verify: the public service is not reached so`},
		{"certificate elsewhere", "insecure_skip_tls_verify = true\nhcp_api_address = \"registry.example.com\"", ""},
	})
	templatetest.Rules(t, template.NewSet(VagrantRegistry(elsewhere)), block, []templatetest.Rule{
		{"elsewhere", `-client_id`, ""},
	})
}
