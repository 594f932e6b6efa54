package rootfs

import (
	"os/exec"
	"strings"
	"testing"
)

// TestShell runs lines as they come to the machine's shell, in that of the host.
func TestShell(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		line, want string
		exit       int
	}{
		{`echo "$A"; echo "$#$1"; pwd`, "it's \"a\" $B\n0\n/\n", 0},
		{"env | grep -c ^PROOFMARK; true", "0\n", 0},
		{"echo one\necho two # three", "one\ntwo\n", 0},
		{"A='b' exec env | grep ^A=; exit 7", "A=b\n", 7},
		{"kill -TERM $$", "", 143},
		{"echo 'not ended", "", 2},
		{"", "", 0},
	} {
		s := spawn{line: tt.line, env: map[string]string{"A": `it's "a" $B`, "HOME": "/", "PATH": "/usr/bin:/bin", "no.name": "x", "": "y"}}
		env, argv := s.shell(":")
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Env = env
		out, err := cmd.Output()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if string(out) != tt.want || status(cmd.ProcessState) != tt.exit {
			t.Errorf("%s: %q, status %d", tt.line, out, status(cmd.ProcessState))
		}
		if line := strings.Join(argv, " "); tt.line != "" && strings.Contains(line, tt.line) {
			t.Errorf("everybody on the host can read %q", line)
		}
	}
}
