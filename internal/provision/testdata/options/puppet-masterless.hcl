provisioner "puppet-masterless" {
  manifest_file           = "testdata/host/dir"
  guest_os_type           = "unix"
  elevated_user           = "Administrator"
  elevated_password       = "secret"
  facter                  = { server_role = "webserver", count = 2 }
  execute_command         = "cd {{.WorkingDir}} && {{.FacterVars}} {{if .Sudo}}sudo -E {{end}}{{if ne .PuppetBinDir \"\"}}{{.PuppetBinDir}}/{{end}}puppet apply {{if .Debug}}--debug {{end}}{{if ne .ModulePath \"\"}}--modulepath='{{.ModulePath}}' {{end}}--hiera_config='{{.HieraConfigPath}}' --manifestdir='{{.ManifestDir}}' {{.ExtraArguments}} {{.ManifestFile}}"
  extra_arguments         = ["--verbose", "--logdest {{.WorkingDir}}/log"]
  ignore_exit_codes       = true
  prevent_sudo            = true
  puppet_bin_dir          = "/opt/puppetlabs/bin"
  working_directory       = "/tmp"
  clean_staging_directory = true
  manifest_dir            = "testdata/host/dir"
  module_paths            = ["testdata/host/dir", "testdata/host"]
  hiera_config_path       = "testdata/host/file.yml"
  staging_directory       = "/tmp/puppet"
}
