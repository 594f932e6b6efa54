package proxmox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Medium is a boot_iso or additional_iso_files block: a file that Proxmox has, one to
// download, or one to make.
type Medium struct {
	install.ISO
	install.CD
	File        string `opt:"iso_file" doc:"Medium that Proxmox has: STORAGE:iso/NAME."`
	StoragePool string `opt:"iso_storage_pool" doc:"Where Proxmox keeps a medium that is downloaded or made."`
	DownloadPVE bool   `opt:"iso_download_pve" default:"false" doc:"Let Proxmox download the medium itself."`
	Type        string `opt:"type" default:"ide" doc:"Bus of the drive: ide, sata or scsi."`
	Index       string `opt:"index" doc:"Number of the drive on its bus; the first that is free by default."`
	Unmount     bool   `opt:"unmount" default:"false" doc:"Take the medium out of the result's drive."`
	KeepDrive   bool   `opt:"keep_cdrom_device" default:"false" doc:"Leave the empty drive in the result."`
	Device      string `opt:"device" doc:"Old: type and index, such as ide3."`
}

// Check validates the medium. Its options are named in; blocks are others that it may
// be given by.
func (c Medium) Check(in string, blocks ...string) error {
	made := c.CD.Given()
	ways := 0
	for _, given := range []bool{c.File != "", c.ISO.Given(), made} {
		if given {
			ways++
		}
	}
	sources := []string{in + "iso_file", in + "iso_url", in + "iso_urls"}
	if in != "" {
		sources = append(sources, in+"cd_files", in+"cd_content")
	}
	errs := []error{c.checkDevice(in), template.OneOf(in+"type", c.Type, "ide", "sata", "scsi")}
	switch {
	case ways == 0:
		errs = append(errs, template.Missing(append(sources, blocks...)...))
	case ways > 1:
		at := strings.TrimSuffix(in, ".")
		if at == "" {
			at = "iso_file"
		}
		errs = append(errs, template.At(at, errors.New("give one of iso_file, iso_url, and files of cd_files and cd_content")))
	case c.File != "":
		if pool, name, ok := strings.Cut(c.File, ":iso/"); !ok || pool == "" || name == "" {
			errs = append(errs, template.At(in+"iso_file", fmt.Errorf("%q is no medium that Proxmox has: write STORAGE:iso/NAME", c.File)))
		}
	case made:
		errs = append(errs, install.CheckPaths(in+"cd_files", c.CD.Files))
	default:
		errs = append(errs, install.CheckMedium(in+"iso", c.Medium()))
	}
	if ways == 1 && c.File == "" && c.StoragePool == "" {
		errs = append(errs, template.Missing(in+"iso_storage_pool"))
	}
	if c.DownloadPVE && ways > 0 && !c.ISO.Given() {
		errs = append(errs, template.IfKnown(template.At(in+"iso_download_pve", errors.New("there is no iso_url to download")), in+"iso_url", in+"iso_urls"))
	}
	return errors.Join(errs...)
}

// checkDevice checks the old way to write type and index.
func (c Medium) checkDevice(in string) error {
	for bus, most := range map[string]int{"ide": 3, "sata": 5, "scsi": 30} {
		number, ok := strings.CutPrefix(c.Device, bus)
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(number); err != nil || n < 0 || n > most {
			return template.At(in+"device", fmt.Errorf("%q is no device: %s has numbers 0 to %d", c.Device, bus, most))
		}
	}
	return install.Deprecated(in+"device", c.Device != "", "use type and index")
}
