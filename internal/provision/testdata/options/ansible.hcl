provisioner "ansible" {
  playbook_file           = "testdata/host/file.yml"
  command                 = "/opt/ansible/bin/ansible-playbook"
  extra_arguments         = ["--extra-vars", "region=eu-west-1 ansible_password=${build.Password}", "-vv", "--scp-extra-args", "'-O'"]
  ansible_env_vars        = ["ANSIBLE_HOST_KEY_CHECKING=False", "ANSIBLE_SSH_ARGS=-o ForwardAgent=yes"]
  ansible_ssh_extra_args  = ["-oHostKeyAlgorithms=+ssh-rsa -oPubkeyAcceptedKeyTypes=+ssh-rsa"]
  groups                  = ["web", "eu"]
  empty_groups            = ["db"]
  host_alias              = "node"
  user                    = "ubuntu"
  local_port              = "22022"
  ssh_host_key_file       = "testdata/host/file.yml"
  ssh_authorized_key_file = "testdata/host/file.yml"
  ansible_proxy_key_type  = "rsa"
  sftp_command            = "/usr/libexec/openssh/sftp-server -e"
  skip_version_check      = true
  use_sftp                = "false"
  inventory_directory     = "testdata/host/dir"
  inventory_file_template = "{{ .HostAlias }} ansible_host={{ .Host }} ansible_user={{ .User }} ansible_port={{ .Port }} ansible_id={{ .ID }}\n"
  inventory_file          = "/etc/ansible/hosts"
  keep_inventory_file     = true
  galaxy_file             = "testdata/host/file.yml"
  galaxy_command          = "ansible-galaxy"
  galaxy_force_install    = true
  galaxy_force_with_deps  = true
  roles_path              = "/tmp/roles"
  collections_path        = "/tmp/collections"
  use_proxy               = false
  ansible_winrm_use_http  = true
}
