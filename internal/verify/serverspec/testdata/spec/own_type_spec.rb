require 'serverspec'
set :backend, :exec

# Resource types of the specs' own, as helpers define them.
module Serverspec
  module Type
    class LineOfHosts < Base
      def initialize(name, options = {})
        super
        @seen = options[:seen] || 'never'
      end

      def seen
        "#{@seen} #{@options.size}"
      end

      def exists?
        @runner.run_command("grep -c #{@name} /etc/hosts").exit_status.zero?
      end

      def aliased_to?(other)
        other == name
      end
    end

    class Plain < Base
    end

    class Renamed < Base
      def initialize(at)
        @at = at
      end

      def to_s
        "Place  #{@at}\nand more"
      end
    end

    class BigFile < File
      def big?
        size.to_i > 1 << 40
      end
    end
  end

  module Helper
    module Type
      def line_of_hosts(*args)
        Serverspec::Type::LineOfHosts.new(*args)
      end
    end
  end
end

describe line_of_hosts('localhost', seen: 'often') do
  it { should exist }
  it { should be_aliased_to 'localhost' }
  it { should be_aliased_to 'other' }
  its(:seen) { should eq 'often 1' }
  its(:name) { should eq 'localhost' }
  it { should be_lost }
end

describe Serverspec::Type::Plain.new do
  its(:name) { should be_nil }
  it('has nothing else') { subject.anything }
end

describe Serverspec::Type::Renamed.new('here ') do
  its(:name) { should be_nil }
end

describe Serverspec::Type::BigFile.new('/etc/passwd') do
  it { should be_file }
  it { should_not be_big }
end

describe selinux_module('web ') do
  its(:name) { should eq 'web ' }
end

describe 'spaces at the end  ' do
  context "two\nlines\t" do
    it(' and before') { expect(true).to be true }
    it {}
  end
end

describe String do
  describe '#size' do
    it('.new') { expect(''.size).to eq 0 }
  end
  describe '::try' do
    it { expect(1).to eq 1 }
  end
end
