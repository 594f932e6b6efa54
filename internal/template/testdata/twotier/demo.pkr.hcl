# A Debian base image, and a web server made from it.
packer {
  required_version = ">= 1.7.0"
}

variable "mirror" {
  type    = string
  default = ""
}

source "rootfs" "base" {
  suite    = "bookworm"
  variant  = "minbase"
  packages = ["systemd", "systemd-sysv"]
  labels   = { tier = "base" }
}

source "rootfs" "web" {
  parent         = "base"
  start_services = true
  output {
    format = "tar.zst"
  }
}

build {
  name    = "demo"
  labels  = { team = "platform" }
  sources = ["source.rootfs.base", "source.rootfs.web"]

  provisioner "shell" {
    only             = ["rootfs.web"]
    inline           = ["apt-get update", "apt-get install -y nginx"]
    environment_vars = ["A=${var.mirror}", "HOST={{build `Host`}}"]
    pause_before     = "1s"
    override = {
      web = { inline = ["apt-get install -y nginx-light", "echo ${build.ID}"] }
    }
  }

  provisioner "file" {
    only        = ["rootfs.web"]
    source      = "${path.root}/site/"
    destination = "/var/www/html"
  }

  verify "goss" { file = "goss.yaml" }

  verify "inline" {
    only = ["rootfs.web"]
    service "nginx"                { enabled = true, running = true }
    file "/etc/nginx/nginx.conf"   { mode = "0644", owner = "root", contains = ["worker_processes"] }
    command "nginx -t"             { exit_status = 0 }
  }

  post-processor "manifest" {
    output = "manifest.json"
  }
}
