# The four steps of bench/image, and a disk made of their tree.

variable "base" { type = string }
variable "steps" { type = string }
variable "run" { type = string }
variable "site" {
  type    = string
  default = "bench.example"
}
variable "proof" {
  type    = string
  default = "0"
}
variable "image" {
  type    = string
  default = "bench-disk"
}
variable "boot" {
  type    = bool
  default = false
}

source "rootfs" "web" {
  archive    = var.base
  image_name = var.image

  output {
    format         = "qcow2"
    disk_size      = "4G"
    compress       = false # like the others'
    kernel_options = ["mitigations=off"]
    prove_boot     = var.boot
  }
}

build {
  sources = ["source.rootfs.web"]

  provisioner "shell" {
    script           = "${var.steps}/packages.sh"
    environment_vars = ["RUN=${var.run}"]
  }
  provisioner "shell" {
    script = "${var.steps}/user.sh"
  }
  provisioner "file" {
    source      = "${var.steps}/site"
    destination = "/srv"
  }
  provisioner "shell" {
    script           = "${var.steps}/configure.sh"
    environment_vars = ["SITE_NAME=${var.site}"]
  }

  verify "inline" {
    package "nginx" { installed = true }
    service "nginx" { enabled = true, running = true }
  }
  verify "inline" {
    retry_timeout = "0s"
    command "proof" { exec = "echo ${var.proof}", exit_status = 0 }
  }
}
