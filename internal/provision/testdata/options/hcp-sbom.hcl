provisioner "hcp-sbom" {
  auto_generate     = true
  destination       = "./sbom"
  sbom_name         = "sbom-cyclonedx-ubuntu"
  scanner_args      = ["-o", "spdx-json"]
  scan_path         = "/usr"
  elevated_user     = "Administrator"
  elevated_password = "secret"
  execute_command   = "chmod +x {{.Path}} && {{.Path}} sbom-generate {{.Args}} {{.ScanPath}} > {{.Output}}"
  scanner_url       = "https://example.org/scanner.tar.gz"
  scanner_checksum  = "sha256:00"
}

provisioner "hcp-sbom" {
  source = "/tmp/sbom.json"
}
