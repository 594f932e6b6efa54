require 'spec_helper'

# RSpec's own matchers are in ../../rspec/testdata.
describe 'hello world' do
  it { should contain 'world' }
  it { should contain(/nope/) }
end
describe [3, 1, 2] do
  it { should contain_exactly 1, 2, 3 }
  it { should contain_exactly 1, 2 }
end
describe File do
  it { should exist '/etc/passwd' }
  it { should exist '/nope' }
end
