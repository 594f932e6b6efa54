package serverspec

import "testing"

// TestRootIsNotEverybodys: specs that stand in /spec do not make the host their project.
func TestRootIsNotEverybodys(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"/spec/a_spec.rb": "/spec", "/srv/app/spec/a_spec.rb": "/srv/app", "/srv/app/spec/web/a_spec.rb": "/srv/app", "/a_spec.rb": "/",
	} {
		if got := rootOf(file); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
	if below("/", "/etc/passwd") {
		t.Error("everything is below /")
	}
}
