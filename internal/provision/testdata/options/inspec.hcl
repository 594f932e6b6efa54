provisioner "inspec" {
  profile                 = "https://github.com/dev-sec/linux-baseline"
  command                 = "/usr/bin/inspec"
  extra_arguments         = ["--no-create-lockfile", "--chef-license=accept"]
  inspec_env_vars         = ["FOO=bar"]
  attributes_directory    = "testdata/host/dir"
  attributes              = ["testdata/host/file.yml"]
  backend                 = "docker"
  user                    = "ubuntu"
  host                    = build.ID
  local_port              = 8022
  ssh_host_key_file       = "testdata/host/file.yml"
  ssh_authorized_key_file = "testdata/host/file.yml"
  valid_exit_codes        = [0, 100, 101]
}
