require 'spec_helper'

['nginx', 'nginx.service', 'cron', 'ssh', 'sshd', 'beat', 'beat2', 'idle', 'broken', 'off', 'static', 'real', 'nickname', 'pair@one', 'pair@two', 'pair@', 'waiting-room',
 'legacy', 'nothing', 'dangling', 'no-such', 'dbus.socket', 'systemd-journald', 'a b', 'ng*', 'cron.timer', 'multi-user.target', 'nope.service', ''].each do |name|
  describe service(name) do
    both { be_enabled }
    both { be_running }
  end
end
%w[nginx idle legacy no-such].each do |name|
  describe service(name) do
    [2, 3, 5, 'multi-user.target'].each { |level| both { be_enabled.with_level(level) } }
    %w[systemd init].each do |system|
      both { be_enabled.under(system) }
      both { be_running.under(system) }
    end
    both { be_installed }
    both { have_start_mode('Automatic') }
    both { have_property('x' => 1) }
  end
end
%w[up down].each do |name|
  describe service(name) do
    %w[supervisor upstart daemontools runit].each { |system| both { be_running.under(system) } }
    %w[upstart daemontools runit].each { |system| both { be_enabled.under(system) } }
    both { be_running.under('nonsense') }
    both { be_monitored_by('god') }
    both { be_monitored_by('monit') }
    both { be_monitored_by('monit').with_name('up') }
    both { be_monitored_by('god').with_name('up') }
    both { be_monitored_by('nonsense') }
  end
end
describe 'services by hand' do
  it { expect(service('nginx')).to be_running.and be_enabled }
  it { expect(service('nginx')).to be_enabled.or be_monitored_by('god') }
  it { expect(service('idle')).to be_running.and be_enabled }
  it { expect(service('cron').running?(nil)).to be true }
  it { expect(service('cron').enabled?(nil, nil)).to eq false }
end
