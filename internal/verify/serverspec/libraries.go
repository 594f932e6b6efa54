package serverspec

import "strings"

// emulated tells whether a library is there without being read: what it does is either
// ServerSpec's or RSpec's own, or of no use where Proofmark reaches the target itself.
func emulated(name string) bool {
	switch name {
	case "net/ssh", "net/scp", "winrm", "docker", "docker-api", "highline/import", "highline", "io/console", "pry", "byebug", "simplecov", "coveralls",
		"rspec/retry", "rspec-retry", "rspec_junit_formatter", "yarjuf", "ci/reporter/rake/rspec_loader", "rspec/core/rake_task", "rake", "bundler", "bundler/setup",
		"json_spec", "rspec/json_expectations", "colorize", "tempfile", "fileutils", "busser/rubygems", "multi_json", "infrataster/rspec", "serverspec_extra_types":
		return true
	}
	return strings.HasPrefix(name, "serverspec/") || strings.HasPrefix(name, "specinfra/") || strings.HasPrefix(name, "rspec/core/") || strings.HasPrefix(name, "rubygems/")
}
