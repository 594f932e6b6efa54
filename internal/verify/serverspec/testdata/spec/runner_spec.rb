require 'spec_helper'

# What Specinfra answers itself, without a resource. The commands are the descriptions.
describe 'Specinfra.command' do
  [
    [:check_file_is_file, '/etc/a b'], [:check_file_exists, '/x'], [:check_file_is_directory, '/x'], [:check_file_is_socket, '/x'],
    [:check_file_is_pipe, '/x'], [:check_file_is_symlink, '/x'], [:check_file_is_block_device, '/x'], [:check_file_is_character_device, '/x'],
    [:check_file_has_mode, '/x', 644], [:check_file_has_mode, '/x', '0644'], [:check_file_is_owned_by, '/x', 'root'],
    [:check_file_is_grouped, '/x', 'root'], [:check_file_is_linked_to, '/x', '/y'], [:check_file_is_mounted, '/x'],
    [:check_file_is_immutable, '/x'], [:check_file_contains, '/x', 'a.b'], [:check_file_contains, '/x', /a.b/],
    [:check_file_contains_within, '/x', 'a', '/b/', '/c/'], [:check_file_contains_lines, '/x', %w[a b]],
    [:check_file_is_accessible_by_user, '/x', 'root', 'r'], [:check_file_is_accessible_by_user, '/x', 'root', 'x'],
    [:get_file_content, '/x'], [:get_file_md5sum, '/x'], [:get_file_sha256sum, '/x'], [:get_file_mode, '/x'], [:get_file_owner_user, '/x'],
    [:get_file_owner_group, '/x'], [:get_file_size, '/x'], [:get_file_mtime, '/x'], [:get_file_link_target, '/x'], [:get_file_selinuxlabel, '/x'],
    [:check_package_is_installed, 'bash'], [:check_package_is_installed, 'bash', '1.2-3'], [:check_package_is_installed_by_gem, 'x'],
    [:check_package_is_installed_by_gem, 'x', '1.0'], [:check_package_is_installed_by_pip, 'x'], [:check_package_is_installed_by_apt, 'x'],
    [:get_package_version, 'bash'], [:check_service_is_enabled, 'x'], [:check_service_is_enabled, 'x', 3],
    [:check_service_is_enabled_under_systemd, 'x'], [:check_service_is_running, 'x'], [:check_service_is_running_under_supervisor, 'x'],
    [:check_service_is_running_under_systemd, 'x'], [:check_service_is_monitored_by_god, 'x'],
    [:check_port_is_listening, 80], [:check_port_is_listening, 80, { protocol: 'tcp' }],
    [:check_port_is_listening, 80, { protocol: 'udp', local_address: '127.0.0.1' }],
    [:check_user_exists, 'root'], [:check_user_belongs_to_group, 'root', 'adm'], [:check_user_belongs_to_primary_group, 'root', 'adm'],
    [:check_user_has_uid, 'root', 0], [:check_user_has_home_directory, 'root', '/root'], [:check_user_has_login_shell, 'root', '/bin/sh'],
    [:check_user_has_authorized_key, 'root', 'ssh-rsa abc'], [:get_user_uid, 'root'], [:get_user_encrypted_password, 'root'],
    [:get_user_minimum_days_between_password_change, 'root'], [:get_user_maximum_days_between_password_change, 'root'],
    [:check_group_exists, 'adm'], [:check_group_has_gid, 'adm', 4], [:get_group_gid, 'adm'],
    [:check_host_is_resolvable, 'h', 'hosts'], [:check_host_is_resolvable, 'h', 'dns'], [:check_host_is_resolvable, 'h', nil],
    [:check_host_is_reachable, 'h', 80, 'tcp', 5], [:check_host_is_reachable, 'h', nil, nil, 5],
    [:get_host_ipaddress, 'h'], [:get_host_ipv4_address, 'h'], [:get_host_ipv6_address, 'h'],
    [:check_interface_exists, 'lo'], [:check_interface_has_ipv4_address, 'lo', '127.0.0.1'], [:check_interface_has_ipv6_address, 'lo', '::1'],
    [:get_interface_speed_of, 'lo'], [:get_interface_mtu_of, 'lo'], [:get_interface_ipv4_address, 'lo'], [:get_interface_ipv6_address, 'lo'],
    [:get_interface_link_state, 'lo'], [:check_bond_exists, 'b'], [:check_bond_has_interface, 'b', 'e'], [:check_bridge_exists, 'b'],
    [:check_bridge_has_interface, 'b', 'e'], [:check_kernel_module_is_loaded, 'm'], [:check_mail_alias_is_aliased_to, 'a', 'b'],
    [:check_cron_has_entry, nil, '* * * * * x'], [:check_cron_has_entry, 'root', '* * * * * x'], [:get_cron_table],
    [:check_iptables_has_rule, '-P INPUT ACCEPT', nil, nil], [:check_iptables_has_rule, '-P INPUT ACCEPT', 'mangle', 'INPUT'],
    [:check_ip6tables_has_rule, '-P INPUT ACCEPT', nil, nil], [:check_selinux_has_mode, 'disabled'], [:check_selinux_has_mode, 'enforcing', 'mls'],
    [:check_selinux_module_is_enabled, 'm'], [:check_zfs_exists, 'z'], [:get_process, 'x', { format: 'pid=' }]
  ].each do |args|
    it("#{args} is #{Specinfra.command.get(*args)}") { expect(true).to be true }
  end
