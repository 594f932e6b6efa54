require 'spec_helper'

# Every command line that has the name counts, those of the other ways' files too.
['worker', 'other-worker', 'nginx', 'systemd', 'never-started', 'listen'].each do |name|
  describe process(name) do
    both { be_running }
    its(:user) { should eq 'root' }
    its(:group) { should eq 'root' }
    its(:args) { should match(/infinity/) }
    its(:args) { should_not match(/nothing/) }
    its(:comm) { should eq name }
    its(:stat) { should match(/^[SRD]/) }
    its(:ppid) { should eq 1 }
    its(:nice) { should eq 0 }
    its(:ni) { should be_an Integer }
    its(:pid) { should be_an Integer }
    its(:pid) { should be > 1 }
  end
end
describe process('worker') do
  its(:count) { should eq 2 }
  its(:count) { should eq 1 }
  its(:uid) { should eq 0 }
  its(:nonsense) { should eq 0 }
end
describe process('no-such-process-at-all') do
  its(:count) { should be_a Integer }
  its(:user) { should eq '' }
end
