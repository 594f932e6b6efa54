package vsphere

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Customize is a customize block.
type Customize struct {
	Linux       *Linux      `opt:"linux_options" doc:"What is changed in Linux."`
	Windows     *Windows    `opt:"windows_options" doc:"What is changed in Windows."`
	SysprepFile string      `opt:"windows_sysprep_file" doc:"Old: file whose text is windows_sysprep_text."`
	SysprepText string      `opt:"windows_sysprep_text" doc:"Answers of sysprep, instead of windows_options."`
	Interfaces  []Interface `opt:"network_interface" doc:"Addresses, one block for each network card."`
	Gateway4    string      `opt:"ipv4_gateway" doc:"IPv4 address of the gateway."`
	Gateway6    string      `opt:"ipv6_gateway" doc:"IPv6 address of the gateway."`
	DNSServers  []string    `opt:"dns_server_list" doc:"Addresses of name servers."`
	DNSSuffixes []string    `opt:"dns_suffix_list" doc:"Search domains."`
}

// Interface is a network_interface block; an empty one asks DHCP.
type Interface struct {
	DNSServers []string `opt:"dns_server_list" doc:"Addresses of name servers, for Windows."`
	DNSDomain  string   `opt:"dns_domain" doc:"Search domain, for Windows."`
	IPv4       string   `opt:"ipv4_address" doc:"IPv4 address."`
	Netmask4   int      `opt:"ipv4_netmask" doc:"Length of its network."`
	IPv6       string   `opt:"ipv6_address" doc:"IPv6 address."`
	Netmask6   int      `opt:"ipv6_netmask" doc:"Length of its network."`
}

// Linux is a linux_options block.
type Linux struct {
	Domain   string `opt:"domain" doc:"Domain of the machine."`
	Hostname string `opt:"host_name" doc:"Name of the machine."`
	ClockUTC *bool  `opt:"hw_clock_utc" doc:"Let the clock show UTC; true by default."`
	TimeZone string `opt:"time_zone" doc:"Time zone, such as Europe/Vienna; UTC by default."`
}

// Windows is a windows_options block.
type Windows struct {
	RunOnce        []string `opt:"run_once_command_list" doc:"Commands to run when the first user logs in."`
	AutoLogon      *bool    `opt:"auto_logon" doc:"Log the administrator in."`
	AutoLogonCount *int     `opt:"auto_logon_count" doc:"How many times; 1 by default."`
	AdminPassword  *string  `opt:"admin_password" doc:"Password of the administrator."`
	TimeZone       *int     `opt:"time_zone" doc:"Number of the time zone; 85 (GMT) by default."`
	Workgroup      string   `opt:"workgroup" doc:"Workgroup of the machine."`
	ComputerName   string   `opt:"computer_name" doc:"Name of the machine."`
	FullName       string   `opt:"full_name" default:"Administrator" doc:"Name of the owner."`
	Organization   string   `opt:"organization_name" default:"Built by Packer" doc:"Organization of the owner."`
	ProductKey     string   `opt:"product_key" doc:"Product key."`
}

func (c *Customize) check() error {
	if c == nil {
		return nil
	}
	var errs []error
	if len(c.Interfaces) == 0 {
		errs = append(errs, template.Missing("customize.network_interface"))
	}
	var given []string
	names := []string{"linux_options", "windows_options", "windows_sysprep_file", "windows_sysprep_text"}
	for i, is := range []bool{c.Linux != nil, c.Windows != nil, c.SysprepFile != "", c.SysprepText != ""} {
		names[i] = "customize." + names[i]
		if is {
			given = append(given, names[i])
		}
	}
	switch {
	case len(given) == 0:
		errs = append(errs, template.Missing(names...))
	case len(given) > 1:
		errs = append(errs, template.At(given[1], fmt.Errorf("%s is given too: one of them counts", given[0])))
	}
	errs = append(errs, install.Deprecated("customize.windows_sysprep_file", c.SysprepFile != "", "use windows_sysprep_text"))
	if c.Linux != nil {
		if c.Linux.Hostname == "" {
			errs = append(errs, template.Missing("customize.linux_options.host_name"))
		}
		if c.Linux.Domain == "" {
			errs = append(errs, template.Missing("customize.linux_options.domain"))
		}
	}
	if c.Windows != nil && c.Windows.ComputerName == "" {
		errs = append(errs, template.Missing("customize.windows_options.computer_name"))
	}
	return errors.Join(errs...)
}
