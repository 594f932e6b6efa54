package ec2

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

func (r Run) check() error {
	return errors.Join(
		r.Config.Check(connect.Rules{}),
		r.checkConnection(),
		checkSource(r.SourceAMI, r.SourceAMIFilter),
		r.checkType(),
		r.checkUserData(),
		r.Network.check(),
		r.checkSpot(),
		r.Capacity.check(),
		r.checkPlacement(),
		r.Metadata.check(),
		template.OneOf("shutdown_behavior", r.ShutdownBehavior, "stop", "terminate"),
		r.warn(),
	)
}

func (r Run) checkConnection() error {
	errs := []error{
		template.OneOf("ssh_interface", r.SSHInterface, "public_ip", "private_ip", "public_dns", "private_dns", "ipv6", "session_manager"),
	}
	if t := r.SSH.KeyType; t == "ecdsa" || t == "dsa" {
		errs = append(errs, template.At("temporary_key_pair_type", fmt.Errorf("EC2 takes no %s keys: use rsa or ed25519", t)))
	}
	winrm := r.Choice(connect.Rules{}) == connect.UseWinRM
	if r.SSHInterface == "session_manager" {
		if winrm {
			errs = append(errs, template.At("ssh_interface", errors.New("session_manager is for ssh, not for winrm")))
		}
		if r.InstanceProfile == "" && r.TemporaryPolicy == nil {
			errs = append(errs, template.IfKnown(template.At("ssh_interface",
				errors.New("session_manager needs iam_instance_profile or temporary_iam_instance_profile_policy_document: a profile with the permissions of AmazonSSMManagedInstanceCore")),
				"iam_instance_profile"))
		}
	}
	if r.SSH.KeypairName == "" || r.SSH.PrivateKeyFile != "" {
		return errors.Join(errs...)
	}
	switch {
	case winrm && r.WinRM.Password == "":
		errs = append(errs, template.IfKnown(template.At("ssh_keypair_name", errors.New("needs ssh_private_key_file: it decrypts the password of the machine")),
			"ssh_private_key_file", "winrm_password"))
	case !r.SSH.AgentAuth:
		errs = append(errs, template.IfKnown(template.At("ssh_keypair_name", errors.New("needs its key: give ssh_private_key_file, or set ssh_agent_auth")),
			"ssh_private_key_file", "ssh_agent_auth"))
	}
	return errors.Join(errs...)
}

var burstable = regexp.MustCompile(`^t(2|3a?|4g)\.`)

func (r Run) checkType() error {
	var errs []error
	switch {
	case r.InstanceType == "" && len(r.InstanceTypes) == 0:
		errs = append(errs, template.Missing("instance_type", "spot_instance_types"))
	case r.InstanceType != "" && len(r.InstanceTypes) > 0:
		errs = append(errs, template.IfKnown(template.At("spot_instance_types", errors.New("excludes instance_type: give one of them")), "instance_type"))
	}
	if (r.UnlimitedCredits || r.T2Unlimited) && !burstable.MatchString(r.InstanceType) {
		errs = append(errs, template.IfKnown(template.At(r.creditsOption(), fmt.Errorf("is for burstable machines (t2, t3, t3a, t4g), not for %q", r.InstanceType)), "instance_type"))
	}
	if r.NitroEnclave && strings.HasPrefix(r.InstanceType, "t") {
		errs = append(errs, template.IfKnown(template.At("enable_nitro_enclave", fmt.Errorf("is not for burstable machines such as %q", r.InstanceType)), "instance_type"))
	}
	return errors.Join(errs...)
}

func (r Run) creditsOption() string {
	if r.T2Unlimited && !r.UnlimitedCredits {
		return "enable_t2_unlimited"
	}
	return "enable_unlimited_credits"
}

func (r Run) checkUserData() error {
	if r.UserDataFile == "" {
		return nil
	}
	if r.UserData != "" {
		return template.At("user_data_file", errors.New("excludes user_data: give one of them"))
	}
	_, err := os.Stat(r.UserDataFile)
	return template.At("user_data_file", err)
}

func (n Network) check() error {
	var errs []error
	if n.SecurityGroup != "" && len(n.SecurityGroups) > 0 {
		errs = append(errs, template.At("security_group_ids", errors.New("excludes security_group_id: give one of them")))
	}
	for _, cidr := range n.TemporaryGroupCIDRs {
		if _, _, err := net.ParseCIDR(cidr); err != nil {
			errs = append(errs, template.At("temporary_security_group_source_cidrs", fmt.Errorf("%q is no network such as 10.0.0.0/8", cidr)))
		}
	}
	return errors.Join(errs...)
}

