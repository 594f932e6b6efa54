package proxmox

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Devices are the machine's devices.
type Devices struct {
	NICs    []NIC    `opt:"network_adapters" doc:"Network cards."`
	Disks   []Disk   `opt:"disks" doc:"Disks."`
	PCI     []PCI    `opt:"pci_devices" doc:"PCI devices of the node that the machine is given."`
	Serials []string `opt:"serials" doc:"Serial ports, four at most: devices of the node such as /dev/ttyS0, or socket."`
	RNG     *RNG     `opt:"rng0" doc:"Source of random numbers."`
	TPM     *TPM     `opt:"tpm_config" doc:"TPM."`
	EFI     *EFI     `opt:"efi_config" doc:"Disk for the variables of EFI."`
	EFIDisk string   `opt:"efidisk" doc:"Old: efi_storage_pool of efi_config."`
}

// NIC is a network_adapters block.
type NIC struct {
	Model    string `opt:"model" default:"e1000" doc:"Kind of network card: e1000, virtio, rtl8139, vmxnet3 …"`
	Bridge   string `opt:"bridge" doc:"Bridge of the node that it is connected to."`
	MAC      string `opt:"mac_address" doc:"Its MAC address; a random one by default."`
	MTU      int    `opt:"mtu" doc:"Greatest packet, up to 65520; 1 takes that of the bridge."`
	VLAN     string `opt:"vlan_tag" doc:"Its VLAN."`
	Queues   int    `opt:"packet_queues" doc:"Number of packet queues, for virtio."`
	Firewall bool   `opt:"firewall" default:"false" doc:"Put the server's firewall before it."`
}

// Disk is a disks block.
type Disk struct {
	Type              string `opt:"type" default:"scsi" doc:"Bus: scsi, sata, virtio or ide."`
	StoragePool       string `opt:"storage_pool" doc:"Storage pool of the disk."`
	StoragePoolType   string `opt:"storage_pool_type" doc:"Old: the server knows it."`
	Size              string `opt:"disk_size" default:"20G" doc:"Size with its unit."`
	Cache             string `opt:"cache_mode" default:"none" doc:"How writes are cached: none, writethrough, writeback, unsafe or directsync."`
	Format            string `opt:"format" default:"raw" doc:"Format: raw, qcow2, vmdk …"`
	IOThread          bool   `opt:"io_thread" default:"false" doc:"Serve the disk in a thread of its own; needs virtio-scsi-single."`
	AsyncIO           string `opt:"asyncio" default:"io_uring" doc:"How the disk is served: native, threads or io_uring."`
	ExcludeFromBackup bool   `opt:"exclude_from_backup" default:"false" doc:"Leave the disk out of backups."`
	Discard           bool   `opt:"discard" default:"false" doc:"Give back blocks that the machine discards."`
	SSD               bool   `opt:"ssd" default:"false" doc:"Tell the machine that the disk does not rotate."`
}

// RNG is a rng0 block.
type RNG struct {
	Source   string `opt:"source" doc:"/dev/urandom, /dev/random or /dev/hwrng of the node."`
	MaxBytes int    `opt:"max_bytes" doc:"How many bytes the machine may have in each period; 0 sets no limit."`
	Period   int    `opt:"period" doc:"Length of a period in milliseconds."`
}

// TPM is a tpm_config block.
type TPM struct {
	StoragePool string `opt:"tpm_storage_pool" doc:"Storage pool of its state."`
	Version     string `opt:"tpm_version" default:"v2.0" doc:"v1.2 or v2.0."`
}

// EFI is an efi_config block.
type EFI struct {
	StoragePool string `opt:"efi_storage_pool" doc:"Storage pool of the disk."`
	Format      string `opt:"efi_format" doc:"Format of the disk: raw, qcow2 …; raw by default."`
	Enrolled    bool   `opt:"pre_enrolled_keys" default:"false" doc:"Have the keys of secure boot in it."`
	Type        string `opt:"efi_type" doc:"Size of the firmware: 2m or 4m; 4m by default."`
}

// Check validates what tags cannot say.
func (c Devices) Check(h Hardware) error {
	var errs []error
	for i, n := range c.NICs {
		errs = append(errs, n.check(fmt.Sprintf("network_adapters[%d].", i)))
	}
	for i, d := range c.Disks {
		errs = append(errs, d.check(fmt.Sprintf("disks[%d].", i), h))
	}
	for i, p := range c.PCI {
		errs = append(errs, p.check(fmt.Sprintf("pci_devices[%d].", i), h))
	}
	if len(c.Serials) > 4 {
		errs = append(errs, template.At("serials", fmt.Errorf("%d ports are too many: at most 4", len(c.Serials))))
	}
	for i, s := range c.Serials {
		if device, ok := strings.CutPrefix(s, "/dev/"); s != "" && s != "socket" && (!ok || device == "") {
			errs = append(errs, template.At(fmt.Sprintf("serials[%d]", i), fmt.Errorf("%q is neither a device such as /dev/ttyS0 nor socket", s)))
		}
	}
	return errors.Join(append(errs, c.RNG.check(), c.TPM.check(), c.EFI.check(c.EFIDisk))...)
}

func (c NIC) check(in string) error {
	errs := []error{install.AtLeast(in+"mtu", c.MTU, 0), install.AtMost(in+"mtu", c.MTU, 65520)}
	if c.Bridge == "" {
		errs = append(errs, template.Missing(in+"bridge"))
	}
	if c.Queues > 0 && c.Model != "virtio" {
		errs = append(errs, template.IfKnown(template.At(in+"packet_queues", errors.New("only a card of model virtio has them")), in+"model"))
	}
	return errors.Join(errs...)
}

