package azure

import (
	"strings"
	"testing"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
	"github.com/proofmark-build/proofmark/internal/template/templatetest"
)

func TestEveryOption(t *testing.T) {
	t.Parallel()
	var shared []string // which the package of the communicators tests
	for _, o := range template.Valid[any]("x", "", func(connect.Config) error { return nil }).Options() {
		shared = append(shared, o.Name)
	}
	templatetest.Full(t, template.NewSet(Kind()), "testdata/every.json", shared)
}

func TestRules(t *testing.T) {
	t.Parallel()
	set := template.NewSet(Kind())
	templatetest.Rules(t, set, `
source "azure-arm" "x" {
  subscription_id = "s"
  client_id       = "c"
  client_secret   = "x"
  os_type         = "Linux"
  location        = "westeurope"
  image_publisher = "Debian"
  image_offer     = "debian-12"
  image_sku       = "12"
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}`, []templatetest.Rule{
		{"subscription", `-subscription_id`, `needs option "subscription_id"`},
		{"client", `client_id = ""`, `option "client_id" is empty, but required`},
		{"secret", "-client_secret\ntenant_id = \"t\"", `needs option "client_secret" or "client_cert_path" or "client_jwt" or "oidc_request_token" or "use_azure_cli_auth"`},
		{"secret known later", "client_secret = build.ID\ntenant_id = \"t\"", ""},
		{"two secrets", `client_jwt = "j"`, `client_jwt: excludes client_secret`},
		{"certificate", "-client_secret\nclient_cert_path = \"missing\"", `client_cert_path: stat missing`},
		{"half of OIDC", "-client_secret\noidc_request_token = \"t\"", `needs option "oidc_request_url"`},
		{"other half", "-client_secret\noidc_request_url = \"t\"", `needs option "oidc_request_token"`},
		{"managed identity", "-client_secret\n-client_id\n-subscription_id", ""},
		{"command line", "-client_secret\n-client_id\n-subscription_id\nuse_azure_cli_auth = true", ""},
		{"no system", `-os_type`, `needs option "os_type"`},
		{"system", `os_type = "bsd"`, `os_type: "bsd" is not known: use linux or windows`},
		{"offer", `-image_offer`, `needs option "image_offer"`},
		{"sources", "custom_managed_image_name = \"a\"", `image_publisher: excludes custom_managed_image_name`},
		{"disk", "image_url = \"https://a\"\n-image_publisher\n-image_offer\n-image_sku", `image_url: no managed image can be made of a VHD`},
		{"plan", "plan_info {\n  plan_name = \"a\"\n  plan_product = \"b\"\n}", `block "plan_info" needs option "plan_publisher"`},
		{"image name", `managed_image_name = "-web"`, `managed_image_name: "-web" is no such name`},
		{"image name too long", `managed_image_name = "` + strings.Repeat("a", 81) + `"`, `it has 80 letters, digits`},
		{"image name at its end", `managed_image_name = "web."`, `managed_image_name: "web." is no such name`},
		{"image group", `-managed_image_resource_group_name`, `needs option "managed_image_resource_group_name"`},
		{"group alone", `-managed_image_name`, `needs option "managed_image_name"`},
		{"nothing made", "-managed_image_name\n-managed_image_resource_group_name", `needs option "managed_image_name" or "capture_container_name" or "shared_image_gallery_destination"`},
		{"nothing wanted", "-managed_image_name\n-managed_image_resource_group_name\nskip_create_image = true", ""},
		{"capture", "-managed_image_name\n-managed_image_resource_group_name\ncapture_container_name = \"images\"\nstorage_account = \"a\"", `needs option "resource_group_name"`},
		{"container", `capture_container_name = "a--b"`, `capture_container_name: "a--b" is no such name`},
		{"storage", `resource_group_name = "a"`, `warning: resource_group_name: storage_account and resource_group_name`},
		{"storage type", `managed_image_storage_account_type = "Fast"`, `managed_image_storage_account_type: "Fast" is not known`},
		{"snapshot", `managed_image_os_disk_snapshot_name = "a-b"`, `managed_image_os_disk_snapshot_name: "a-b" is no such name`},
		{"snapshots", `managed_image_data_disk_snapshot_prefix = "a-b"`, `managed_image_data_disk_snapshot_prefix: "a-b" is no such name`},
		{"secure boot", `secure_boot_enabled = true`, `secure_boot_enabled: is not for managed images`},
		{"confidential", `security_type = "ConfidentialVM"`, `security_type: is not for VHDs and managed images`},
		{"security", `security_type = "Trusted"`, `security_type: "Trusted" is not known`},
		{"encryption", `security_encryption_type = "VMGuestStateOnly"`, `security_encryption_type: needs security_type = ConfidentialVM`},
		{"encryption set", `disk_encryption_set_id = "a"`, `disk_encryption_set_id: is not for VHDs`},
		{"no place", `-location`, `needs option "location" or "build_resource_group_name"`},
		{"two places", `build_resource_group_name = "a"`, `build_resource_group_name: excludes location`},
		{"two groups", "-location\nbuild_resource_group_name = \"a\"\ntemp_resource_group_name = \"b\"", `temp_resource_group_name: excludes build_resource_group_name`},
		{"group name", `temp_resource_group_name = "_a"`, `temp_resource_group_name: "_a" is no such name`},
		{"prefix", `custom_resource_build_prefix = "longer than ten"`, `custom_resource_build_prefix: "longer than ten" is no prefix`},
		{"subnet", `virtual_network_subnet_name = "a"`, `virtual_network_subnet_name: needs virtual_network_name`},
		{"network group", `virtual_network_resource_group_name = "a"`, `virtual_network_resource_group_name: needs virtual_network_name`},
		{"address kind", `public_ip_sku = "Best"`, `public_ip_sku: "best" is not known: use basic or standard`},
		{"address in a network", "public_ip_sku = \"Basic\"\nvirtual_network_name = \"n\"", `public_ip_sku: excludes virtual_network_name`},
		{"inbound", `allowed_inbound_ip_addresses = ["here"]`, `allowed_inbound_ip_addresses: "here" is neither an address nor a network`},
		{"data twice", "custom_data = \"a\"\ncustom_data_file = \"testdata/cert.pem\"", `custom_data_file: excludes custom_data`},
		{"no data", `user_data_file = "missing"`, `user_data_file: open missing`},
		{"eviction", "spot {\n  eviction_policy = \"Stop\"\n}", `3:21: spot.eviction_policy: "Stop" is not known: use Delete or Deallocate`},
		{"price", "spot {\n  max_price = 0.1\n}", `spot.max_price: needs eviction_policy`},
		{"license", `license_type = "Windows_Server"`, `license_type: "windows_server" is not known: use rhel_byos or sles_byos`},
		{"identity", `user_assigned_managed_identities = ["me"]`, `user_assigned_managed_identities: "me" is no managed identity`},
		{"caching", `disk_caching_type = "all"`, `disk_caching_type: "all" is not known`},
		{"controller", `disk_controller_type = "ide"`, `disk_controller_type: "ide" is not known`},
		{"numbers", `disk_additional_luns = [1]`, `disk_additional_luns: has 1 numbers, but disk_additional_size has 0`},
		{"numbers twice", "disk_additional_luns = [1, 1]\ndisk_additional_size = [1, 2]", `disk_additional_luns: 1 is negative or there twice`},
		{"vault", `skip_create_build_key_vault = true`, `skip_create_build_key_vault: is for the communicator winrm`},
		{"password", "communicator = \"winrm\"\nwinrm_password = \"simple\"", `winrm_password: has no form that Windows takes`},
		{"communicator", `communicator = "docker"`, `communicator: "docker" is not known`},
	})
	templatetest.Rules(t, set, `
source "azure-arm" "x" {
  os_type  = "Linux"
  location = "westeurope"
  shared_image_gallery {
    id = "/subscriptions/s"
  }
  shared_image_gallery_destination {
    resource_group = "a"
    gallery_name   = "b"
    image_name     = "c"
    image_version  = "1.0.0"
  }
}`, []templatetest.Rule{
		{"id and version", "shared_image_gallery {\n  id = \"/a\"\n  image_version = \"1\"\n}", `shared_image_gallery.image_version: excludes id`},
		{"gallery", "shared_image_gallery {\n  gallery_name = \"g\"\n  resource_group = \"r\"\n  image_name = \"i\"\n}", `block "shared_image_gallery" needs option "subscription"`},
		{"two galleries", "shared_image_gallery {\n  community_gallery_image_id = \"a\"\n  direct_shared_gallery_image_id = \"b\"\n}", `direct_shared_gallery_image_id: excludes community_gallery_image_id`},
		{"version", "shared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0\"\n}", `shared_image_gallery_destination.image_version: "1.0" is no version such as 1.0.0`},
		{"no version", "shared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n}", `block "shared_image_gallery_destination" needs option "image_version"`},
		{"storage", "shared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0.0\"\n  storage_account_type = \"Fast\"\n}", `storage_account_type: "Fast" is not known`},
		{"regions", "shared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0.0\"\n  replication_regions = [\"a\"]\n  target_region {\n    name = \"a\"\n  }\n}", `replication_regions: excludes target_region`},
		{"shallow", "shared_image_gallery_replica_count = 2\nshared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0.0\"\n  use_shallow_replication = true\n}", `shared_image_gallery_replica_count: is 1 with use_shallow_replication`},
		{"encryption", "security_type = \"ConfidentialVM\"\nsecurity_encryption_type = \"VMGuestStateOnly\"\nshared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0.0\"\n  confidential_vm_image_encryption_type = \"EncryptedWithPmk\"\n}", `"EncryptedWithPmk" does not go with security_encryption_type VMGuestStateOnly: use EncryptedVMGuestStateOnlyWithPmk`},
		{"customer key", "security_type = \"ConfidentialVM\"\nshared_image_gallery_destination {\n  resource_group = \"a\"\n  gallery_name = \"b\"\n  image_name = \"c\"\n  image_version = \"1.0.0\"\n  confidential_vm_image_encryption_type = \"EncryptedWithCmk\"\n}", `needs option "disk_encryption_set_id"`},
	})
	if got := templatetest.Check(t, set, `{"variables": {"p": "", "o": "", "s": ""}, "builders": [{"type": "azure-arm", "os_type": "Linux", "location": "a", "skip_create_image": true,
		"image_publisher": "{{user `+"`p`"+`}}", "image_offer": "{{user `+"`o`"+`}}", "image_sku": "{{user `+"`s`"+`}}"}]}`); len(got) == 0 {
		t.Error("empty values are no error")
	} else {
		for _, name := range []string{"the variable p", "the variable o", "the variable s"} {
			if !strings.Contains(got, name) {
				t.Errorf("nothing of %s in\n%s", name, got)
			}
		}
	}
}
