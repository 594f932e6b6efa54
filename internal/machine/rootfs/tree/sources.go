package tree

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// aptSource is one entry of apt's package sources.
type aptSource struct {
	options    string // "[signed-by=…]" or ""
	uri, suite string
	components []string
}

func (s aptSource) String() string {
	fields := []string{"deb"}
	if s.options != "" {
		fields = append(fields, s.options)
	}
	return strings.Join(append(append(fields, s.uri, s.suite), s.components...), " ")
}

// HostSources returns the host's own package sources for a suite and its updates
// and security updates, as one-line entries, the suite itself first; "" when it
// has none.
func HostSources(suite string) string { return hostSources("/etc/apt", suite) }

func hostSources(etc, suite string) string {
	files, _ := filepath.Glob(filepath.Join(etc, "sources.list.d", "*"))
	var all []aptSource
	for _, f := range append([]string{filepath.Join(etc, "sources.list")}, files...) {
		b, err := os.ReadFile(f)
		switch {
		case err != nil: // not there, or not for everybody
		case strings.HasSuffix(f, ".list"):
			all = append(all, parseOneLine(string(b))...)
		case strings.HasSuffix(f, ".sources"):
			all = append(all, parseDeb822(string(b))...)
		}
	}
	order := []string{suite, suite + "-updates", suite + "-security", suite + "/updates"}
	all = slices.DeleteFunc(all, func(s aptSource) bool {
		return !slices.Contains(order, s.suite) || !slices.Contains(s.components, "main")
	})
	slices.SortStableFunc(all, func(a, b aptSource) int {
		return slices.Index(order, a.suite) - slices.Index(order, b.suite)
	})
	if len(all) == 0 || all[0].suite != suite {
		return ""
	}
	var lines []string
	for _, s := range all {
		if l := s.String(); !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

func noSources(suite string) error {
	return fmt.Errorf("this machine's own package sources have no suite %q: name a mirror", suite)
}

// parseOneLine reads sources in the form "deb [options] URI suite component…".
func parseOneLine(text string) []aptSource {
	var all []aptSource
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "deb ")
		if !ok {
			continue
		}
		var s aptSource
		if rest = strings.TrimSpace(rest); strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				continue
			}
			s.options, rest = rest[:end+1], rest[end+1:]
		}
		f := strings.Fields(rest)
		if len(f) < 2 {
			continue
		}
		s.uri, s.suite, s.components = f[0], f[1], f[2:]
		all = append(all, s)
	}
	return all
}

// parseDeb822 reads sources in the form of paragraphs with fields.
func parseDeb822(text string) []aptSource {
	var all []aptSource
	field := map[string]string{}
	last := ""
	end := func() {
		options := ""
		// A key instead of a file's name does not fit into one line.
		if k := field["signed-by"]; k != "" && len(strings.Fields(k)) == 1 {
			options = "[signed-by=" + k + "]"
		}
		if slices.Contains(strings.Fields(field["types"]), "deb") && field["enabled"] != "no" {
			for _, uri := range strings.Fields(field["uris"]) {
				for _, suite := range strings.Fields(field["suites"]) {
					all = append(all, aptSource{options, uri, suite, strings.Fields(field["components"])})
				}
			}
		}
		clear(field)
	}
	sc := bufio.NewScanner(strings.NewReader(text))
	for sc.Scan() {
		line := sc.Text()
		switch name, value, ok := strings.Cut(line, ":"); {
		case strings.HasPrefix(line, "#"):
		case strings.TrimSpace(line) == "":
			end()
		case line[0] == ' ' || line[0] == '\t':
			field[last] += "\n" + strings.TrimSpace(line)
		case ok:
			last = strings.ToLower(name)
			field[last] = strings.TrimSpace(value)
		}
	}
	end()
	return all
}

// AptProxy returns the proxy that the host's apt is configured with for a scheme, "" if
// there is none, or no apt.
func AptProxy(ctx context.Context, scheme string) string {
	ctx, stop := context.WithTimeout(ctx, 2*time.Second)
	defer stop()
	out, err := exec.CommandContext(ctx, "apt-config", "shell", "P", "Acquire::"+scheme+"::Proxy").Output()
	if err != nil {
		return ""
	}
	p := strings.Trim(strings.TrimPrefix(strings.TrimSpace(string(out)), "P="), "'")
	if p == "DIRECT" || p == "false" {
		return ""
	}
	return p
}
