# Two tiers: a small Debian base image, and a web server image made from it.
# The base changes rarely and is proven once; the web image starts from the proven
# bytes of the base, so that a new site is a new image within seconds.

packer {
  required_version = ">= 1.7.0"
}

variable "suite" {
  type        = string
  default     = "bookworm"
  description = "Debian suite of the base image"
}

variable "site_name" {
  type    = string
  default = "proofmark.example"
}

source "rootfs" "base" {
  suite      = var.suite
  variant    = "minbase"
  packages   = ["systemd", "systemd-sysv", "dbus", "ca-certificates"]
  image_name = "debian-base"
  labels     = { tier = "base" }
}

source "rootfs" "web" {
  parent         = "debian-base"
  image_name     = "web"
  start_services = true
  labels         = { tier = "web" }
}

build {
  labels  = { team = "platform", example = "web" }
  sources = ["source.rootfs.base", "source.rootfs.web"]

  # The base: settings that every image has.
  provisioner "shell" {
    only   = ["rootfs.base"]
    inline = ["echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/10no-recommends"]
  }

  # The web server, from its own package.
  provisioner "shell" {
    only   = ["rootfs.web"]
    inline = [
      "apt-get update -q",
      "DEBIAN_FRONTEND=noninteractive apt-get install -qy nginx curl",
    ]
  }

  # A user that owns the site and can do nothing else.
  provisioner "shell" {
    only   = ["rootfs.web"]
    inline = ["useradd --system --user-group --home-dir /srv/site --shell /usr/sbin/nologin site"]
  }

  provisioner "file" {
    only        = ["rootfs.web"]
    source      = "${path.root}/site"
    destination = "/srv"
  }

  provisioner "shell" {
    only             = ["rootfs.web"]
    script           = "${path.root}/harden.sh"
    environment_vars = ["SITE_NAME=${var.site_name}"]
  }

  verify "inline" {
    only = ["rootfs.base"]
    package "systemd" { installed = true }
    file "/etc/apt/apt.conf.d/10no-recommends" { contains = ["Install-Recommends"] }
    command "apt-config dump APT::Install-Recommends" { exit_status = 0, stdout = ["false"] }
  }

  verify "goss" {
    only = ["rootfs.web"]
    file = "${path.root}/goss.yaml"
  }

  verify "serverspec" {
    only  = ["rootfs.web"]
    paths = ["${path.root}/spec/*_spec.rb"]
  }

  verify "inline" {
    only = ["rootfs.web"]
    service "nginx"     { enabled = true, running = true }
    command "nginx -t"  { exit_status = 0 }
    file "/srv/site"    { owner = "site", mode = "0755" }
  }
}
