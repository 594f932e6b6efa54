package azure

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// rules: Azure makes the user that the template does not name.
func rules() connect.Rules { return connect.Rules{User: "packer"} }

func (c Config) check() error {
	errs := []error{
		c.Access.check(), c.Source.check(), c.Result.check(), c.checkResult(), c.VM.check(), c.Disks.check(), c.Network.check(), c.Place.check(),
		c.Security.check(), c.checkConfidential(),
		c.Config.Check(rules()),
	}
	winrm := c.Choice(rules()) == connect.UseWinRM
	if winrm && c.WinRM.Password != "" {
		errs = append(errs, template.At("winrm_password", checkPassword(c.WinRM.Password)))
	}
	if c.SkipKeyVault && !winrm {
		errs = append(errs, template.IfKnown(template.At("skip_create_build_key_vault", errors.New("is for the communicator winrm")), "communicator"))
	}
	return errors.Join(errs...)
}

func (a Access) check() error {
	principal := a.TenantID != "" || a.ClientSecret != "" || a.ClientCertPath != "" || a.ClientJWT != "" || a.OIDCRequestToken != "" || a.OIDCRequestURL != ""
	if a.UseCLI || !principal {
		return nil
	}
	var errs []error
	for _, o := range []struct{ name, value string }{{"subscription_id", a.SubscriptionID}, {"client_id", a.ClientID}} {
		if o.value == "" {
			errs = append(errs, template.Missing(o.name))
		}
	}
	secrets := []string{"client_secret", "client_cert_path", "client_jwt"}
	var given []string
	for i, v := range []string{a.ClientSecret, a.ClientCertPath, a.ClientJWT} {
		if v != "" {
			given = append(given, secrets[i])
		}
	}
	switch oidc := a.OIDCRequestToken != "" && a.OIDCRequestURL != ""; {
	case oidc:
	case len(given) > 1:
		errs = append(errs, template.At(given[1], fmt.Errorf("excludes %s: give one of them", given[0])))
	case a.OIDCRequestToken != "":
		errs = append(errs, template.Missing("oidc_request_url"))
	case a.OIDCRequestURL != "":
		errs = append(errs, template.Missing("oidc_request_token"))
	case len(given) == 0:
		errs = append(errs, template.Missing(append(secrets, "oidc_request_token", "use_azure_cli_auth")...))
	case given[0] == "client_cert_path":
		_, err := os.Stat(a.ClientCertPath)
		errs = append(errs, template.At("client_cert_path", err))
	}
	return template.IfKnown(errors.Join(errs...), "use_azure_cli_auth")
}

func (v VM) check() error {
	errs := []error{template.OneOf("os_type", strings.ToLower(v.OSType), "linux", "windows")}
	for _, o := range []struct{ data, file, path string }{
		{v.CustomData, "custom_data_file", v.CustomDataFile}, {v.UserData, "user_data_file", v.UserDataFile},
	} {
		switch {
		case o.path == "":
		case o.data != "":
			errs = append(errs, template.At(o.file, fmt.Errorf("excludes %s: give one of them", strings.TrimSuffix(o.file, "_file"))))
		default:
			_, err := os.ReadFile(o.path)
			errs = append(errs, template.At(o.file, err))
		}
	}
	errs = append(errs, template.OneOf("spot.eviction_policy", v.Spot.Eviction, "Delete", "Deallocate"))
	if v.Spot.MaxPrice != 0 && v.Spot.Eviction == "" {
		errs = append(errs, template.IfKnown(template.At("spot.max_price", errors.New("needs eviction_policy")), "spot.eviction_policy"))
	}
	switch license := strings.ToLower(v.LicenseType); strings.ToLower(v.OSType) {
	case "linux":
		errs = append(errs, template.OneOf("license_type", license, "rhel_byos", "sles_byos"))
	case "windows":
		errs = append(errs, template.OneOf("license_type", license, "windows_client", "windows_server"))
	}
	for _, id := range v.Identities {
		if id != "" {
			errs = append(errs, template.At("user_assigned_managed_identities", checkIdentity(id)))
		}
	}
	return errors.Join(errs...)
}

