provisioner "salt-masterless" {
  local_state_tree    = "testdata/host/dir"
  guest_os_type       = "unix"
  local_pillar_roots  = "testdata/host/dir"
  remote_state_tree   = "/srv/salt"
  remote_pillar_roots = "/srv/pillar"
  custom_state        = "web.nginx"
  formulas            = ["https://github.com/saltstack-formulas/mysql-formula.git//mysql?ref=8494f6ebd6"]
  grains_file         = "testdata/host/file.yml"
  skip_bootstrap      = true
  bootstrap_args      = "-X stable 3006"
  disable_sudo        = true
  temp_config_dir     = "/tmp/salt"
  no_exit_on_failure  = true
  log_level           = "debug"
  salt_call_args      = "--id=web"
  salt_bin_dir        = "/opt/salt/bin"
}

provisioner "salt-masterless" {
  local_state_tree = "testdata/host/dir"
  minion_config    = "testdata/host/file.yml"
}
