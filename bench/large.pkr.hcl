# A step that adds 1 GiB which does not compress.

variable "base" { type = string }
variable "run"  { type = string }

source "rootfs" "large" {
  archive    = var.base
  image_name = "large"
}

build {
  sources = ["source.rootfs.large"]

  provisioner "shell" {
    inline = ["head -c 1G /dev/urandom > /srv/large-${var.run}"]
  }
}
