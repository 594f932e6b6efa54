package provision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// buildFields are the placeholders that every text knows which is rendered while a
// step runs: the values of build.*.
var buildFields = []string{
	"ID", "Host", "Port", "User", "Password", "ConnType", "WinRMPassword", "SSHPublicKey", "SSHPrivateKey",
	"PackerRunUUID", "PackerHTTPAddr", "PackerHTTPIP", "PackerHTTPPort",
}

// checkFields reports the placeholders of an option that neither it nor every step
// knows.
func checkFields(option string, text template.Late, known ...string) error {
	for _, f := range text.Fields() {
		if slices.Contains(known, f) || slices.Contains(buildFields, f) {
			continue
		}
		return template.At(option, fmt.Errorf("{{.%s}} is not known here: this option has {{.%s}}", f, strings.Join(known, "}}, {{.")))
	}
	return nil
}

// withBuild adds the values of build.* to those of a text's own placeholders.
func withBuild(run Run, own map[string]string) map[string]string {
	for _, f := range buildFields {
		if _, taken := own[f]; !taken {
			own[f] = run.Vars[f]
		}
	}
	return own
}
