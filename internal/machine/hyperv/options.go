package hyperv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	Generation     int      `opt:"generation" default:"1" doc:"Generation of the machine: 1 or 2."`
	CPUs           int      `opt:"cpus" default:"1" doc:"Number of processors."`
	Memory         int      `opt:"memory" default:"1024" doc:"Memory in MiB, 32 to 32768."`
	DynamicMemory  bool     `opt:"enable_dynamic_memory" default:"false" doc:"Give the machine as much memory as it needs."`
	SecureBoot     bool     `opt:"enable_secure_boot" default:"false" doc:"Start only what is signed."`
	BootTemplate   string   `opt:"secure_boot_template" doc:"Whose signatures count, such as MicrosoftWindows or MicrosoftUEFICertificateAuthority."`
	Virtualization bool     `opt:"enable_virtualization_extensions" default:"false" doc:"Let the machine run machines itself."`
	TPM            bool     `opt:"enable_tpm" default:"false" doc:"Give the machine a TPM."`
	FirstBoot      string   `opt:"first_boot_device" doc:"What to start from first: NET, CD, DVD; in generation 1 also FLOPPY and IDE; in generation 2 also IDE:x:y and SCSI:x:y."`
	BootOrder      []string `opt:"boot_order" doc:"What to start from, in generation 2: devices such as SCSI:0:0."`
}

// generation is 1 for what is no generation.
func (c Hardware) generation() int {
	if c.Generation == 2 {
		return 2
	}
	return 1
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	errs := []error{
		install.AtLeast("cpus", c.CPUs, 0), install.Within("memory", c.Memory, 32, 32<<10),
		install.AtLeast("generation", c.Generation, 0),
	}
	if c.FirstBoot != "" && !isDevice(c.FirstBoot, c.generation()) {
		errs = append(errs, at("first_boot_device", fmt.Sprintf("%q is no device of a machine of generation %d", c.FirstBoot, c.generation()), "generation"))
	}
	return errors.Join(errs...)
}

func isDevice(name string, generation int) bool {
	name = strings.ToUpper(name)
	if generation == 1 {
		return slices.Contains([]string{"FLOPPY", "IDE", "NET", "CD", "DVD"}, name)
	}
	if slices.Contains([]string{"NET", "CD", "DVD"}, name) {
		return true
	}
	parts := strings.Split(name, ":")
	if len(parts) != 3 || parts[0] != "IDE" && parts[0] != "SCSI" {
		return false
	}
	return !slices.ContainsFunc(parts[1:], func(s string) bool {
		_, err := strconv.ParseUint(s, 10, 7)
		return err != nil
	})
}

// Network is the machine's network.
type Network struct {
	Switch      string `opt:"switch_name" doc:"Virtual switch; one that reaches the outside, or packer-NAME, by default."`
	SwitchVLAN  string `opt:"switch_vlan_id" doc:"VLAN of the switch."`
	VLAN        string `opt:"vlan_id" doc:"VLAN of the machine's network card."`
	MAC         string `opt:"mac_address" doc:"MAC address of the machine's network card, twelve hexadecimal digits."`
	MACSpoofing bool   `opt:"enable_mac_spoofing" default:"false" doc:"Let the machine send with other MAC addresses."`
}

// Check validates what tags cannot say.
func (c Network) Check() error {
	if c.SwitchVLAN == "" || c.SwitchVLAN == c.VLAN {
		return nil
	}
	return template.Warning(at("switch_vlan_id", "the switch sees nothing of a machine whose vlan_id is another one", "vlan_id"))
}

// Drives are the machine's disks and drives.
type Drives struct {
	BlockSize  int      `opt:"disk_block_size" default:"32" doc:"Size of the blocks of a disk in MiB, 1 to 256."`
	Additional []int    `opt:"disk_additional_size" doc:"Sizes of more disks in MiB, 64 at most."`
	Secondary  []string `opt:"secondary_iso_images" doc:"More media to attach: files."`
	GuestMode  string   `opt:"guest_additions_mode" doc:"attach: attach the medium of integration services; none or disable: do not."`
	GuestPath  string   `opt:"guest_additions_path" doc:"Medium of integration services; that of this host by default."`
}

// Check validates what tags cannot say.
func (c Drives) Check(generation int) error {
	errs := []error{install.Within("disk_block_size", c.BlockSize, 1, 256)}
	if len(c.Additional) > 64 {
		errs = append(errs, template.At("disk_additional_size", fmt.Errorf("%d disks are too many: at most 64", len(c.Additional))))
	}
	for i, size := range c.Additional {
		errs = append(errs, install.AtLeast(fmt.Sprintf("disk_additional_size[%d]", i), size, 0))
	}
	for i, file := range c.Secondary {
		errs = append(errs, checkPath(fmt.Sprintf("secondary_iso_images[%d]", i), file))
	}
	media := len(c.Secondary)
	if c.GuestMode == "attach" || c.GuestMode == "" && c.GuestPath != "" {
		media++
		errs = append(errs, checkPath("guest_additions_path", c.GuestPath))
	}
	switch {
	case generation == 1 && media > 2:
		errs = append(errs, at("secondary_iso_images", "a machine of generation 1 has place for two media, that of integration services included", "generation", "guest_additions_mode"))
	case generation == 2 && len(c.Secondary) > 16:
		errs = append(errs, at("secondary_iso_images", "a machine of generation 2 has place for 16 media", "generation"))
	}
	return errors.Join(errs...)
}

// checkPath wants a file that is given to exist, unless it can only exist on Windows.
func checkPath(option, path string) error {
	if strings.Contains(path, `\`) || len(path) > 1 && path[1] == ':' {
		return nil
	}
	return install.CheckPath(option, path)
}
