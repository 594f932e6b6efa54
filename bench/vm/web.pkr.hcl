# The four steps of bench/image on a virtual machine, as a template for both Packer and
# Proofmark. "start" is a disk with root's public key, "steps" the directory bench/image.

variable "start" { type = string }
variable "key" { type = string }
variable "steps" { type = string }
variable "output" { type = string }
variable "accelerator" { type = string }
variable "run" { type = string }
variable "site" {
  type    = string
  default = "bench.example"
}

source "qemu" "web" {
  disk_image           = true
  iso_url              = var.start
  iso_checksum         = "none"
  disk_size            = "4G"
  format               = "qcow2"
  accelerator          = var.accelerator
  memory               = 1024
  cpus                 = 1
  headless             = true
  net_device           = "virtio-net"
  disk_interface       = "virtio"
  boot_wait            = "0s"
  ssh_username         = "root"
  ssh_private_key_file = var.key
  ssh_timeout          = "20m"
  shutdown_command     = "systemctl poweroff"
  output_directory     = var.output
  vm_name              = "web.qcow2"
}

build {
  sources = ["source.qemu.web"]

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
}
