provisioner "windows-update" {
  search_criteria    = "IsInstalled=0"
  filters            = ["exclude:$_.Title -like '*Preview*'", "include:$true"]
  update_limit       = 25
  update_max_retries = 3
  restart_timeout    = "2h"
  username           = "Administrator"
  password           = "secret"
}