func (s Spot) wanted() bool { return s.SpotPrice != "" && s.SpotPrice != "0" }

func (r Run) checkSpot() error {
	errs := []error{template.OneOf("spot_allocation_strategy", r.Allocation,
		"lowest-price", "diversified", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized")}
	if !r.wanted() {
		for _, o := range []struct {
			name  string
			given bool
		}{
			{"spot_tags", r.SpotTags != nil}, {"spot_tag", r.SpotTag != nil}, {"fleet_tags", r.FleetTags != nil}, {"fleet_tag", r.FleetTag != nil},
		} {
			if o.given {
				errs = append(errs, template.IfKnown(template.At(o.name, errors.New("is for spot machines: give spot_price")), "spot_price"))
			}
		}
	}
	if r.BlockMinutes%60 != 0 {
		errs = append(errs, template.At("block_duration_minutes", fmt.Errorf("%d is no multiple of 60", r.BlockMinutes)))
	}
	if r.SpotPrice != "" && r.NitroEnclave {
		errs = append(errs, template.At("enable_nitro_enclave", errors.New("is not for spot machines")))
	}
	if r.SpotPrice != "" && (r.UnlimitedCredits || r.T2Unlimited) && strings.HasPrefix(r.InstanceType, "t2.") {
		errs = append(errs, template.At(r.creditsOption(), errors.New("is not for spot machines of type t2")))
	}
	return errors.Join(errs...)
}

// checkDrivers refuses what needs a machine that can be changed after its start.
func (s Spot) checkDrivers(ena *bool, sriov bool) error {
	if !s.wanted() {
		return nil
	}
	var errs []error
	refused := errors.New("is not for spot machines, which cannot be changed: start from an AMI that has it")
	if ena != nil && *ena {
		errs = append(errs, template.At("ena_support", refused))
	}
	if sriov {
		errs = append(errs, template.At("sriov_support", refused))
	}
	return errors.Join(errs...)
}

func (c Capacity) check() error {
	errs := []error{template.OneOf("capacity_reservation_preference", c.Preference, "none", "open")}
	if c.ID != "" && c.GroupARN != "" {
		errs = append(errs, template.At("capacity_reservation_group_arn", errors.New("excludes capacity_reservation_id: give one of them")))
	}
	if c.Preference != "" && (c.ID != "" || c.GroupARN != "") {
		errs = append(errs, template.At("capacity_reservation_preference", errors.New("excludes capacity_reservation_id and capacity_reservation_group_arn: give one of them")))
	}
	return errors.Join(errs...)
}

func (r Run) checkPlacement() error {
	p := r.Placement
	tenancies := []string{"default", "dedicated", "host"}
	errs := []error{template.OneOf("tenancy", r.Tenancy, tenancies...), template.OneOf("placement.tenancy", p.Tenancy, tenancies...)}
	if r.Tenancy != "" && p.Tenancy != "" {
		errs = append(errs, template.At("tenancy", errors.New("excludes placement.tenancy: give that alone")))
	}
	if p.HostID != "" && p.HostGroupARN != "" {
		errs = append(errs, template.At("placement.host_resource_group_arn", errors.New("excludes host_id: give one of them")))
	}
	if (p.HostID != "" || p.HostGroupARN != "") && p.Tenancy != "" && p.Tenancy != "host" {
		errs = append(errs, template.At("placement.tenancy", fmt.Errorf("is %q, but a dedicated host needs host", p.Tenancy)))
	}
	return errors.Join(errs...)
}

func (m Metadata) check() error {
	var hops error
	if m.HopLimit != 0 { // as when not given
		hops = template.At("metadata_options.http_put_response_hop_limit", inRange(m.HopLimit, 1, 64))
	}
	return errors.Join(
		template.OneOf("metadata_options.http_endpoint", m.Endpoint, "enabled", "disabled"),
		template.OneOf("metadata_options.http_tokens", m.Tokens, "optional", "required"),
		template.OneOf("metadata_options.instance_metadata_tags", m.Tags, "enabled", "disabled"),
		hops,
	)
}

func (r Run) warn() error {
	var errs []error
	if r.AutoProduct != "" {
		errs = append(errs, template.Warning(template.At("spot_price_auto_product", errors.New("has no effect any more"))))
	}
	if r.T2Unlimited {
		errs = append(errs, template.Warning(template.At("enable_t2_unlimited", errors.New("is now called enable_unlimited_credits"))))
	}
	return errors.Join(errs...)
}
