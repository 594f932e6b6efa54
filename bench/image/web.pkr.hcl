# Four steps on a base archive: packages, a user, files, settings. A new value of
# "run" makes all of them run again, one of "site" only the last, and one of "proof"
# none, but the gates.

variable "base" { type = string }
variable "run"  { type = string }
variable "site" {
  type    = string
  default = "bench.example"
}
variable "proof" {
  type    = string
  default = "0"
}
variable "services" {
  type    = bool
  default = false
}
variable "image" {
  type    = string
  default = "bench"
}

source "rootfs" "web" {
  archive        = var.base
  image_name     = var.image
  start_services = var.services
}

build {
  sources = ["source.rootfs.web"]

  provisioner "shell" {
    script           = "${path.root}/packages.sh"
    environment_vars = ["RUN=${var.run}"]
  }
  provisioner "shell" {
    script = "${path.root}/user.sh"
  }
  provisioner "file" {
    source      = "${path.root}/site"
    destination = "/srv"
  }
  provisioner "shell" {
    script           = "${path.root}/configure.sh"
    environment_vars = ["SITE_NAME=${var.site}"]
  }

  verify "inline" {
    package "nginx"  { installed = true }
    service "nginx"  { enabled = true, running = true }
    port "tcp:80"    { listening = true }
    user "site"      { exists = true, home = "/srv/site", shell = "/usr/sbin/nologin" }
    file "/srv/site" { owner = "site", mode = "0755" }
    file "/etc/nginx/sites-enabled/site" { contains = [var.site] }
    command "nginx -t" { exit_status = 0 }
    command "proof"    { exec = "echo ${var.proof}", exit_status = 0 }
  }
}
