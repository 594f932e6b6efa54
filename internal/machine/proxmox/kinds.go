package proxmox

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Getenv returns a variable of the environment, as os.Getenv does.
type Getenv func(name string) string

// ISO is the kind of machines that are installed from a medium.
func ISO(env Getenv) template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("proxmox-iso", "machines of Proxmox VE, installed from a medium",
		func(c ISOConfig) error { return c.Check(env) })
}

// Old is ISO by its old name.
func Old(env Getenv) template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("proxmox", "the old name of proxmox-iso", func(c ISOConfig) error {
		return errors.Join(template.Warning(errors.New("the type proxmox is old: use proxmox-iso")), c.Check(env))
	})
}

// Clone is the kind of machines that are cloned from others.
func Clone(env Getenv) template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("proxmox-clone", "machines of Proxmox VE, cloned from others",
		func(c CloneConfig) error { return c.Check(env) })
}

// ISOConfig is a source block of type proxmox-iso.
type ISOConfig struct {
	BootISO *Medium `opt:"boot_iso" doc:"Medium to install from."`

	install.ISO
	File        string `opt:"iso_file" doc:"Old: iso_file of boot_iso."`
	StoragePool string `opt:"iso_storage_pool" doc:"Old: iso_storage_pool of boot_iso."`
	DownloadPVE bool   `opt:"iso_download_pve" doc:"Old: iso_download_pve of boot_iso."`
	Unmount     bool   `opt:"unmount_iso" doc:"Old: unmount of boot_iso."`
	Common
}

// Check validates what tags cannot say.
func (c ISOConfig) Check(env Getenv) error {
	return errors.Join(c.Common.Check(env), c.checkBoot())
}

// checkBoot checks the medium, of which each part may be given inside the block or, in
// the old way, outside.
func (c ISOConfig) checkBoot() error {
	if c.BootISO == nil {
		old := Medium{ISO: c.ISO, File: c.File, StoragePool: c.StoragePool, DownloadPVE: c.DownloadPVE}
		return errors.Join(old.Check("", "boot_iso"),
			install.Deprecated("iso_file", c.File != "", "move it, and the other options of the medium, into a boot_iso block"),
			install.Deprecated("iso_url", c.URL != "", "move it, and the other options of the medium, into a boot_iso block"))
	}
	m := *c.BootISO
	if c.Given() {
		m.URL, m.URLs = c.URL, c.URLs
	}
	for _, o := range []struct {
		inside *string
		old    string
	}{
		{&m.Checksum, c.Checksum}, {&m.File, c.File}, {&m.StoragePool, c.StoragePool},
	} {
		if o.old != "" {
			*o.inside = o.old
		}
	}
	m.DownloadPVE = m.DownloadPVE || c.DownloadPVE
	return m.Check("boot_iso.")
}

// CloneConfig is a source block of type proxmox-clone.
type CloneConfig struct {
	CloneVM      string     `opt:"clone_vm" doc:"Name of the machine or template to clone."`
	CloneVMID    int        `opt:"clone_vm_id" doc:"Id of the machine or template to clone, 100 to 999999999."`
	FullClone    *bool      `opt:"full_clone" doc:"Copy the disks; true by default."`
	Nameserver   string     `opt:"nameserver" doc:"Addresses of name servers for cloud-init, separated by blanks."`
	SearchDomain string     `opt:"searchdomain" doc:"Search domain for cloud-init."`
	IPs          []IPConfig `opt:"ipconfig" doc:"Addresses for cloud-init, one block for each network card."`
	Common
}

// IPConfig is an ipconfig block.
type IPConfig struct {
	IP       string `opt:"ip" doc:"IPv4 address with the length of its network, or dhcp."`
	Gateway  string `opt:"gateway" doc:"IPv4 address of the gateway."`
	IP6      string `opt:"ip6" doc:"IPv6 address with the length of its network, dhcp or auto."`
	Gateway6 string `opt:"gateway6" doc:"IPv6 address of the gateway."`
}

// Check validates what tags cannot say.
func (c CloneConfig) Check(env Getenv) error {
	errs := []error{c.Common.Check(env), checkID("clone_vm_id", c.CloneVMID)}
	switch {
	case c.CloneVM == "" && c.CloneVMID == 0:
		errs = append(errs, template.Missing("clone_vm", "clone_vm_id"))
	case c.CloneVM != "" && c.CloneVMID != 0:
		errs = append(errs, template.At("clone_vm_id", errors.New("give either clone_vm or clone_vm_id, not both")))
	}
	if c.Nameserver != "" {
		for s := range strings.SplitSeq(c.Nameserver, " ") {
			errs = append(errs, checkAddress("nameserver", s))
		}
	}
	for i, ip := range c.IPs {
		at := fmt.Sprintf("ipconfig[%d].", i)
		errs = append(errs,
			checkNetwork(at+"ip", ip.IP, "dhcp"), checkNetwork(at+"ip6", ip.IP6, "dhcp", "auto"),
			checkAddress(at+"gateway", ip.Gateway), checkAddress(at+"gateway6", ip.Gateway6))
	}
	if n := len(c.NICs); n < len(c.IPs) {
		errs = append(errs, template.IfKnown(
			template.At(fmt.Sprintf("ipconfig[%d]", n), fmt.Errorf("there are only %d network_adapters", n)), "network_adapters"))
	}
	return errors.Join(errs...)
}

func checkAddress(option, s string) error {
	if s == "" {
		return nil
	}
	_, err := netip.ParseAddr(s)
	return template.At(option, err)
}

func checkNetwork(option, s string, words ...string) error {
	for _, w := range append(words, "") {
		if s == w {
			return nil
		}
	}
	_, err := netip.ParsePrefix(s)
	return template.At(option, err)
}

func checkID(option string, id int) error { return install.Within(option, id, 100, 999999999) }
