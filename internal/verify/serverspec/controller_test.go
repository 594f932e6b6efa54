package serverspec_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec"
)

// TestControllerIsKept: what specs may not read of this host, by whatever way they try.
func TestControllerIsKept(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "settings.env")
	if err := os.WriteFile(secret, []byte("TOKEN = 'hunter2'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	root := write(t, map[string]string{"spec/a_spec.rb": `
describe 'this host' do
  it('is not read') { File.read('` + secret + `') }
  it('is not read through a link') { File.read('spec/link') }
  it('is not loaded') { load '` + secret + `'; raise TOKEN }
  it('is not required') { require '` + secret + `'; raise TOKEN }
  it('is not listed') { Dir.children('/') }
  it('runs nothing') { ` + "`id`" + ` }
end
`})
	if err := os.Symlink(secret, filepath.Join(root, "spec/link")); err != nil {
		t.Fatal(err)
	}
	results, _ := run(t, root, serverspec.Options{RunsOn: serverspec.OnController})
	if len(results) != 6 {
		t.Fatalf("got %+v", results)
	}
	for _, r := range results {
		if r.Verdict != verify.Unknown || strings.Contains(r.Reason+r.Found, "hunter2") {
			t.Errorf("%s: %s %s %s", r.Description, r.Verdict, r.Reason, r.Found)
		}
	}
}

// TestControllerIsLookedAt: what is there may be known of any file, what is in it not.
func TestControllerIsLookedAt(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{"spec/a_spec.rb": `
require 'serverspec'
set :backend, :ssh
describe 'this host' do
  it { expect(File.exist?('/etc/passwd')).to be true }
  it { expect(File.exist?('/no/such/file')).to be false }
  it { expect(File.file?('/etc/passwd')).to be true }
  it { expect(File.directory?('/etc')).to be true }
  it { expect(File.symlink?('/etc')).to be false }
  it { expect(Dir.exist?('/etc')).to be true }
  it { expect(File.readable?('/etc')).to be true }
  it { expect(Dir.glob('/etc/passwd')).to eq ['/etc/passwd'] }
  it { expect(File.zero?('/etc/passwd')).to be false }
end
describe 'not what is in it' do
  it { File.read('/etc/passwd') }
  it { File.readlink('/etc/mtab') }
  it { Dir.entries('/etc') }
end
`})
	results, _ := run(t, root, serverspec.Options{})
	if len(results) != 12 {
		t.Fatalf("got %+v", results)
	}
	for i, r := range results {
		want := verify.Pass
		if i >= 9 {
			want = verify.Unknown
		}
		if r.Verdict != want {
			t.Errorf("line %d: %s %s %s", r.Pos.Line, r.Verdict, r.Reason, r.Found)
		}
	}
}

// TestPipeInTheProject: a pipe among the specs is not waited for.
func TestPipeInTheProject(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{"spec/a_spec.rb": "describe('x') { it('y') { File.read('spec/pipe') } }\n"})
	for _, name := range []string{"pipe", "b_spec.rb"} {
		if err := syscall.Mkfifo(filepath.Join(root, "spec", name), 0o600); err != nil {
			t.Skipf("needs named pipes: %v", err)
		}
	}
	results, _ := run(t, root, serverspec.Options{RunsOn: serverspec.OnController})
	if len(results) != 2 || results[0].Verdict == verify.Pass || results[1].Verdict == verify.Pass {
		t.Errorf("got %+v", results)
	}
}

// TestNamesOnTheTarget: those of a directory with spaces in them stay whole.
func TestNamesOnTheTarget(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a b"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	root := write(t, map[string]string{"spec/a_spec.rb": "describe('x') { it('y') { expect(Dir.children('" + dir + "')).to eq ['a b'] } }\n"})
	results, _ := run(t, root, serverspec.Options{RunsOn: serverspec.OnTarget})
	if len(results) != 1 || results[0].Verdict != verify.Pass {
		t.Errorf("got %+v", results)
	}
}

// TestLongSleep: a sleep that is too long for anybody is not cut short in silence.
func TestLongSleep(t *testing.T) {
	t.Parallel()
	root := write(t, map[string]string{"spec/a_spec.rb": "describe('x') { it('y') { sleep 1e9 }\n it('z') { sleep 1e15 }\n it('w') { while true; end } }\n"})
	results, _ := run(t, root, serverspec.Options{RunsOn: serverspec.OnTarget})
	if len(results) != 3 {
		t.Fatalf("got %+v", results)
	}
	for i, want := range []string{"277777h46m40s", "is the most", "the spec went beyond"} {
		if r := results[i]; r.Verdict != verify.Unknown || !strings.Contains(r.Reason, want) {
			t.Errorf("got %+v, want %s", r, want)
		}
	}
}
