# A machine for hypervisors: one build, and from it a disk for QEMU, KVM and OpenStack, and
# a machine that VMware and VirtualBox import. Both boot on a BIOS and on UEFI.

packer {
  required_version = ">= 1.7.0"
}

variable "suite" {
  type        = string
  default     = "bookworm"
  description = "Debian suite"
}

source "rootfs" "disk" {
  suite   = var.suite
  variant = "minbase"
  # A tree boots when it has an init system, a kernel, and what makes the kernel's initrd.
  packages = [
    "systemd-sysv", "dbus", "udev", "initramfs-tools", "zstd", "linux-image-cloud-amd64",
    "iproute2", "ca-certificates",
  ]
  image_name = "debian-disk"

  output {
    format    = "qcow2"
    disk_size = "4G"
    boot      = ["bios", "uefi"]
  }

  # The same disk, with a machine around it.
  output {
    format    = "ova"
    disk_size = "4G"
    cpus      = 2
    memory    = 2048
  }
}

build {
  labels  = { team = "platform", example = "disk" }
  sources = ["source.rootfs.disk"]

  # Addresses by DHCP, on whatever card the hypervisor has.
  provisioner "shell" {
    inline = [
      "printf '[Match]\\nType=ether\\n[Network]\\nDHCP=yes\\n' > /etc/systemd/network/20-wired.network",
      "systemctl enable systemd-networkd",
      "systemctl disable systemd-networkd-wait-online",
    ]
  }

  provisioner "shell" {
    inline = [
      "apt-get update -q",
      "DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends openssh-server",
      "echo 'PermitRootLogin prohibit-password' > /etc/ssh/sshd_config.d/10-keys-only.conf",
    ]
  }

  verify "inline" {
    service "ssh"               { enabled = true, running = true }
    service "systemd-networkd"  { enabled = true }
    port "tcp:22"               { listening = true }
    command "sshd -t"           { exit_status = 0 }
    file "/vmlinuz"             { exists = true }
    file "/initrd.img"          { exists = true }
  }
}
