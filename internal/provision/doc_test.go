package provision

import (
	"os"
	"strings"
	"testing"
)

// TestDoc keeps the example of the guide equal to files that are compiled and run.
func TestDoc(t *testing.T) {
	t.Parallel()
	const page = "../../docs/adding-a-provisioner.md"
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"doc_motd_test.go", "doc_motd_use_test.go"} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "```go\n"+string(code)+"```\n") {
			t.Errorf("%s does not show %s as it is", page, file)
		}
	}
}
