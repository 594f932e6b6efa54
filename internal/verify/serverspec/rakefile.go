package serverspec

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// What the loop over hosts of a Rakefile consists of: a variable of the environment that
// is set to what the loop gives, and a pattern whose directory is the same.
var (
	rakeSets     = regexp.MustCompile(`ENV\[['"](\w+)['"]\]\s*=\s*(\w+)`)
	rakePatterns = regexp.MustCompile(`\.pattern\s*=\s*["'](?:\./)?spec/#\{(\w+)\}/`)
)

// rakeEnviron is what the Rakefile in root sets for a spec file, as NAME=value. A Rakefile
// like that of serverspec-init runs each directory below spec as a program of its own, and
// the directory's name is the host, in TARGET_HOST. The Rakefile is not run: one that says
// it in other words sets nothing.
func rakeEnviron(root, file string) []string {
	text, err := os.ReadFile(filepath.Join(root, "Rakefile"))
	if err != nil {
		return nil
	}
	pattern := rakePatterns.FindSubmatch(text)
	abs, err := filepath.Abs(file)
	if pattern == nil || err != nil {
		return nil
	}
	rest, ok := strings.CutPrefix(abs, filepath.Join(root, "spec")+"/")
	dir, _, below := strings.Cut(rest, "/")
	if !ok || !below {
		return nil
	}
	for _, set := range rakeSets.FindAllSubmatch(text, -1) {
		if string(set[2]) == string(pattern[1]) {
			return []string{string(set[1]) + "=" + dir}
		}
	}
	return nil
}
