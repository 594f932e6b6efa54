provisioner "puppet-server" {
  guest_os_type           = "unix"
  elevated_user           = "Administrator"
  elevated_password       = "secret"
  facter                  = { server_role = "webserver" }
  execute_command         = "{{.FacterVars}} puppet agent --server='{{.PuppetServer}}' --certname='{{.PuppetNode}}' --certdir='{{.ClientCertPath}}' --privatekeydir='{{.ClientPrivateKeyPath}}' {{.ExtraArguments}}"
  extra_arguments         = ["--test", "--waitforcert 60"]
  ignore_exit_codes       = true
  prevent_sudo            = true
  puppet_bin_dir          = "/opt/puppetlabs/bin"
  working_directory       = "/tmp"
  clean_staging_directory = true
  puppet_server           = "puppet.example.org"
  puppet_node             = "web.example.org"
  client_cert_path        = "testdata/host/dir"
  client_private_key_path = "testdata/host/dir"
  staging_dir             = "/tmp/puppet"
  options                 = "--test"
}
