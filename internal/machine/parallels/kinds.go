package parallels

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the kind of machines that are installed from a medium.
func ISO() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("parallels-iso", "machines of Parallels Desktop, installed from a medium", ISOConfig.Check)
}

// PVM is the kind of machines that are cloned from others.
func PVM() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("parallels-pvm", "machines of Parallels Desktop, cloned from a PVM directory", PVMConfig.Check)
}

// IPSW is the kind of macOS machines that are installed from a restore image.
func IPSW() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("parallels-ipsw", "machines of Parallels Desktop with macOS, installed from an IPSW file", IPSWConfig.Check)
}

// MacVM is the kind of macOS machines that are cloned from others.
func MacVM() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("parallels-macvm", "machines of Parallels Desktop with macOS, cloned from a MACVM directory", MacVMConfig.Check)
}

// ISOConfig is a source block of type parallels-iso.
type ISOConfig struct {
	install.ISO
	install.HTTP
	install.Floppy
	install.CD
	GuestOSType    string   `opt:"guest_os_type" default:"other" doc:"System that is installed, as prlctl create --distribution names it."`
	DiskSize       int      `opt:"disk_size" default:"40000" doc:"Size of the disk in MiB."`
	DiskType       string   `opt:"disk_type" default:"expand" doc:"expand: a disk that grows; plain: one of full size."`
	Interface      string   `opt:"hard_drive_interface" default:"sata" doc:"Controller of the disk: ide, sata or scsi."`
	HostInterfaces []string `opt:"host_interfaces" doc:"Network interfaces of this host, the first of which with an address gives HTTPIP; en0, en1 and so on by default."`
	SkipCompaction bool     `opt:"skip_compaction" default:"false" doc:"Leave the disk as large as it has become."`
	Hardware
	Tools
	Common
}

// Check validates what tags cannot say.
func (c ISOConfig) Check() error {
	return errors.Join(
		c.ISO.Check(), c.HTTP.Check(), c.Floppy.Check(), c.CD.Check(), c.Hardware.Check(), c.Tools.Check(), c.Common.Check(),
		install.AtLeast("disk_size", c.DiskSize, 0),
		template.OneOf("disk_type", c.DiskType, "expand", "plain"),
		template.OneOf("hard_drive_interface", c.Interface, "ide", "sata", "scsi"))
}

// PVMConfig is a source block of type parallels-pvm.
type PVMConfig struct {
	install.Floppy
	install.CD
	SourcePath     string `opt:"source_path,required" doc:"PVM directory of the machine to clone."`
	ReassignMAC    bool   `opt:"reassign_mac" default:"false" doc:"Give the clone a MAC address of its own."`
	SkipCompaction bool   `opt:"skip_compaction" default:"false" doc:"Leave the disk as large as it has become."`
	Tools
	Common
}

// Check validates what tags cannot say.
func (c PVMConfig) Check() error {
	return errors.Join(
		c.Floppy.Check(), c.CD.Check(), c.Tools.Check(), c.Common.Check(),
		install.CheckPath("source_path", c.SourcePath))
}

// IPSWConfig is a source block of type parallels-ipsw.
type IPSWConfig struct {
	install.HTTP
	Checksum       string   `opt:"ipsw_checksum" doc:"Digest of the restore image: type:hex, bare hex, file:URL of a list of digests, or none."`
	URL            string   `opt:"ipsw_url" doc:"URL or path of the restore image."`
	URLs           []string `opt:"ipsw_urls" doc:"Several places of the same restore image, tried in this order."`
	TargetPath     string   `opt:"ipsw_target_path" doc:"File to download to, instead of one in the cache."`
	DiskSize       int      `opt:"disk_size" default:"40000" doc:"Size of the disk in MiB."`
	HostInterfaces []string `opt:"host_interfaces" doc:"Network interfaces of this host, the first of which with an address gives HTTPIP; en0, en1 and so on by default."`
	Hardware
	Screens
	Common
}

// Check validates what tags cannot say.
func (c IPSWConfig) Check() error {
	return errors.Join(
		install.CheckMedium("ipsw", install.Medium{URL: c.URL, URLs: c.URLs, Checksum: c.Checksum}),
		c.HTTP.Check(), c.Hardware.Check(), c.Screens.Check(), c.Common.Check(), c.checkMac(),
		install.AtLeast("disk_size", c.DiskSize, 0))
}

// MacVMConfig is a source block of type parallels-macvm.
type MacVMConfig struct {
	SourcePath  string `opt:"source_path,required" doc:"MACVM directory of the machine to clone."`
	ReassignMAC bool   `opt:"reassign_mac" default:"false" doc:"Give the clone a MAC address of its own."`
	Screens
	Common
}

// Check validates what tags cannot say.
func (c MacVMConfig) Check() error {
	return errors.Join(c.Screens.Check(), c.Common.Check(), c.checkMac(), install.CheckPath("source_path", c.SourcePath))
}

// Common is what the kinds share.
type Common struct {
	install.Boot
	install.Output
	install.Shutdown
	connect.Config
	VMName      string            `opt:"vm_name" doc:"Name of the machine while it is built and of the result; packer-NAME by default."`
	Before      [][]template.Late `opt:"prlctl" doc:"Commands of prlctl to run before the machine starts, as lists of arguments; {{.Name}} is the machine's."`
	After       [][]template.Late `opt:"prlctl_post" doc:"Commands of prlctl to run when the machine is off; {{.Name}} is the machine's."`
	VersionFile string            `opt:"prlctl_version_file" default:".prlctl_version" doc:"File of the machine into which the version of prlctl is written."`
	StartupView string            `opt:"startup_view" doc:"How the machine is shown: same, window, coherence, fullscreen, modality or headless."`
	WindowClose string            `opt:"on_window_close" doc:"What closing its window does: suspend, shutdown, stop, ask or keep-running."`
}

// Check validates what tags cannot say.
func (c Common) Check() error {
	return errors.Join(
		c.Boot.Check(install.HTTPIP, install.HTTPPort, install.Name),
		c.Shutdown.Check(), c.Config.Check(connect.Rules{}),
		install.CheckCommands("prlctl", c.Before, install.Name),
		install.CheckCommands("prlctl_post", c.After, install.Name),
		template.OneOf("startup_view", c.StartupView, "same", "window", "coherence", "fullscreen", "modality", "headless"),
		template.OneOf("on_window_close", c.WindowClose, "suspend", "shutdown", "stop", "ask", "keep-running"))
}

// checkMac refuses what machines with macOS do not have.
func (c Common) checkMac() error {
	switch c.StartupView {
	case "coherence", "fullscreen", "modality":
		return template.At("startup_view", errors.New("a machine with macOS is shown as same, window or headless"))
	}
	return nil
}
