provisioner "chef-client" {
  server_url                     = "https://chef.example.org/organizations/ops"
  guest_os_type                  = "Windows"
  run_list                       = ["recipe[base::default]", "role[web]"]
  json                           = { nginx = { port = 80, sites = ["a", "b"] } }
  json_string                    = jsonencode({ nginx = { port = 80 } })
  chef_environment               = "production"
  chef_license                   = "accept"
  config_template                = "testdata/host/file.yml"
  encrypted_data_bag_secret_path = "testdata/host/file.yml"
  prevent_sudo                   = true
  skip_install                   = true
  version                        = "18.2"
  execute_command                = "{{if .Sudo}}sudo {{end}}chef-client -c {{.ConfigPath}} -j {{.JsonPath}}"
  install_command                = "curl -L https://example.org/install.sh | {{if .Sudo}}sudo {{end}}bash -s -- -v {{.Version}}"
  staging_directory              = "C:/chef"
  elevated_user                  = build.User
  elevated_password              = build.Password
  node_name                      = "web-${uuidv4()}"
  client_key                     = "/etc/chef/client.pem"
  validation_client_name         = "ops-validator"
  validation_key_path            = "/home/ops/validation.pem"
  policy_name                    = "web"
  policy_group                   = "production"
  rubygems_url                   = "https://gems.example.org"
  ssl_verify_mode                = "verify_none"
  trusted_certs_dir              = "/etc/chef/trusted"
  knife_command                  = "{{if .Sudo}}sudo {{end}}knife {{.Args}} {{.Flags}}"
  skip_clean_client              = true
  skip_clean_node                = true
  skip_clean_staging_directory   = true
}
