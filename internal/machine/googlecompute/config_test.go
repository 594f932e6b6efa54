package googlecompute

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestEveryOption(t *testing.T) {
	t.Parallel()
	except := []string{"account_file"} // an old name, which is warned of
	for _, o := range template.Valid[any]("x", "", func(connect.Config) error { return nil }).Options() {
		except = append(except, o.Name) // the package of the communicators tests them
	}
	templatetest.Full(t, template.NewSet(Kind()), "testdata/every.json", except)
	templatetest.Full(t, template.NewSet(Export(), Import()), "testdata/post.json", []string{
		"account_file", "credentials_file", "credentials_json", "impersonate_service_account", "vault_gcp_oauth_engine",
	})
}

func TestRules(t *testing.T) {
	t.Parallel()
	const disk = "disk_attachment {\n  volume_size = 10\n"
	templatetest.Rules(t, template.NewSet(Kind()), `
source "googlecompute" "x" {
  project_id   = "p"
  zone         = "z"
  source_image = "debian-12"
  ssh_username = "u"
}`, []templatetest.Rule{
		{"project", `-project_id`, `needs option "project_id"`},
		{"zone", `zone = ""`, `option "zone" is empty, but required`},
		{"source", `-source_image`, `needs option "source_image" or "source_image_family"`},
		{"user", `-ssh_username`, `needs option "ssh_username"`},
		{"two credentials", "access_token = \"a\"\nimpersonate_service_account = \"b\"", `impersonate_service_account: excludes access_token`},
		{"no file", `credentials_file = "missing"`, `credentials_file: open missing`},
		{"no credentials", `credentials_json = "{}"`, `credentials_json: these are no credentials of Google`},
		{"no JSON", `credentials_json = "secret"`, `credentials_json: these are no credentials in JSON`},
		{"old name", `account_file = "testdata/credentials.json"`, `warning: account_file: is now called credentials_file`},
		{"image", `image_name = "Web"`, `image_name: "Web" is no such name`},
		{"family", `image_family = "web-"`, `image_family: "web-" is no such name`},
		{"architecture", `image_architecture = "arm"`, `image_architecture: "arm" is not known: use x86_64 or arm64`},
		{"locations", `image_storage_locations = ["a", "b"]`, `image_storage_locations: an image is stored in one region`},
		{"label", `image_labels = { Team = "a" }`, `image_labels: "Team" is no name of a label`},
		{"label value", `image_labels = { team = "A b" }`, `2:25: image_labels.team: "A b" is no value of a label`},
		{"integrity", `enable_integrity_monitoring = true`, `enable_integrity_monitoring: needs enable_vtpm = true`},
		{"accelerators", "accelerator_count = 1\non_host_maintenance = \"TERMINATE\"", `accelerator_count: needs accelerator_type`},
		{"accelerators and maintenance", "accelerator_count = 1\naccelerator_type = \"t\"", `accelerator_count: needs on_host_maintenance = TERMINATE`},
		{"service account", "disable_default_service_account = true\nservice_account_email = \"e\"", `service_account_email: excludes disable_default_service_account`},
		{"script", `startup_script_file = "missing"`, `startup_script_file: stat missing`},
		{"external address", "omit_external_ip = true\nuse_internal_ip = true\naddress = \"a\"", `address: excludes omit_external_ip`},
		{"internal address", `omit_external_ip = true`, `omit_external_ip: needs use_internal_ip = true`},
		{"address", `network_ip = "::1"`, `network_ip: "::1" is no IPv4 address`},
		{"maintenance", `on_host_maintenance = "stop"`, `on_host_maintenance: "stop" is not known: use MIGRATE or TERMINATE`},
		{"preemptible", "preemptible = true\non_host_maintenance = \"MIGRATE\"", `on_host_maintenance: a preemptible machine needs TERMINATE`},
		{"run", `max_run_duration_in_seconds = -1`, `max_run_duration_in_seconds: -1 is too small`},
		{"run without action", `max_run_duration_in_seconds = 60`, `warning: max_run_duration_in_seconds: instance_termination_action is not given`},
		{"action", `instance_termination_action = "burn"`, `instance_termination_action: "BURN" is not known: use STOP or DELETE`},
		{"proxy", "use_iap = true\ncommunicator = \"none\"", `use_iap: is for ssh and winrm`},
		{"disk", disk + "}", `block "disk_attachment" needs option "volume_type"`},
		{"disk type", disk + "  volume_type = \"ssd\"\n}", `4:17: disk_attachment[0].volume_type: "ssd" is not known`},
		{"disk size", "disk_attachment {\n  volume_type = \"pd-ssd\"\n}", `block "disk_attachment" needs option "volume_size"`},
		{"interface", disk + "  volume_type = \"pd-ssd\"\n  interface_type = \"IDE\"\n}", `interface_type: "IDE" is not known: use SCSI or NVME`},
		{"mode", disk + "  volume_type = \"pd-ssd\"\n  attachment_mode = \"READ\"\n}", `attachment_mode: "READ" is not known`},
		{"iops", disk + "  volume_type = \"pd-ssd\"\n  iops = 10000\n}", `iops: is for pd-extreme disks alone`},
		{"few iops", disk + "  volume_type = \"pd-extreme\"\n  iops = 10\n}", `iops: 10 is out of range`},
		{"disk name", disk + "  volume_type = \"pd-ssd\"\n  disk_name = \"A\"\n}", `disk_name: "A" is no name of a disk`},
		{"scratch", disk + "  volume_type = \"scratch\"\n  keep_device = true\n}", `keep_device: is not for scratch disks`},
		{"existing", disk + "  source_volume = \"d\"\n}", `volume_size: excludes source_volume`},
		{"two images", disk + "  volume_type = \"pd-ssd\"\n  create_image = true\n}\n" + disk + "  volume_type = \"pd-ssd\"\n  create_image = true\n}", `10:18: disk_attachment[1].create_image: the image is made of one disk`},
	})
	templatetest.Rules(t, template.NewSet(Export()), "post-processor \"googlecompute-export\" {\n  paths = [\"gs://a\"]\n}", []templatetest.Rule{{"paths", `-paths`, `needs option "paths"`}})
	templatetest.Rules(t, template.NewSet(Import()), `
post-processor "googlecompute-import" {
  project_id = "p"
  bucket     = "b"
  image_name = "i"
}`, []templatetest.Rule{
		{"bucket", `-bucket`, `needs option "bucket"`},
		{"architecture", `image_architecture = "i386"`, `image_architecture: "i386" is not known`},
	})
	data := template.NewSet(ImageData(), SecretData(), ParameterData())
	templatetest.Rules(t, data, `
data "googlecompute-image" "x" {
  project_id  = "p"
  filters     = "family = debian-12"
  most_recent = true
}`, []templatetest.Rule{{"filters", `-filters`, `needs option "filters"`}})
	templatetest.Rules(t, data, `
data "googlecompute-secretsmanager" "x" {
  project_id = "p"
  name       = "n"
  key        = "k"
  version    = "1"
}`, []templatetest.Rule{{"name", `-name`, `needs option "name"`}})
	templatetest.Rules(t, data, `
data "googlecompute-parametermanager" "x" {
  project_id = "p"
  name       = "n"
  location   = "global"
  version    = "1"
  key        = "k"
}`, []templatetest.Rule{{"version", `-version`, `needs option "version"`}})
}
