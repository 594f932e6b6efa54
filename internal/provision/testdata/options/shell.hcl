provisioner "shell" {
  inline              = ["#!/bin/bash -eux", "echo $A ${build.ID}"]
  inline_shebang      = "/bin/bash -e"
  valid_exit_codes    = [0, 2300218]
  env                 = { B = 2 }
  environment_vars    = ["A=1", "HOST=${build.Host}"]
  env_var_format      = "%s='%s' "
  binary              = true
  use_env_var_file    = true
  execute_command     = "echo 'vagrant' | {{ .Vars }} sudo -E -S sh '{{ .Path }}' {{ .EnvVarFile }} {{ .User }}"
  expect_disconnect   = true
  remote_folder       = "/var/tmp"
  remote_file         = "a.sh"
  remote_path         = "/var/tmp/a.sh"
  skip_clean          = true
  start_retry_timeout = "10m"
  pause_after         = "30s"
}

provisioner "shell" {
  script = "testdata/host/a.ps1"
}

provisioner "shell" {
  scripts = ["testdata/host/a.ps1", "testdata/host/a.ps1"]
}
