package provision

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/proofmark-build/proofmark/internal/template"
)

// HCPSBOM takes a bill of materials out of the machine.
func HCPSBOM() template.Kind[Provisioner] {
	return template.Valid[Provisioner]("hcp-sbom", "take a software bill of materials out of the machine", sbomConfig.check)
}

type sbomConfig struct {
	Source       string   `opt:"source" doc:"The bill of materials in the machine, in the form of SPDX or CycloneDX."`
	AutoGenerate bool     `opt:"auto_generate" default:"false" doc:"Make it in the machine, instead of taking one that is there."`
	Destination  string   `opt:"destination" doc:"Where on this host to put a copy."`
	SBOMName     string   `opt:"sbom_name" doc:"Name under which the registry keeps it: 3 to 36 letters, digits, - and _."`
	ScannerArgs  []string `opt:"scanner_args" default:"-o,cyclonedx-json" doc:"Arguments of the scanner."`
	ScanPath     string   `opt:"scan_path" default:"/" doc:"Directory in the machine to scan."`
	elevatedConfig
	ExecuteCommand  template.Late `opt:"execute_command" doc:"Command that runs the scanner, with {{.Path}}, {{.Args}}, {{.ScanPath}} and {{.Output}}."`
	ScannerURL      string        `opt:"scanner_url" doc:"Without effect."`
	ScannerChecksum string        `opt:"scanner_checksum" doc:"Without effect; needs scanner_url."`
}

var sbomName = regexp.MustCompile(`^[0-9A-Za-z_-]{3,36}$`)

func (c sbomConfig) check() error {
	errs := []error{checkFields("execute_command", c.ExecuteCommand, "Path", "Args", "ScanPath", "Output")}
	switch {
	case c.Source != "" && c.AutoGenerate:
		errs = append(errs, template.At("auto_generate", errors.New("give either source or auto_generate, not both")))
	case c.Source == "" && !c.AutoGenerate:
		errs = append(errs, template.Missing("source", "auto_generate"))
	}
	if c.AutoGenerate {
		errs = append(errs, c.elevatedConfig.check())
		if c.ScannerChecksum != "" && c.ScannerURL == "" {
			errs = append(errs, template.IfKnown(template.At("scanner_checksum", errors.New("needs scanner_url")), "scanner_url"))
		}
	}
	if c.SBOMName != "" && !sbomName.MatchString(c.SBOMName) {
		errs = append(errs, template.At("sbom_name", fmt.Errorf("%q is not made of 3 to 36 letters, digits, - and _", c.SBOMName)))
	}
	return errors.Join(errs...)
}
