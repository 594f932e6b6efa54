package build_test

// parentAndChild is a template of two builds, the second from the image of the first.
const parentAndChild = `
source "fake" "base" {}
source "fake" "web" { parent = "base" }
build {
  sources = ["source.fake.web", "source.fake.base"]
  provisioner "shell" {
    only   = ["fake.base"]
    inline = ["echo base > /srv/base"]
  }
  provisioner "shell" {
    only   = ["fake.web"]
    inline = ["cat /srv/base > /srv/web"]
  }
  verify "inline" {
    file "/srv/base" {}
  }
}`
