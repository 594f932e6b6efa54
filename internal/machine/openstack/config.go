// Package openstack is OpenStack: the builder of its images.
package openstack

import (
	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type openstack.
type Config struct {
	Access
	Image
	Source
	Server
	Network
	Volume
	connect.Config
	SSHInterface string `opt:"ssh_interface" doc:"Which of the server's networks to connect by."`
	SSHIPVersion string `opt:"ssh_ip_version" doc:"Which of its addresses to connect to: 4 or 6."`
}

// Access says who asks the cloud, and where. What is not given comes from the
// environment (OS_…) or from clouds.yaml.
type Access struct {
	Cloud            string `opt:"cloud" doc:"Entry of clouds.yaml; OS_CLOUD when not given."`
	IdentityEndpoint string `opt:"identity_endpoint" doc:"URL of Keystone; OS_AUTH_URL when not given."`
	Username         string `opt:"username" doc:"User; OS_USERNAME when not given."`
	UserID           string `opt:"user_id" doc:"User by its id."`
	Password         string `opt:"password" doc:"Password; OS_PASSWORD when not given."`
	TenantID         string `opt:"tenant_id" doc:"Project by its id."`
	TenantName       string `opt:"tenant_name" doc:"Project; OS_PROJECT_NAME when not given."`
	DomainID         string `opt:"domain_id" doc:"Domain by its id."`
	DomainName       string `opt:"domain_name" doc:"Domain; OS_DOMAIN_NAME when not given."`
	Token            string `opt:"token" doc:"Token to use instead of a password."`
	CredentialID     string `opt:"application_credential_id" doc:"Application credential by its id."`
	CredentialName   string `opt:"application_credential_name" doc:"Application credential by its name."`
	CredentialSecret string `opt:"application_credential_secret" doc:"Secret of the application credential."`
	Region           string `opt:"region" doc:"Region; OS_REGION_NAME when not given."`
	EndpointType     string `opt:"endpoint_type" doc:"Endpoints to use: public, internal or admin; public when not given."`
	Insecure         bool   `opt:"insecure" doc:"Trust any certificate of the cloud."`
	CACert           string `opt:"cacert" doc:"File of certificates to trust."`
	Cert             string `opt:"cert" doc:"File of the client's certificate."`
	Key              string `opt:"key" doc:"File of the client's key."`
	Provider         string `opt:"openstack_provider" doc:"Without effect."`
}

// Image is the image to make.
type Image struct {
	Name              string            `opt:"image_name,required" doc:"Name of the image."`
	Metadata          map[string]string `opt:"metadata" doc:"Properties of the image."`
	Visibility        string            `opt:"image_visibility" doc:"public, private, shared or community."`
	Members           []string          `opt:"image_members" doc:"Projects that the image is shared with."`
	AutoAcceptMembers bool              `opt:"image_auto_accept_members" doc:"Accept the image for those projects."`
	DiskFormat        string            `opt:"image_disk_format" doc:"Format of the image, when it is made of a volume."`
	Tags              []string          `opt:"image_tags" doc:"Tags of the image."`
	MinDisk           int               `opt:"image_min_disk" doc:"Smallest disk that it fits on, in GB."`
	Wait              int               `opt:"image_creation_wait" doc:"Seconds to wait before the image is asked for."`
	SkipCreate        bool              `opt:"skip_create_image" doc:"Do everything but make the image."`
}

// Source is what the server starts from.
type Source struct {
	ID                 string            `opt:"source_image" doc:"Image to start from, by its id."`
	SourceName         string            `opt:"source_image_name" doc:"Image to start from, by its name."`
	URL                string            `opt:"external_source_image_url" doc:"Image to start from, by a URL that the cloud imports."`
	ExternalFormat     string            `opt:"external_source_image_format" default:"qcow2" doc:"Format of the image at the URL."`
	ExternalProperties map[string]string `opt:"external_source_image_properties" doc:"Properties of the imported image."`
	Filter             Filter            `opt:"source_image_filter" doc:"Image to start from, by what is known of it."`
}

// Filter chooses an image.
type Filter struct {
	Filters    Filters `opt:"filters" doc:"What is known of the image."`
	MostRecent bool    `opt:"most_recent" doc:"Of several, the newest."`
}

// Filters is what is known of an image.
type Filters struct {
	Name       string            `opt:"name" doc:"Name of the image."`
	Owner      string            `opt:"owner" doc:"Project that it belongs to."`
	Tags       []string          `opt:"tags" doc:"Tags that it has."`
	Visibility string            `opt:"visibility" doc:"Its visibility: public, private, shared or community."`
	Properties map[string]string `opt:"properties" doc:"Properties that it has."`
}

func (f Filters) empty() bool {
	return f.Name == "" && f.Owner == "" && len(f.Tags) == 0 && f.Visibility == "" && len(f.Properties) == 0
}

// Server is the server that is provisioned.
type Server struct {
	Flavor           string            `opt:"flavor,required" doc:"Size of the server, by name, id or URL."`
	AvailabilityZone string            `opt:"availability_zone" doc:"Zone to start the server in."`
	InstanceName     string            `opt:"instance_name" doc:"Name of the server; that of the image when not given."`
	InstanceMetadata map[string]string `opt:"instance_metadata" doc:"Metadata of the server; keys and values have 255 bytes at most."`
	UserData         string            `opt:"user_data" doc:"User data of the server."`
	UserDataFile     string            `opt:"user_data_file" doc:"File that holds the user data."`
	ConfigDrive      bool              `opt:"config_drive" doc:"Give the server a drive with its configuration."`
	ForceDelete      bool              `opt:"force_delete" doc:"Delete the server at once, past deferred deletion."`
	RackconnectWait  bool              `opt:"rackconnect_wait" doc:"Wait until Rackspace's RackConnect is ready."`
}

// Network says what the server is connected to.
type Network struct {
	Networks         []string `opt:"networks" doc:"Networks of the server, by id."`
	Ports            []string `opt:"ports" doc:"Ports of the server, by id."`
	DiscoveryCIDRs   []string `opt:"network_discovery_cidrs" doc:"Address ranges: the first network with a subnet in them is used."`
	SecurityGroups   []string `opt:"security_groups" doc:"Security groups of the server."`
	FloatingNetwork  string   `opt:"floating_ip_network" doc:"Network to take a floating address from."`
	FloatingPool     string   `opt:"floating_ip_pool" doc:"Old name of floating_ip_network."`
	InstanceFloating string   `opt:"instance_floating_ip_net" doc:"Network of the server that the floating address leads to."`
	FloatingIP       string   `opt:"floating_ip" doc:"Floating address to use, by id."`
	ReuseIPs         bool     `opt:"reuse_ips" doc:"Use an unassigned floating address before a new one is made."`
	UseFloatingIP    bool     `opt:"use_floating_ip" doc:"Without effect."`
}

// Volume is the volume that the server starts from.
type Volume struct {
	Use             bool   `opt:"use_blockstorage_volume" doc:"Start from a volume instead of the hypervisor's own disk."`
	VolumeName      string `opt:"volume_name" doc:"Name of the volume; packer_ and a UUID when not given."`
	VolumeType      string `opt:"volume_type" doc:"Type of the volume."`
	VolumeSize      int    `opt:"volume_size" doc:"Size in GB; that of the source when not given."`
	VolumeAvailable string `opt:"volume_availability_zone" doc:"Zone of the volume; that of the server when not given."`
}

// Kind makes images of servers.
func Kind() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("openstack", "images from a server on OpenStack", Config.check)
}
