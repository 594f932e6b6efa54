provisioner "powershell" {
  inline                   = ["Write-Host \"$env:A ${build.ID}\"", "exit $LASTEXITCODE"]
  valid_exit_codes         = [0, 3010]
  env                      = { B = "2" }
  environment_vars         = ["A=1", "PASSWORD=${build.Password}"]
  binary                   = false
  start_retry_timeout      = "15m"
  elevated_user            = build.User
  elevated_password        = build.Password
  execute_command          = "powershell -executionpolicy bypass -file {{.Path}} < {{.Vars}}"
  elevated_execute_command = "powershell -file {{ .Path }}; {{ .Vars }}"
  env_var_format           = "$env:%s=\"%s\"; "
  elevated_env_var_format  = "$env:%s='%s'; "
  execution_policy         = "RemoteSigned"
  use_pwsh                 = true
  debug_mode               = 2
  remote_path              = "C:/Temp/a.ps1"
  remote_env_var_path      = "C:/Temp/env.ps1"
  skip_clean               = true
  pause_after              = "30s"
}

provisioner "powershell" {
  script = "testdata/host/a.ps1"
}

provisioner "powershell" {
  scripts           = ["testdata/host/a.ps1", "testdata/host/a.ps1"]
  elevated_user     = "SYSTEM"
  elevated_password = ""
  execution_policy  = "none"
}
