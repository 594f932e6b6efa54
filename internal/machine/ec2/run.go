package ec2

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/machine/connect"
)

// Run is the machine that is provisioned.
type Run struct {
	SourceAMI        string        `opt:"source_ami" doc:"AMI to start from."`
	SourceAMIFilter  ImageFilter   `opt:"source_ami_filter" doc:"AMI to start from, by what is known of it."`
	InstanceType     string        `opt:"instance_type" doc:"Type of the machine, such as t3.small."`
	AvailabilityZone string        `opt:"availability_zone" doc:"Zone to start the machine in."`
	EBSOptimized     bool          `opt:"ebs_optimized" doc:"Give the machine bandwidth of its own to its volumes."`
	ShutdownBehavior string        `opt:"shutdown_behavior" default:"stop" doc:"What a shutdown from inside does: stop or terminate."`
	DisableStop      bool          `opt:"disable_stop_instance" doc:"Wait until the machine stops by itself, as after sysprep."`
	NitroEnclave     bool          `opt:"enable_nitro_enclave" doc:"Let the machine start enclaves."`
	UnlimitedCredits bool          `opt:"enable_unlimited_credits" doc:"Let a burstable machine use more than its credits, for money."`
	T2Unlimited      bool          `opt:"enable_t2_unlimited" doc:"Old name of enable_unlimited_credits."`
	UserData         string        `opt:"user_data" doc:"User data of the machine."`
	UserDataFile     string        `opt:"user_data_file" doc:"File that holds the user data."`
	RunTags          Tags          `opt:"run_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the machine and of what is made for it."`
	RunTag           []KeyValue    `opt:"run_tag" doc:"The same as a block for each tag."`
	WindowsPassword  time.Duration `opt:"windows_password_timeout" default:"20m" doc:"How long to wait for the password of a Windows machine."`
	Placement        Placement     `opt:"placement" doc:"Where the machine is put."`
	Tenancy          string        `opt:"tenancy" doc:"Old place of placement.tenancy."`
	Licenses         []License     `opt:"license_specifications" doc:"Licenses that the machine uses."`
	Metadata         Metadata      `opt:"metadata_options" doc:"How the machine asks its metadata service."`

	Network
	Profile
	Spot
	Capacity
	connect.Config
	SSHInterface       string        `opt:"ssh_interface" doc:"Address to connect to: public_ip, private_ip, public_dns, private_dns, ipv6 or session_manager."`
	PauseBeforeSSM     time.Duration `opt:"pause_before_ssm" default:"10s" doc:"How long to wait before a session of the session manager."`
	SessionManagerPort int           `opt:"session_manager_port" doc:"Local port of the session; a free one when not given."`
}

// Network says what the machine is connected to.
type Network struct {
	VPC                  string       `opt:"vpc_id" doc:"VPC to start the machine in."`
	VPCFilter            Filter       `opt:"vpc_filter" doc:"The VPC by what is known of it; exactly one must fit."`
	Subnet               string       `opt:"subnet_id" doc:"Subnet to start the machine in."`
	SubnetFilter         SubnetFilter `opt:"subnet_filter" doc:"The subnet by what is known of it."`
	SecurityGroup        string       `opt:"security_group_id" doc:"Security group of the machine, instead of a temporary one."`
	SecurityGroups       []string     `opt:"security_group_ids" doc:"Security groups of the machine, instead of a temporary one."`
	SecurityGroupFilter  Filter       `opt:"security_group_filter" doc:"Security groups by what is known of them."`
	TemporaryGroupCIDRs  []string     `opt:"temporary_security_group_source_cidrs" doc:"Networks that may connect to the machine; all when not given."`
	TemporaryGroupPublic bool         `opt:"temporary_security_group_source_public_ip" doc:"Only the public address of this host may connect to the machine."`
	PublicIP             *bool        `opt:"associate_public_ip_address" doc:"Give the machine a public address, or none; as the subnet does when not given."`
}

