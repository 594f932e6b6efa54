require 'spec_helper'

%w[cert ca alias eccert missing].each do |name|
  describe x509_certificate("/srv/x/#{name}.pem") do
    both { be_certificate }
    both { be_valid }
    ['server', 'client', 'CA', 'SSL server', 'Any Purpose', 'nonsense'].each { |purpose| it { should have_purpose purpose } }
    its(:subject) { should match(/CN ?= ?www\.example\.com/) }
    its(:subject) { should eq 'CN = CA' }
    its(:issuer) { should match(/CN ?= ?CA/) }
    its(:keylength) { should eq 2048 }
    its(:keylength) { should be < 2048 }
    its(:email) { should eq 'a@example.com' }
    its(:fingerprint) { should match(/\A[A-F0-9]{2}(:[A-F0-9]{2}){19}\z/) }
    its(:alias) { should eq 'nick' }
    its(:validity_in_days) { should be > 100 }
    its(:validity_in_days) { should_not be < 100 }
    its(:validity_in_days) { should be_between(28, 31) }
    its(:subject_alt_names) { should include 'DNS:example.com' }
    its(:subject_alt_names) { should eq ['DNS:www.example.com', 'DNS:example.com', 'IP Address:10.0.0.1'] }
  end
end
%w[key locked locked-old ec missing cert].each do |name|
  describe x509_private_key("/srv/x/#{name}.pem") do
    both { be_valid }
    both { be_encrypted }
    both { have_matching_certificate('/srv/x/cert.pem') }
    both { have_matching_certificate('/srv/x/ca.pem') }
    both { have_matching_certificate('/srv/x/none.pem') }
  end
  describe x509_private_key("/srv/x/#{name}.pem", passin: 'pass:secret') do
    both { be_valid }
    both { have_matching_certificate('/srv/x/cert.pem') }
  end
  describe x509_private_key("/srv/x/#{name}.pem", passin: 'pass:wrong') do
    both { be_valid }
  end
end
