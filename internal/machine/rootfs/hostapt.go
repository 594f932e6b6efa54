package rootfs

import (
	"os/exec"
	"strings"
)

// aptProxy returns the proxy that the host's apt is configured with, "" where
// there is no apt.
func aptProxy() string {
	out, err := exec.Command("apt-config", "dump", "--format", "%v%n", "Acquire::http::Proxy").Output()
	if err != nil {
		return ""
	}
	switch proxy := strings.TrimSpace(string(out)); proxy {
	case "DIRECT", "false":
		return ""
	default:
		return proxy
	}
}
