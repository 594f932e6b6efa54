provisioner "breakpoint" {
  disable = true
  note    = "before ${build.name}"
}
