# Debian, installed from its netboot kernel with a preseed file, the way public templates
# do it: an ISO boots, the answers' address is typed at its prompt, and the installer
# fetches everything else.

variable "iso" {
  type        = string
  description = "what nightly/iso.sh makes"
}
variable "mirror" {
  type        = string
  default     = "deb.debian.org"
  description = "host that has Debian below /debian"
}
variable "proxy" {
  type    = string
  default = ""
}

source "qemu" "debian" {
  iso_url          = var.iso
  iso_checksum     = "file:${var.iso}.sha256"
  disk_size        = "4G"
  disk_compression = true
  memory           = 1024
  headless         = true
  http_directory   = "${path.root}/http"
  boot_wait        = "10s"
  boot_command = [
    "<esc><wait>",
    "install auto=true priority=critical url=http://{{ .HTTPIP }}:{{ .HTTPPort }}/preseed.cfg ",
    "hostname=debian domain=example.org ",
    "mirror/http/hostname=${var.mirror} mirror/http/proxy=${var.proxy} ",
    "DEBIAN_FRONTEND=text console=ttyS0,115200n8 mitigations=off",
    "<enter>",
  ]
  ssh_username     = "build"
  ssh_password     = "build"
  ssh_timeout      = "4h"
  shutdown_command = "sudo poweroff"
  output_directory = "build/nightly/debian"
}

build {
  sources = ["source.qemu.debian"]

  provisioner "shell" {
    inline = ["uname -a", "df -h /", "sudo apt-get clean"]
  }

  verify "inline" {
    package "openssh-server" { installed = true }
    service "ssh"            { enabled = true, running = true }
    user "build"             { exists = true }
    port "tcp:22"            { listening = true }
  }
}