end

describe 'Specinfra::Runner' do
  runner = Specinfra::Runner
  {
    [:check_file_is_file, '/etc/passwd'] => true, [:check_file_is_file, '/etc'] => false, [:check_file_is_directory, '/etc'] => true,
    [:check_file_contains, '/etc/passwd', 'root'] => true, [:check_file_contains, '/etc/passwd', 'no such'] => false,
    [:check_file_has_mode, '/etc/passwd', 644] => true, [:check_file_is_readable, '/etc/passwd', nil] => true,
    [:check_file_is_executable, '/etc/passwd', 'owner'] => false, [:check_file_is_readable, '/etc/shadow', 'others'] => false,
    [:check_file_is_mounted, '/proc', nil, false] => true, [:check_file_is_mounted, '/proc', { type: 'proc' }, false] => true,
    [:check_file_is_mounted, '/proc', { type: 'ext4' }, false] => false,
    [:check_package_is_installed, 'bash'] => true, [:check_package_is_installed, 'bash', '0.1'] => false,
    [:check_package_is_installed, 'nothing-here'] => false, [:check_package_is_installed_by_gem, 'nothing-here'] => false,
    [:check_service_is_running, 'nothing-here'] => false, [:check_service_is_enabled, 'nothing-here'] => false,
    [:check_user_exists, 'root'] => true, [:check_user_exists, 'nobody-at-all'] => false, [:check_user_has_uid, 'root', 0] => true,
    [:check_user_belongs_to_group, 'root', 'root'] => true, [:check_group_exists, 'root'] => true, [:check_port_is_listening, 1] => false,
    [:check_fstab_has_entry, { mount_point: '/nowhere' }] => false, [:check_interface_exists, 'lo'] => true
  }.each do |args, want|
    it(args.to_s) { expect(runner.send(*args)).to be want }
    it("#{args} is otherwise") { expect(runner.send(*args)).not_to be want }
  end
  it { expect(runner.get_file_content('/etc/hostname').stdout).to eq File.read('/etc/hostname') }
  it { expect(runner.get_file_mode('/etc/passwd').stdout.strip).to eq '644' }
  it { expect(runner.get_file_mode('/nowhere').exit_status).to eq 1 }
  it { expect(runner.get_file_mode('/nowhere')).to be_failure }
  it { expect(runner.get_user_uid('root').stdout.to_i).to eq 0 }
  it { expect(runner.get_package_version('bash').stdout).to match(/\d/) }
  it { expect(runner.get_default_gateway(:gateway)).to eq(`ip route`[/default via (\S+)/, 1]) }
  it { expect(runner.run_command(%w[printf %s\ %s a b]).stdout).to eq 'a b' }
  it { expect(Specinfra.backend.get_config(:backend)).to eq :exec }
  it { expect(Specinfra.backend.command.get(:check_user_exists, 'a')).to eq 'id a' }
  it { expect(Specinfra.backend.run_command(Specinfra.command.get(:get_file_content, '/etc/hostname')).stdout).to eq File.read('/etc/hostname') }
end