// Profile is the role that programs on the machine have.
type Profile struct {
	InstanceProfile string  `opt:"iam_instance_profile" doc:"Instance profile of the machine."`
	SkipCheck       bool    `opt:"skip_profile_validation" doc:"Take the profile as it is, without asking for it."`
	TemporaryPolicy *Policy `opt:"temporary_iam_instance_profile_policy_document" doc:"Policy of a temporary profile for the machine."`
}

// Policy is a policy of IAM; its names are as IAM writes them.
type Policy struct {
	Version   string      `opt:"Version" doc:"Version of the policy language, such as 2012-10-17."`
	Statement []Statement `opt:"Statement" doc:"What is allowed or denied."`
}

// Statement is one rule of a policy.
type Statement struct {
	Effect   string   `opt:"Effect" doc:"Allow or Deny."`
	Action   []string `opt:"Action" doc:"Actions that it is about."`
	Resource []string `opt:"Resource" doc:"ARNs of what it is about."`
}

// Spot asks for a spot machine.
type Spot struct {
	SpotPrice     string     `opt:"spot_price" doc:"Highest price for a spot machine, or auto for the price on demand; no spot machine when not given."`
	AutoProduct   string     `opt:"spot_price_auto_product" doc:"Without effect."`
	InstanceTypes []string   `opt:"spot_instance_types" doc:"Types to choose a spot machine from, instead of instance_type."`
	Allocation    string     `opt:"spot_allocation_strategy" doc:"How to choose: lowest-price, diversified, capacity-optimized, capacity-optimized-prioritized or price-capacity-optimized."`
	BlockMinutes  int64      `opt:"block_duration_minutes" doc:"How long the spot machine is wanted, in steps of 60."`
	SpotTags      Tags       `opt:"spot_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the spot request."`
	SpotTag       []KeyValue `opt:"spot_tag" doc:"The same as a block for each tag."`
	FleetTags     Tags       `opt:"fleet_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the fleet that the spot machine comes from."`
	FleetTag      []KeyValue `opt:"fleet_tag" doc:"The same as a block for each tag."`
}

// Capacity says which reserved capacity the machine uses.
type Capacity struct {
	Preference string `opt:"capacity_reservation_preference" doc:"open: any reservation that fits; none, as when nothing is given: no reservation."`
	ID         string `opt:"capacity_reservation_id" doc:"Reservation to use."`
	GroupARN   string `opt:"capacity_reservation_group_arn" doc:"Group of reservations to use."`
}

// Placement says where a machine is put.
type Placement struct {
	Tenancy      string `opt:"tenancy" doc:"default, dedicated or host."`
	HostID       string `opt:"host_id" doc:"Dedicated host to start on."`
	HostGroupARN string `opt:"host_resource_group_arn" doc:"Group of dedicated hosts to start on."`
}

// License is one license that a machine uses.
type License struct {
	Request LicenseRequest `opt:"license_configuration_request" doc:"Which license."`
}

// LicenseRequest names a license.
type LicenseRequest struct {
	ARN string `opt:"license_configuration_arn" doc:"ARN of the license configuration."`
}

// Metadata says how a machine asks its metadata service.
type Metadata struct {
	Endpoint string `opt:"http_endpoint" default:"enabled" doc:"enabled or disabled."`
	Tokens   string `opt:"http_tokens" default:"optional" doc:"Whether tokens are needed: optional or required."`
	HopLimit int    `opt:"http_put_response_hop_limit" default:"1" doc:"How far answers may go: 1 to 64."`
	Tags     string `opt:"instance_metadata_tags" default:"disabled" doc:"Whether the machine can read its tags: enabled or disabled."`
}

// VolumeTags are the tags of the machine's volumes.
type VolumeTags struct {
	RunVolumeTags Tags        `opt:"run_volume_tags" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Tags of the volumes of the machine, not of the AMI."`
	RunVolumeTag  []NameValue `opt:"run_volume_tag" doc:"The same as a block for each tag."`
}
