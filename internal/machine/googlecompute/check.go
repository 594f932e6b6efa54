package googlecompute

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

func (c Config) check() error {
	errs := []error{
		c.Authentication.check(), c.Image.check(), c.Disk.check(), c.Network.check(), c.Scheduling.check(), c.Machine.check(),
		c.Config.Check(connect.Rules{}),
	}
	if c.SourceImage == "" && c.SourceFamily == "" {
		errs = append(errs, template.Missing("source_image", "source_image_family"))
	}
	if communicator := c.Choice(connect.Rules{}); c.UseIAP && communicator == connect.UseNone {
		errs = append(errs, template.At("use_iap", errors.New("is for ssh and winrm")))
	}
	if c.AcceleratorCount > 0 && c.OnHostMaintenance != "TERMINATE" && !c.Preemptible {
		errs = append(errs, template.IfKnown(template.At("accelerator_count", errors.New("needs on_host_maintenance = TERMINATE")), "on_host_maintenance", "preemptible"))
	}
	return errors.Join(errs...)
}

func (a Authentication) check() error {
	var errs []error
	var given []string
	for _, o := range []struct{ name, value string }{
		{"access_token", a.AccessToken}, {"account_file", a.AccountFile}, {"credentials_file", a.CredentialsFile},
		{"credentials_json", a.CredentialsJSON}, {"impersonate_service_account", a.Impersonate}, {"vault_gcp_oauth_engine", a.VaultEngine},
	} {
		if o.value != "" {
			given = append(given, o.name)
		}
	}
	if len(given) > 1 {
		errs = append(errs, template.At(given[1], fmt.Errorf("excludes %s: credentials come from one place", given[0])))
	}
	if a.AccountFile != "" {
		errs = append(errs, template.Warning(template.At("account_file", errors.New("is now called credentials_file, or credentials_json"))))
		if strings.HasPrefix(strings.TrimSpace(a.AccountFile), "{") {
			errs = append(errs, checkJSON("account_file", []byte(a.AccountFile)))
		} else {
			errs = append(errs, checkFile("account_file", a.AccountFile))
		}
	}
	if a.CredentialsFile != "" {
		errs = append(errs, checkFile("credentials_file", a.CredentialsFile))
	}
	if a.CredentialsJSON != "" {
		errs = append(errs, checkJSON("credentials_json", []byte(a.CredentialsJSON)))
	}
	return errors.Join(errs...)
}

func checkFile(option, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return template.At(option, err)
	}
	return checkJSON(option, data)
}

