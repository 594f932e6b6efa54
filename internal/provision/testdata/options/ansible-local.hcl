provisioner "ansible-local" {
  playbook_file           = "testdata/host/file.yml"
  command                 = "sudo ansible-playbook"
  extra_arguments         = ["--extra-vars \"id=${build.ID}\"", "--tags", "base"]
  group_vars              = "testdata/host/dir"
  host_vars               = "testdata/host/dir"
  playbook_dir            = "testdata/host/"
  playbook_paths          = ["testdata/host/dir"]
  role_paths              = ["testdata/host/dir", "testdata/host"]
  collection_paths        = ["testdata/host/dir"]
  staging_directory       = "/tmp/ansible"
  clean_staging_directory = true
  inventory_file          = "testdata/host/file.yml"
  inventory_groups        = ["web"]
  galaxy_file             = "testdata/host/file.yml"
  galaxy_command          = "ansible-galaxy"
  galaxy_force_install    = true
  galaxy_roles_path       = "/etc/ansible/roles"
  galaxy_collections_path = "/etc/ansible/collections"
}

provisioner "ansible-local" {
  playbook_files = ["testdata/host/file.yml", "testdata/host/file.yml"]
}
