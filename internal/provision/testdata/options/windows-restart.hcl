provisioner "windows-restart" {
  restart_command       = "powershell \"& {Restart-Computer -Force }\""
  restart_check_command = "powershell -command \"& {Write-Output 'restarted.'}\""
  restart_timeout       = "30m"
  check_registry        = true
  registry_keys         = ["HKLM:SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"]
}
