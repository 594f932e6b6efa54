package rootfs

import (
	"fmt"
	"io"
	"net/netip"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/rootfs/tree"
)

// aptFiles returns the files, by the names that a machine sees them under, by
// which its apt learns what the host's knows: the proxy, and package sources
// when the tree names none. Empty when there is nothing to say.
func aptFiles(h Host, gateway netip.Addr, in inside) map[string]string {
	files := map[string]string{}
	var conf strings.Builder
	if h.AptProxy != "" {
		fmt.Fprintf(&conf, "Acquire::http::Proxy %q;\n", through(h.AptProxy, gateway))
	}
	if sources := aptSources(in); sources != "" {
		files[aptSourcesPath] = "# " + machine.Marker + "\n" + sources + "\n"
		fmt.Fprintf(&conf, "Dir::Etc::SourceList %q;\n", aptSourcesPath)
	}
	if conf.Len() > 0 {
		files[aptConfPath] = "// " + machine.Marker + "\n" + conf.String()
	}
	return files
}

// aptSources returns the host's package sources for the tree's suite, "" when the
// tree has its own, or no apt.
func aptSources(in inside) string {
	if !in.exists("/etc/apt") {
		return ""
	}
	if own, err := in.read("/etc/apt/sources.list"); err != nil || strings.Contains("\n"+string(own), "\ndeb") {
		return ""
	}
	parts, err := in.names("/etc/apt/sources.list.d")
	if err != nil || len(parts) > 0 {
		return ""
	}
	release, err := in.read("/etc/os-release")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(release)) {
		if suite, ok := strings.CutPrefix(strings.TrimSpace(line), "VERSION_CODENAME="); ok {
			return tree.HostSources(strings.Trim(suite, `"'`))
		}
	}
	return ""
}

// names lists a directory, nil when there is none.
func (in inside) names(dir string) ([]string, error) {
	if !in.exists(dir) {
		return nil, nil
	}
	d, err := in.open(dir, 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err == io.EOF {
		err = nil
	}
	return names, err
}
