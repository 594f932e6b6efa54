package disk

// File is one that a tree gets so that its disk works: Text, or a link to Target.
type File struct {
	Path, Text, Target string
}

const (
	growUnit   = "proofmark-grow-root.service"
	growScript = "/usr/lib/proofmark/grow-root"
)

// Grow lists what makes a machine grow its root file system to the size of its disk,
// whenever it starts. The tree needs systemd, and systemd-repart or growpart.
func Grow() []File {
	return []File{
		{Path: growScript, Text: `# Grow the partition of the root file system, and then the file system itself.
# Either does nothing where there is nothing to gain.
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
number=$(stat -c %d /)
device=/sys/dev/block/$((number >> 8 & 0xfff)):$((number & 0xff | number >> 12 & 0xfff00))
part=$(cat "$device/partition") || exit 0
name=/dev/$(sed -n s/^DEVNAME=//p "$device/uevent")
disk=$(readlink -f "$device/..")
disk=/dev/${disk##*/}
if command -v growpart >/dev/null; then
	growpart "$disk" "$part" || [ $? = 1 ] || exit
elif command -v systemd-repart >/dev/null; then
	systemd-repart --dry-run=no --definitions=/usr/lib/proofmark/repart.d "$disk" || exit
fi
if [ -x /lib/systemd/systemd-growfs ]; then
	exec /lib/systemd/systemd-growfs /
fi
exec resize2fs "$name"
`},
		{Path: "/usr/lib/proofmark/repart.d/root.conf", Text: "[Partition]\nType=root\n"},
		{Path: "/etc/systemd/system/" + growUnit, Text: `[Unit]
Description=Grow the root file system to the size of its disk
DefaultDependencies=no
ConditionVirtualization=!container
ConditionPathIsReadWrite=/
After=systemd-remount-fs.service systemd-udevd.service
Before=local-fs.target shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh ` + growScript + `

[Install]
WantedBy=local-fs.target
`},
		{Path: "/etc/systemd/system/local-fs.target.wants/" + growUnit, Target: "/etc/systemd/system/" + growUnit},
	}
}

// Growers are the programs of which a tree needs one for what Grow lists.
func Growers() []string {
	return []string{"/usr/bin/growpart", "/usr/bin/systemd-repart", "/bin/systemd-repart"}
}