func checkJSON(option string, data []byte) error {
	var credentials struct{ Type string }
	if err := json.Unmarshal(data, &credentials); err != nil {
		return template.At(option, errors.New("these are no credentials in JSON"))
	}
	if credentials.Type == "" {
		return template.At(option, errors.New("these are no credentials of Google: their type is missing"))
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])?$`)

// maxLabel is in characters, for names too. In the pattern it would cost milliseconds at
// each start, and so would patterns of letters in all scripts.
const maxLabel = 63

// isName tells whether an image or a disk may have a name.
func isName(s string) bool { return len(s) <= maxLabel && nameForm.MatchString(s) }

func isLabelKey(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Ll, first) && isLabelValue(s)
}

func isLabelValue(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxLabel && !strings.ContainsFunc(s, func(r rune) bool {
		return !(unicode.Is(unicode.Ll, r) || r >= '0' && r <= '9' || r == '_' || r == '-')
	})
}

// CleanName makes lower case letters, digits and dashes of a name.
func CleanName(s string) string {
	if isName(s) {
		return s
	}
	b := []byte(strings.ToLower(s))
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
			b[i] = '-'
		}
	}
	return string(b)
}

func (i Image) check() error {
	var errs []error
	for option, name := range map[string]string{"image_name": i.Name, "image_family": i.Family} {
		if name != "" && !isName(name) {
			errs = append(errs, template.At(option, fmt.Errorf("%q is no such name: it has 63 lower case letters, digits and dashes at most, begins with a letter and does not end with a dash", name)))
		}
	}
	errs = append(errs, template.OneOf("image_architecture", strings.ToLower(i.Architecture), "x86_64", "arm64"))
	if len(i.StorageLocations) > 1 {
		errs = append(errs, template.At("image_storage_locations", errors.New("an image is stored in one region")))
	}
	for _, key := range slices.Sorted(maps.Keys(i.Labels)) {
		if !isLabelKey(key) {
			errs = append(errs, template.At("image_labels", fmt.Errorf("%q is no name of a label: it has 63 lower case letters, digits, _ and - at most, and begins with a letter", key)))
		}
		if v := i.Labels[key]; !isLabelValue(v) {
			errs = append(errs, template.At("image_labels."+key, fmt.Errorf("%q is no value of a label: it has 63 lower case letters, digits, _ and - at most", v)))
		}
	}
	return errors.Join(errs...)
}

func (m Machine) check() error {
	var errs []error
	if m.Integrity && !m.VTPM {
		errs = append(errs, template.IfKnown(template.At("enable_integrity_monitoring", errors.New("needs enable_vtpm = true")), "enable_vtpm"))
	}
	if m.AcceleratorCount > 0 && m.AcceleratorType == "" {
		errs = append(errs, template.IfKnown(template.At("accelerator_count", errors.New("needs accelerator_type")), "accelerator_type"))
	}
	if m.NoServiceAccount && m.ServiceAccount != "" {
		errs = append(errs, template.At("service_account_email", errors.New("excludes disable_default_service_account")))
	}
	if m.StartupScript != "" {
		_, err := os.Stat(m.StartupScript)
		errs = append(errs, template.At("startup_script_file", err))
	}
	return errors.Join(errs...)
}

func (n Network) check() error {
	var errs []error
	if n.OmitExternalIP && n.Address != "" {
		errs = append(errs, template.At("address", errors.New("excludes omit_external_ip")))
	}
	if n.OmitExternalIP && !n.UseInternalIP {
		errs = append(errs, template.IfKnown(template.At("omit_external_ip", errors.New("needs use_internal_ip = true")), "use_internal_ip"))
	}
	if n.NetworkIP != "" {
		if ip, err := netip.ParseAddr(n.NetworkIP); err != nil || !ip.Is4() {
			errs = append(errs, template.At("network_ip", fmt.Errorf("%q is no IPv4 address", n.NetworkIP)))
		}
	}
	return errors.Join(errs...)
}

func (s Scheduling) check() error {
	errs := []error{
		template.OneOf("on_host_maintenance", s.OnHostMaintenance, "MIGRATE", "TERMINATE"),
		template.OneOf("instance_termination_action", strings.ToUpper(s.TerminationAction), "STOP", "DELETE"),
	}
	if s.Preemptible && s.OnHostMaintenance == "MIGRATE" {
		errs = append(errs, template.At("on_host_maintenance", errors.New("a preemptible machine needs TERMINATE")))
	}
	switch {
	case s.MaxRunSeconds < 0:
		errs = append(errs, template.At("max_run_duration_in_seconds", fmt.Errorf("%d is too small", s.MaxRunSeconds)))
	case s.MaxRunSeconds > 0 && s.TerminationAction == "":
		errs = append(errs, template.IfKnown(template.Warning(template.At("max_run_duration_in_seconds", errors.New("instance_termination_action is not given: the machine is stopped"))), "instance_termination_action"))
	}
	return errors.Join(errs...)
}

func (d Disk) check() error {
	var errs []error
	image := -1
	for i, a := range d.Attachments {
		path := "disk_attachment[" + strconv.Itoa(i) + "]"
		errs = append(errs, a.check(path))
		if a.CreateImage && image >= 0 {
			errs = append(errs, template.At(path+".create_image", errors.New("the image is made of one disk, and another has create_image already")))
		}
		if a.CreateImage {
			image = i
		}
	}
	return errors.Join(errs...)
}
