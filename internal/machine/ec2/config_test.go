package ec2

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func builders() template.Set[machine.Builder] {
	return template.NewSet(EBS(), Instance(), Chroot(), Surrogate(), Volumes())
}

var cert = template.Input{Name: "cert", Value: "testdata/cert.pem"}

func TestEveryOption(t *testing.T) {
	t.Parallel()
	// Key files and old names have tests of their own.
	templatetest.Full(t, builders(), "testdata/every.json", []string{
		"ssh_private_key_file", "ssh_certificate_file", "ssh_bastion_private_key_file", "ssh_bastion_certificate_file",
		"ssh_wait_timeout", "spot_price_auto_product", "enable_t2_unlimited",
	}, cert)
}

func TestImportOptions(t *testing.T) {
	t.Parallel()
	templatetest.Full(t, template.NewSet(Import()), "testdata/import.json", []string{
		"token", "profile", "shared_credentials_file", "mfa_code", "custom_endpoint_ec2", "insecure_skip_tls_verify",
		"decode_authorization_messages", "max_retries", "skip_metadata_api_check", "skip_credential_validation",
		"assume_role", "vault_aws_engine", "aws_polling",
	})
}

func TestEBSRules(t *testing.T) {
	t.Parallel()
	const unknown = "region = build.ID\n" // what depends on it is not known yet
	templatetest.Rules(t, builders(), `
source "amazon-ebs" "x" {
  ami_name      = "web"
  region        = "eu-central-1"
  source_ami    = "ami-1"
  instance_type = "t3.small"
  ssh_username  = "admin"
}`, []templatetest.Rule{
		{"no name", `-ami_name`, `block "amazon-ebs" needs option "ami_name"`},
		{"empty name", `ami_name = ""`, `2:12: option "ami_name" is empty, but required`},
		{"short name", `ami_name = "a"`, `2:12: ami_name: the name "a" has 1 characters: names of AMIs have 3 to 128`},
		{"unclean name", `ami_name = "a:b:c"`, `{{clean_resource_name}} makes it "a-b-c"`},
		{"cleaned name", "ami_name = \"{{ clean_resource_name `a:b (c)` }}\"", ""},
		{"name known later", `ami_name = build.ID`, ""},
		{"no source", `-source_ami`, `needs option "source_ami" or "source_ami_filter"`},
		{"source known later", `source_ami = build.ID`, ""},
		{"filter without owners", "-source_ami\nsource_ami_filter {\n  filters = { name = \"x\" }\n}", `source_ami_filter: needs owners`},
		{"no type", `-instance_type`, `needs option "instance_type" or "spot_instance_types"`},
		{"two types", `spot_instance_types = ["t3.large"]`, `spot_instance_types: excludes instance_type`},
		{"no user", `-ssh_username`, `needs option "ssh_username"`},
		{"half a key", `access_key = "a"`, `access_key: needs secret_key as well`},
		{"other half", `secret_key = "a"`, `secret_key: needs access_key as well`},
		{"half known later", "access_key = \"a\"\nsecret_key = build.ID", ""},
		{"vault and key", "access_key = \"a\"\nsecret_key = \"b\"\nvault_aws_engine {\n  name = \"x\"\n}", `vault_aws_engine: excludes access_key`},
		{"imds", `imds_support = "v1.0"`, `imds_support: "v1.0" is not known: the only value is v2.0`},
		{"deprecation", `deprecate_at = "tomorrow"`, `deprecate_at: "tomorrow" is no time`},
		{"key without copies", "encrypt_boot = true\nregion_kms_key_ids = { eu-west-1 = \"alias/x\" }", `region_kms_key_ids: region eu-west-1 is not in ami_regions`},
		{"copies without key", "encrypt_boot = true\nami_regions = [\"eu-west-1\", \"us-east-1\"]\nregion_kms_key_ids = { eu-west-1 = \"alias/x\" }", `ami_regions: region us-east-1 is not in region_kms_key_ids`},
		{"copies known later", "encrypt_boot = true\nami_regions = [build.ID]\nregion_kms_key_ids = { eu-west-1 = \"alias/x\" }", ""},
		{"key without encryption", `kms_key_id = "alias/x"`, `kms_key_id: needs encrypt_boot = true`},
		{"not a key", "encrypt_boot = true\nkms_key_id = \"my key\"", `kms_key_id: "my key" is no KMS key`},
		{"shared default key", "encrypt_boot = true\nami_users = [\"1\"]", `ami_users: what is encrypted with the account's default key cannot be shared`},
		{"shared snapshots", "encrypt_boot = true\nsnapshot_users = [\"1\"]", `snapshot_users: what is encrypted`},
		{"shared default key of a region", "encrypt_boot = true\nami_org_arns = [\"a\"]\nami_regions = [\"eu-west-1\"]\nregion_kms_key_ids = { eu-west-1 = \"\" }", `ami_org_arns: what is encrypted with a region's default key`},
		{"interface", `ssh_interface = "public"`, `ssh_interface: "public" is not known: use public_ip, private_ip`},
		{"session manager without profile", `ssh_interface = "session_manager"`, `ssh_interface: session_manager needs iam_instance_profile`},
		{"session manager by winrm", "ssh_interface = \"session_manager\"\niam_instance_profile = \"p\"\ncommunicator = \"winrm\"\nwinrm_username = \"u\"", `session_manager is for ssh`},
		{"key type", `temporary_key_pair_type = "ecdsa"`, `temporary_key_pair_type: EC2 takes no ecdsa keys`},
		{"key pair", `ssh_keypair_name = "k"`, `ssh_keypair_name: needs its key`},
		{"key pair and agent", "ssh_keypair_name = \"k\"\nssh_agent_auth = true", ""},
		{"key pair of Windows", "ssh_keypair_name = \"k\"\ncommunicator = \"winrm\"\nwinrm_username = \"u\"", `ssh_keypair_name: needs ssh_private_key_file: it decrypts`},
		{"credits", "enable_unlimited_credits = true\ninstance_type = \"m5.large\"", `enable_unlimited_credits: is for burstable machines (t2, t3, t3a, t4g), not for "m5.large"`},
		{"old credits", `enable_t2_unlimited = true`, `warning: enable_t2_unlimited: is now called enable_unlimited_credits`},
		{"credits of a spot machine", "enable_unlimited_credits = true\ninstance_type = \"t2.micro\"\nspot_price = \"1\"", `enable_unlimited_credits: is not for spot machines of type t2`},
		{"product", `spot_price_auto_product = "Linux/UNIX"`, `warning: spot_price_auto_product: has no effect`},
		{"enclave", `enable_nitro_enclave = true`, `enable_nitro_enclave: is not for burstable machines such as "t3.small"`},
		{"enclave of a spot machine", "enable_nitro_enclave = true\ninstance_type = \"m5.large\"\nspot_price = \"auto\"", `enable_nitro_enclave: is not for spot machines`},
		{"user data twice", "user_data = \"a\"\nuser_data_file = \"testdata/cert.pem\"", `user_data_file: excludes user_data`},
		{"no user data", `user_data_file = "missing"`, `user_data_file: stat missing: no such file or directory`},
		{"groups twice", "security_group_id = \"a\"\nsecurity_group_ids = [\"b\"]", `security_group_ids: excludes security_group_id`},
		{"network", `temporary_security_group_source_cidrs = ["10.0.0.1"]`, `"10.0.0.1" is no network such as 10.0.0.0/8`},
		{"spot tags", `spot_tags = { a = "b" }`, `spot_tags: is for spot machines: give spot_price`},
		{"fleet tags", "fleet_tag {\n  key = \"a\"\n  value = \"b\"\n}", `fleet_tag: is for spot machines`},
		{"spot block", `block_duration_minutes = 90`, `block_duration_minutes: 90 is no multiple of 60`},
		{"spot strategy", `spot_allocation_strategy = "best"`, `spot_allocation_strategy: "best" is not known`},
		{"spot and drivers", "spot_price = \"auto\"\nena_support = true", `ena_support: is not for spot machines`},
		{"spot and old drivers", "spot_price = \"auto\"\nsriov_support = true", `sriov_support: is not for spot machines`},
		{"reservation", `capacity_reservation_preference = "any"`, `capacity_reservation_preference: "any" is not known: use none or open`},
		{"reservations", "capacity_reservation_id = \"a\"\ncapacity_reservation_group_arn = \"b\"", `capacity_reservation_group_arn: excludes capacity_reservation_id`},
		{"reservation and preference", "capacity_reservation_id = \"a\"\ncapacity_reservation_preference = \"open\"", `capacity_reservation_preference: excludes`},
		{"tenancy", `tenancy = "shared"`, `tenancy: "shared" is not known: use default, dedicated or host`},
		{"tenancy twice", "tenancy = \"host\"\nplacement {\n  tenancy = \"host\"\n}", `tenancy: excludes placement.tenancy`},
		{"hosts", "placement {\n  host_id = \"a\"\n  host_resource_group_arn = \"b\"\n}", `placement.host_resource_group_arn: excludes host_id`},
		{"host and tenancy", "placement {\n  host_id = \"a\"\n  tenancy = \"dedicated\"\n}", `placement.tenancy: is "dedicated", but a dedicated host needs host`},
		{"metadata", "metadata_options {\n  http_tokens = \"yes\"\n}", `3:17: metadata_options.http_tokens: "yes" is not known: use optional or required`},
		{"hops", "metadata_options {\n  http_put_response_hop_limit = 65\n}", `metadata_options.http_put_response_hop_limit: 65 is out of range: it is 1 to 64`},
		{"shutdown", `shutdown_behavior = "halt"`, `shutdown_behavior: "halt" is not known: use stop or terminate`},
		{"device without name", "launch_block_device_mappings {\n  volume_size = 1\n}", `2:1: block "launch_block_device_mappings" needs option "device_name"`},
		{"second device", "launch_block_device_mappings {\n  device_name = \"a\"\n}\nlaunch_block_device_mappings {\n  device_name = \"b\"\n  throughput = 200\n}", `7:16: launch_block_device_mappings[1].throughput: is for gp3 volumes alone`},
		{"throughput", "ami_block_device_mappings {\n  device_name = \"a\"\n  volume_type = \"gp3\"\n  throughput = 2000\n}", `throughput: 2000 is out of range: it is 125 to 1000`},
		{"gp3", "ami_block_device_mappings {\n  device_name = \"a\"\n  volume_type = \"gp3\"\n  iops = 2000\n}", `iops: 2000 is out of range: it is 3000 to 16000`},
		{"iops", "ami_block_device_mappings {\n  device_name = \"a\"\n  volume_type = \"io1\"\n  volume_size = 10\n  iops = 600\n}", `iops: an io1 volume of 10 GiB has 500 at most: 50 for each GiB`},
		{"few iops", "ami_block_device_mappings {\n  device_name = \"a\"\n  volume_type = \"io2\"\n  volume_size = 10\n  iops = 10\n}", `iops: 10 is out of range: it is 100 to 64000`},
		{"key of a plain device", "ami_block_device_mappings {\n  device_name = \"a\"\n  encrypted = false\n  kms_key_id = \"k\"\n}", `kms_key_id: needs encrypted = true`},
		{"tag", `tags = { a = "{{ .SourceAMIID }}" }`, `warning: option "tags.a" knows no {{.SourceAMIID}} (did you mean "SourceAMI"?)`},
		{"launches", "fast_launch {\n  max_parallel_launches = 5\n}", `fast_launch.max_parallel_launches: 5 is too few`},
		{"snapshots", "fast_launch {\n  target_resource_count = -1\n}", `fast_launch.target_resource_count: -1 is too few`},
		{"launch templates", "fast_launch {\n  template_id = \"a\"\n  template_name = \"b\"\n}", `fast_launch.template_name: excludes template_id`},
		{"launch version", "fast_launch {\n  template_version = 1\n}", `fast_launch.template_version: needs template_id or template_name`},
		{"negative version", "fast_launch {\n  template_id = \"a\"\n  template_version = -1\n}", `-1 is no version`},
		{"launch region", "fast_launch {\n  region_launch_templates {\n    region = \"us-east-1\"\n  }\n}", `4:14: fast_launch.region_launch_templates[0].region: the AMI is not copied to us-east-1`},
		{"launch region known later", unknown + "fast_launch {\n  region_launch_templates {\n    region = \"us-east-1\"\n  }\n}", ""},
		{"launch region twice", "ami_regions = [\"us-east-1\"]\nfast_launch {\n  region_launch_templates {\n    region = \"us-east-1\"\n  }\n  region_launch_templates {\n    region = \"us-east-1\"\n  }\n}", `region us-east-1 has a launch template already`},
		{"launch region missing", "fast_launch {\n  region_launch_templates {\n    template_id = \"a\"\n  }\n}", `block "region_launch_templates[0]" needs option "region"`},
	})
}

func TestInstanceRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, builders(), `
source "amazon-instance" "x" {
  ami_name       = "web"
  account_id     = "1"
  s3_bucket      = "b"
  x509_cert_path = "testdata/cert.pem"
  x509_key_path  = "testdata/cert.pem"
  source_ami     = "ami-1"
  instance_type  = "m3.medium"
  ssh_username   = "admin"
}`, []templatetest.Rule{
		{"account", `-account_id`, `needs option "account_id"`},
		{"bucket", `s3_bucket = ""`, `option "s3_bucket" is empty, but required`},
		{"certificate", `x509_cert_path = "missing"`, `x509_cert_path: stat missing`},
		{"key", `x509_key_path = "missing"`, `x509_key_path: stat missing`},
		{"tpm", `tpm_support = "v1.2"`, `tpm_support: "v1.2" is not known`},
		{"upload", `bundle_upload_command = "upload {{.Bucket}}"`, `warning: option "bundle_upload_command" knows no {{.Bucket}}`},
		{"bundle", `bundle_vol_command = "bundle {{.AccountId}} {{.BucketName}}"`, `knows no {{.BucketName}}`},
		{"syntax", `bundle_vol_command = "bundle {{.AccountId"`, `option "bundle_vol_command": unclosed action`},
		{"spot", "spot_price = \"auto\"\nena_support = true", `ena_support: is not for spot machines`},
	})
}

func TestChrootRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, builders(), `
source "amazon-chroot" "x" {
  ami_name   = "web"
  source_ami = "ami-1"
}`, []templatetest.Rule{
		{"source", `-source_ami`, `needs option "source_ami" or "source_ami_filter"`},
		{"filter without owners", "-source_ami\nsource_ami_filter {\n  filters = { name = \"x\" }\n}", ""},
		{"mounts", `chroot_mounts = [["proc", "/proc"]]`, `chroot_mounts: ["proc" "/proc"] is not of the form type, source, directory`},
		{"devices", "ami_block_device_mappings {\n  device_name = \"a\"\n}", `ami_block_device_mappings: needs root_device_name`},
		{"size", "ami_block_device_mappings {\n  device_name = \"a\"\n}\nroot_device_name = \"a\"", `ami_block_device_mappings: needs root_volume_size`},
		{"root device", `root_device_name = "a"`, `root_device_name: needs ami_block_device_mappings`},
		{"key", "root_volume_encrypt_boot = false\nroot_volume_kms_key_id = \"alias/x\"", `root_volume_kms_key_id: needs root_volume_encrypt_boot = true`},
		{"no key", "root_volume_encrypt_boot = true\nroot_volume_kms_key_id = \"my key\"", `"my key" is no KMS key`},
		{"architecture", `ami_architecture = "amd64"`, `ami_architecture: "amd64" is not known`},
		{"boot", `boot_mode = "bios"`, `boot_mode: "bios" is not known: use legacy-bios, uefi or uefi-preferred`},
		{"uefi data", `uefi_data = "a"`, `uefi_data: needs boot_mode uefi: that of x86_64 is legacy-bios`},
		{"uefi data of bios", "uefi_data = \"a\"\nboot_mode = \"legacy-bios\"", `uefi_data: needs boot_mode uefi, not legacy-bios`},
		{"wrapper", `command_wrapper = "sudo {{.Cmd}}"`, `option "command_wrapper" knows no {{.Cmd}}`},
		{"source of nothing", "from_scratch = true\nami_virtualization_type = \"hvm\"\nroot_device_name = \"a\"\nroot_volume_size = 1\npre_mount_commands = [\"true\"]\nami_block_device_mappings {\n  device_name = \"a\"\n}", `warning: source_ami: has no effect with from_scratch`},
		{"scratch", "-source_ami\nfrom_scratch = true\nroot_device_name = \"a\"\nroot_volume_size = 1\npre_mount_commands = [\"true\"]\nami_block_device_mappings {\n  device_name = \"a\"\n}", `needs option "ami_virtualization_type"`},
	})
}

func TestSurrogateRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, builders(), `
source "amazon-ebssurrogate" "x" {
  ami_name                = "web"
  ami_virtualization_type = "hvm"
  source_ami              = "ami-1"
  instance_type           = "t3.small"
  ssh_username            = "admin"
  ami_root_device {
    source_device_name = "/dev/xvdf"
    device_name        = "/dev/xvda"
  }
  launch_block_device_mappings {
    device_name = "/dev/xvdf"
  }
}`, []templatetest.Rule{
		{"virtualization", `-ami_virtualization_type`, `needs option "ami_virtualization_type"`},
		{"root device", `-ami_root_device`, `needs option "ami_root_device"`},
		{"names", "ami_root_device {\n  source_device_name = \"/dev/xvdf\"\n}", `block "ami_root_device" needs option "device_name"`},
		{"source name", "ami_root_device {\n  device_name = \"/dev/xvda\"\n}", `block "ami_root_device" needs option "source_device_name"`},
		{"no device", `-launch_block_device_mappings`, `ami_root_device.source_device_name: no device /dev/xvdf is in launch_block_device_mappings`},
		{"omitted", "launch_block_device_mappings {\n  device_name = \"/dev/xvdf\"\n  omit_from_artifact = true\n}", `omit_from_artifact: is not for the root device`},
		{"iops", "ami_root_device {\n  source_device_name = \"/dev/xvdf\"\n  device_name = \"a\"\n  volume_type = \"gp2\"\n  iops = 100\n}", `ami_root_device.iops: is not for gp2 volumes`},
		{"size", "ami_root_device {\n  source_device_name = \"/dev/xvdf\"\n  device_name = \"a\"\n  volume_size = -1\n}", `ami_root_device.volume_size: -1 is too small`},
		{"device", "launch_block_device_mappings {\n  device_name = \"/dev/xvdf\"\n  volume_type = \"gp3\"\n  iops = 1\n}", `iops: 1 is out of range`},
	})
}

func TestVolumeRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, builders(), `
source "amazon-ebsvolume" "x" {
  source_ami    = "ami-1"
  instance_type = "t3.small"
  ssh_username  = "admin"
}`, []templatetest.Rule{
		{"device", "ebs_volumes {\n  volume_size = 1\n}", `block "ebs_volumes" needs option "device_name"`},
		{"description", "ebs_volumes {\n  device_name = \"a\"\n  snapshot_description = \"b\"\n}", `4:26: ebs_volumes[0].snapshot_description: needs snapshot_volume = true`},
		{"spot", "spot_price = \"auto\"\nena_support = true", `ena_support: is not for spot machines`},
	})
}

func TestImportRules(t *testing.T) {
	t.Parallel()
	templatetest.Rules(t, template.NewSet(Import()), `
post-processor "amazon-import" {
  s3_bucket_name = "b"
}`, []templatetest.Rule{
		{"bucket", `-s3_bucket_name`, `needs option "s3_bucket_name"`},
		{"format", `format = "qcow2"`, `format: "qcow2" is not known: use ova, raw, vhd, vhdx or vmdk`},
		{"platform", `platform = "bsd"`, `platform: "bsd" is not known: use linux or windows`},
		{"encryption", `s3_encryption = "aes"`, `s3_encryption: "aes" is not known`},
		{"boot", "boot_mode = \"uefi-preferred\"\nplatform = \"linux\"", `boot_mode: "uefi-preferred" is not known: use legacy-bios or uefi`},
		{"uefi", `boot_mode = "uefi"`, `needs option "platform"`},
		{"arm64", "architecture = \"arm64\"\nboot_mode = \"legacy-bios\"", `boot_mode: arm64 machines start by uefi`},
		{"imds", `imds_support = "v1"`, `imds_support: "v1" is not known`},
	})
}

func TestDataRules(t *testing.T) {
	t.Parallel()
	set := template.NewSet(ImageData(), SecretData(), ParameterData())
	templatetest.Rules(t, set, `
data "amazon-ami" "x" {
  region             = "eu-central-1"
  filters            = { name = "debian-*" }
  owners             = ["self"]
  most_recent        = true
  include_deprecated = true
  assume_role {
    role_arn = "arn:aws:iam::123456789012:role/build"
  }
}`, []templatetest.Rule{
		{"owners", `-owners`, `needs option "owners"`},
		{"key", `access_key = "a"`, `access_key: needs secret_key`},
	})
	templatetest.Rules(t, set, `
data "amazon-secretsmanager" "x" {
  name          = "web"
  key           = "password"
  version_stage = "AWSPREVIOUS"
  version_id    = "1"
}`, []templatetest.Rule{{"name", `-name`, `needs option "name"`}})
	templatetest.Rules(t, set, `
data "amazon-parameterstore" "x" {
  name            = "/web/password"
  with_decryption = true
}`, []templatetest.Rule{{"name", `-name`, `needs option "name"`}})
}
