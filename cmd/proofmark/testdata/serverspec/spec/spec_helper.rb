require 'serverspec'

if ENV['DIFFERENTIAL_HOST']
  set :backend, :ssh
  set :host, ENV['DIFFERENTIAL_HOST']
  set :ssh_options, user: ENV['DIFFERENTIAL_USER'], keys: [ENV['DIFFERENTIAL_KEY']], keys_only: true, verify_host_key: :never, config: false
  if ENV['DIFFERENTIAL_PASSWORD']
    set :sudo_password, ENV['DIFFERENTIAL_PASSWORD']
    set :request_pty, true
  end
else
  set :backend, :exec
end

# Examples in pairs: of what holds, one fails.
module Both
  def both(&matcher)
    it { should instance_exec(&matcher) }
    it { should_not instance_exec(&matcher) }
  end

  def values(name, *wanted)
    wanted.each do |value|
      its(name) { should eq value }
      its(name) { should_not eq value }
    end
  end
end

RSpec.configure { |c| c.extend Both }
