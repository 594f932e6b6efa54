provisioner "sleep" {
  duration = "5m"
}
