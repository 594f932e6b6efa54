provisioner "shell-local" {
  inline             = ["echo ${build.Password} ${source.name}"]
  inline_shebang     = "/bin/bash -e"
  valid_exit_codes   = [0, 1]
  env                = { B = 2 }
  environment_vars   = ["A=1"]
  env_var_format     = "%s='%s' "
  execute_command    = ["/bin/sh", "-c", "{{.Vars}} {{.Script}} {{.Host}}"]
  only_on            = ["linux", "darwin"]
  tempfile_extension = ".sh"
}

provisioner "shell-local" {
  command = "true"
}

provisioner "shell-local" {
  script            = "testdata/host/a.ps1"
  use_linux_pathing = true
}

provisioner "shell-local" {
  scripts = ["testdata/host/a.ps1"]
}
