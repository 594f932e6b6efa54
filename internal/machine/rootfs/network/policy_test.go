package network

import (
	"strings"
	"testing"
)

func TestDropping(t *testing.T) {
	t.Parallel()
	const docker = `table ip nat {
	chain DOCKER {
		iifname "docker0" counter packets 0 bytes 0 return
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
	chain FORWARD {
		type filter hook forward priority filter; policy drop;
		counter packets 0 bytes 0 jump DOCKER-USER
	}
	chain DOCKER-USER {
		counter packets 0 bytes 0 return
	}
}
`
	for _, tt := range []struct{ name, ruleset, want string }{
		{"nothing", "", ""},
		{"docker", docker, "chain FORWARD of table ip filter"},
		{"docker, and machines are accepted", strings.Replace(docker, "\t\tcounter packets 0 bytes 0 return", "\t\tiifname \"pm*\" counter packets 0 bytes 0 accept", 2), ""},
		{"accepts", strings.ReplaceAll(docker, "policy drop", "policy accept"), ""},
		{"only what comes in", strings.Replace(docker, "forward priority filter; policy drop", "forward priority filter; policy accept", 1), ""},
		{"firewalld", "table inet firewalld {\n\tchain filter_FORWARD {\n\t\ttype filter hook forward priority filter + 10; policy drop;\n\t}\n}\n", "chain filter_FORWARD of table inet firewalld"},
	} {
		if got := dropping(tt.ruleset); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
