# The disk that builds of virtual machines start from.

variable "base" { type = string }
variable "output" { type = string }

source "rootfs" "start" {
  archive    = var.base
  image_name = "bench-start"

  output {
    format         = "qcow2"
    disk_size      = "4G"
    compress       = false
    boot           = ["bios"]
    kernel_options = ["mitigations=off"]
    prove_boot     = false
    directory      = var.output
  }
}

build {
  sources = ["source.rootfs.start"]
}
