# A template without checks, as any Packer template is. What it must become is in
# checks.yaml, and is attached on the command line:
#
#   proofmark build --verify examples/goss/checks.yaml examples/goss

source "rootfs" "plain" {
  suite    = "bookworm"
  variant  = "minbase"
  packages = ["systemd", "systemd-sysv", "dbus", "ca-certificates"]
}

build {
  sources = ["source.rootfs.plain"]

  provisioner "shell" {
    inline = [
      "useradd --create-home --shell /bin/bash deploy",
      "install -d -m 0750 -o deploy -g deploy /srv/app",
      "echo 'Welcome to a proven machine.' > /etc/motd",
    ]
  }
}
