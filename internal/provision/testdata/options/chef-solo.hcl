provisioner "chef-solo" {
  guest_os_type                  = "unix"
  run_list                       = ["recipe[base]"]
  json                           = { base = { users = ["ops"] } }
  json_string                    = "{}"
  chef_environment               = "production"
  chef_license                   = "accept-silent"
  config_template                = "testdata/host/file.yml"
  encrypted_data_bag_secret_path = "testdata/host/file.yml"
  prevent_sudo                   = true
  skip_install                   = true
  version                        = "15"
  execute_command                = "sudo chef-solo --no-color -c {{.ConfigPath}} -j {{.JsonPath}}"
  install_command                = "rpm -U https://example.org/chef-{{.Version}}.rpm"
  staging_directory              = "/tmp/chef"
  cookbook_paths                 = ["testdata/host/dir", "testdata/host"]
  remote_cookbook_paths          = ["/usr/share/cookbooks"]
  roles_path                     = "testdata/host/dir"
  data_bags_path                 = "testdata/host/dir"
  environments_path              = "testdata/host/dir"
}
