package inside

import (
	"fmt"
	"os"
	"os/user"
	"strings"
)

// login is what commands begin with.
type login struct {
	home string
	env  []string
}

// readLogin takes the user that this process runs as. Of the environment it keeps the
// language alone: the rest is of whatever started the server.
func readLogin() (login, error) {
	u, err := user.Current()
	if err != nil {
		return login{}, fmt.Errorf("look up the user: %w", err)
	}
	l := login{home: u.HomeDir, env: []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + u.HomeDir, "USER=" + u.Username, "LOGNAME=" + u.Username, "SHELL=/bin/sh",
	}}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "LANG=") || strings.HasPrefix(v, "LC_") {
			l.env = append(l.env, v)
		}
	}
	if _, err := os.Stat(l.home); err != nil {
		l.home = "/"
	}
	return l, nil
}
