provisioner "windows-shell" {
  inline              = ["dir c:\\", "echo %A%"]
  valid_exit_codes    = [0, 3010]
  env                 = { B = "2" }
  environment_vars    = ["A=1"]
  binary              = true
  start_retry_timeout = "15m"
  execute_command     = "{{ .Vars }} cmd /c \"{{ .Path }}\""
  env_var_format      = "set %s=%s && "
  remote_path         = "/tmp/script.bat"
}

provisioner "windows-shell" {
  script = "testdata/host/a.ps1"
}

provisioner "windows-shell" {
  scripts = ["testdata/host/a.ps1"]
}
