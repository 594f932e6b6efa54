variable "name" { default = "web" }
variable "version" { default = "1.2.3" }
variable "packages" {
  type    = list(string)
  default = ["nginx", "curl"]
}

locals {
  full  = "${var.name}-${var.version}"
  lines = [for p in var.packages : upper(p)]
}

source "null" "probe" {
  communicator = "none"
}

source "file" "note" {
  content = join("\n", local.lines)
  target  = "${local.full}.txt"
}

build {
  sources = ["source.null.probe", "source.file.note"]

  provisioner "shell-local" {
    inline           = ["echo ${local.full}", "true"]
    environment_vars = ["NAME=${var.name}"]
  }
  provisioner "shell" {
    inline       = [for p in var.packages : "apt-get install -y ${p}"]
    pause_before = "5s"
  }
  provisioner "shell" {
    inline          = ["systemctl enable ${var.name}"]
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E {{.Path}}"
  }
  post-processor "manifest" {}
  post-processors {
    post-processor "checksum" { checksum_types = ["sha256"] }
  }
}
