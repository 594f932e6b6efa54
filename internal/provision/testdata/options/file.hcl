provisioner "file" {
  source      = "testdata/host/file.yml"
  sources     = ["testdata/host/a.ps1", "testdata/host/dir"]
  destination = "/tmp"
  direction   = "upload"
  generated   = false
}

provisioner "file" {
  content     = "id = ${build.ID}"
  destination = "/etc/id"
}

provisioner "file" {
  source      = "out/${build.ID}"
  destination = "/tmp/"
  generated   = true
}

provisioner "file" {
  content     = ""
  destination = "/etc/empty"
}