func (c Disk) check(in string, h Hardware) error {
	errs := []error{
		template.OneOf(in+"asyncio", c.AsyncIO, "native", "threads", "io_uring"),
		install.Deprecated(in+"storage_pool_type", c.StoragePoolType != "", "leave it out"),
	}
	if c.StoragePool == "" {
		errs = append(errs, template.Missing(in+"storage_pool"))
	}
	if c.IOThread && h.Controller != "virtio-scsi-single" {
		errs = append(errs, template.IfKnown(template.At(in+"io_thread", errors.New("it needs the scsi_controller virtio-scsi-single")), "scsi_controller"))
	}
	if c.IOThread && (c.Type == "ide" || c.Type == "sata") {
		errs = append(errs, template.IfKnown(template.At(in+"io_thread", errors.New("it needs a disk of type scsi or virtio")), in+"type"))
	}
	if c.SSD && c.Type == "virtio" {
		errs = append(errs, template.IfKnown(template.At(in+"ssd", errors.New("a disk of type virtio cannot be shown so")), in+"type"))
	}
	return errors.Join(errs...)
}

func (c *RNG) check() error {
	if c == nil {
		return nil
	}
	errs := []error{
		template.OneOf("rng0.source", c.Source, "/dev/urandom", "/dev/random", "/dev/hwrng"),
		install.AtLeast("rng0.max_bytes", c.MaxBytes, 0), install.AtLeast("rng0.period", c.Period, 0),
	}
	if c.Source == "" {
		errs = append(errs, template.Missing("rng0.source"))
	}
	if c.MaxBytes == 0 {
		errs = append(errs, template.Warning(template.IfKnown(
			template.At("rng0", errors.New("without max_bytes the machine may use up the random numbers of the node")), "rng0.max_bytes")))
	}
	return errors.Join(errs...)
}

func (c *TPM) check() error {
	if c == nil {
		return nil
	}
	err := template.OneOf("tpm_config.tpm_version", c.Version, "v1.2", "v2.0")
	if c.StoragePool == "" {
		err = errors.Join(err, template.Missing("tpm_config.tpm_storage_pool"))
	}
	return err
}

func (c *EFI) check(old string) error {
	if old != "" && c != nil {
		return template.At("efidisk", errors.New("give efi_config alone"))
	}
	if c != nil && c.StoragePool == "" && (c.Type != "" || c.Enrolled) {
		return template.Missing("efi_config.efi_storage_pool")
	}
	return install.Deprecated("efidisk", old != "", "use efi_config")
}

// PCI is a pci_devices block.
type PCI struct {
	Host        string `opt:"host" doc:"Address of the device on the node, such as 0000:0d:00.1."`
	Mapping     string `opt:"mapping" doc:"Name of a mapped device of the cluster, instead of host."`
	DeviceID    string `opt:"device_id" doc:"Device id that the machine sees."`
	VendorID    string `opt:"vendor_id" doc:"Vendor id that the machine sees."`
	SubDeviceID string `opt:"sub_device_id" doc:"Subsystem's device id that the machine sees."`
	SubVendorID string `opt:"sub_vendor_id" doc:"Subsystem's vendor id that the machine sees."`
	LegacyIGD   bool   `opt:"legacy_igd" default:"false" doc:"Make it the machine's first graphics card; needs a machine of kind pc and no vga."`
	PCIe        bool   `opt:"pcie" default:"false" doc:"Show it as PCI Express; needs a machine of kind q35."`
	MDEV        string `opt:"mdev" doc:"Kind of mediated device."`
	HideROMBar  bool   `opt:"hide_rombar" default:"false" doc:"Hide its ROM."`
	ROMFile     string `opt:"romfile" doc:"ROM to show instead, a file in the node's /usr/share/kvm."`
	XVGA        bool   `opt:"x_vga" default:"false" doc:"Use it as graphics card."`
}

func (c PCI) check(in string, h Hardware) error {
	var errs []error
	switch {
	case c.Host == "" && c.Mapping == "":
		errs = append(errs, template.Missing(in+"host", in+"mapping"))
	case c.Host != "" && c.Mapping != "":
		errs = append(errs, template.At(in+"mapping", errors.New("give either host or mapping, not both")))
	}
	if c.Host != "" && !isPCIAddress(c.Host) {
		errs = append(errs, template.At(in+"host", fmt.Errorf("%q is no PCI address, such as 0000:0d:00.1", c.Host)))
	}
	if c.LegacyIGD && h.Machine != "pc" && !strings.HasPrefix(h.Machine, "pc-i440fx") {
		errs = append(errs, template.IfKnown(template.At(in+"legacy_igd", errors.New("it needs machine = pc, or a version of pc-i440fx")), "machine"))
	}
	if c.LegacyIGD && h.VGA.Type != "none" {
		errs = append(errs, template.IfKnown(template.At(in+"legacy_igd", errors.New("it needs a vga of type none")), "vga.type"))
	}
	if c.PCIe && h.Machine != "q35" && !strings.HasPrefix(h.Machine, "pc-q35") {
		errs = append(errs, template.IfKnown(template.At(in+"pcie", errors.New("it needs machine = q35, or a version of it")), "machine"))
	}
	return errors.Join(errs...)
}

// isPCIAddress tells whether s is [domain:]bus:device.function.
func isPCIAddress(s string) bool {
	rest, function, ok := strings.Cut(s, ".")
	parts := strings.Split(rest, ":")
	lengths := []int{4, 2, 2}
	if !ok || len(function) != 1 || len(parts) < 2 || len(parts) > 3 {
		return false
	}
	lengths = lengths[3-len(parts):]
	for i, p := range parts {
		if len(p) != lengths[i] {
			return false
		}
	}
	return !slices.ContainsFunc(append(parts, function), func(p string) bool { return strings.Trim(p, "0123456789abcdefABCDEF") != "" })
}