// checkIdentity looks at the resource id of a managed identity.
func checkIdentity(id string) error {
	parts := strings.Split(strings.ToLower(strings.Trim(id, "/")), "/")
	if len(parts) == 8 && parts[0] == "subscriptions" && parts[2] == "resourcegroups" && parts[4] == "providers" &&
		parts[5] == "microsoft.managedidentity" && parts[6] == "userassignedidentities" {
		return nil
	}
	return fmt.Errorf("%q is no managed identity: it is /subscriptions/…/resourcegroups/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…", id)
}

func (d Disks) check() error {
	errs := []error{
		template.OneOf("disk_caching_type", d.Caching, "None", "ReadOnly", "ReadWrite"),
		template.OneOf("disk_controller_type", strings.ToLower(d.Controller), "scsi", "nvme"),
	}
	if luns := d.DataDiskLUNs; len(luns) > 0 {
		if len(luns) != len(d.DataDiskSizes) {
			errs = append(errs, template.IfKnown(template.At("disk_additional_luns", fmt.Errorf("has %d numbers, but disk_additional_size has %d", len(luns), len(d.DataDiskSizes))), "disk_additional_size"))
		}
		for i, n := range luns {
			if n < 0 || slices.Contains(luns[:i], n) {
				errs = append(errs, template.At("disk_additional_luns", fmt.Errorf("%d is negative or there twice", n)))
			}
		}
	}
	return errors.Join(errs...)
}

func (n Network) check() error {
	var errs []error
	if n.VirtualNetwork == "" {
		for _, o := range []struct{ name, value string }{
			{"virtual_network_subnet_name", n.Subnet}, {"virtual_network_resource_group_name", n.NetworkGroup},
		} {
			if o.value != "" {
				errs = append(errs, template.IfKnown(template.At(o.name, errors.New("needs virtual_network_name")), "virtual_network_name"))
			}
		}
	} else {
		for name, given := range map[string]bool{"public_ip_sku": n.PublicIPSKU != "", "allowed_inbound_ip_addresses": len(n.Inbound) > 0} {
			if given {
				errs = append(errs, template.At(name, errors.New("excludes virtual_network_name: that network exists")))
			}
		}
	}
	errs = append(errs, template.OneOf("public_ip_sku", strings.ToLower(n.PublicIPSKU), "basic", "standard"))
	for _, a := range n.Inbound {
		_, notAddress := netip.ParseAddr(a)
		if _, err := netip.ParsePrefix(a); err != nil && notAddress != nil && a != "" {
			errs = append(errs, template.At("allowed_inbound_ip_addresses", fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", a)))
		}
	}
	return errors.Join(errs...)
}

func (p Place) check() error {
	var errs []error
	switch {
	case p.Location == "" && p.BuildGroup == "":
		errs = append(errs, template.Missing("location", "build_resource_group_name"))
	case p.Location != "" && p.BuildGroup != "":
		errs = append(errs, template.At("build_resource_group_name", errors.New("excludes location: that resource group has one")))
	}
	if p.TemporaryGroup != "" && p.BuildGroup != "" {
		errs = append(errs, template.At("temp_resource_group_name", errors.New("excludes build_resource_group_name: give one of them")))
	}
	errs = append(errs, checkGroup("temp_resource_group_name", p.TemporaryGroup), checkGroup("build_resource_group_name", p.BuildGroup))
	if p.Prefix != "" && (len(p.Prefix) > 10 || !prefix.MatchString(p.Prefix)) {
		errs = append(errs, template.At("custom_resource_build_prefix", fmt.Errorf("%q is no prefix: it has 10 letters, digits and dashes at most", p.Prefix)))
	}
	return errors.Join(errs...)
}

// checkPassword looks whether Windows would take the password.
func checkPassword(p string) error {
	kinds := map[string]bool{}
	for _, c := range p {
		switch {
		case unicode.IsDigit(c):
			kinds["digit"] = true
		case unicode.IsLower(c):
			kinds["lower"] = true
		case unicode.IsUpper(c):
			kinds["upper"] = true
		default:
			kinds["special"] = true
		}
	}
	if len(p) < 8 || len(p) > 123 || len(kinds) < 3 {
		return errors.New("has no form that Windows takes: 8 to 123 characters, and three of upper case letters, lower case letters, digits and others")
	}
	return nil
}
