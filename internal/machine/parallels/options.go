package parallels

import (
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/machine/install"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Hardware is the machine.
type Hardware struct {
	CPUs   int  `opt:"cpus" default:"1" doc:"Number of processors."`
	Memory int  `opt:"memory" default:"512" doc:"Memory in MiB."`
	Sound  bool `opt:"sound" default:"false" doc:"Give the machine a sound card."`
	USB    bool `opt:"usb" default:"false" doc:"Give the machine a USB controller."`
}

// Check validates what tags cannot say.
func (c Hardware) Check() error {
	return errors.Join(install.AtLeast("cpus", c.CPUs, 0), install.AtLeast("memory", c.Memory, 0))
}

// Tools is what the machine is given of Parallels Tools.
type Tools struct {
	Flavor    string        `opt:"parallels_tools_flavor" doc:"System that the tools are for: lin, lin-arm, mac, os2, other, win or win-arm."`
	GuestPath template.Late `opt:"parallels_tools_guest_path" default:"prl-tools-{{.Flavor}}.iso" doc:"Where the tools are uploaded to."`
	Mode      string        `opt:"parallels_tools_mode" default:"upload" doc:"What becomes of the tools: upload, attach or disable."`
}

// Check validates what tags cannot say.
func (c Tools) Check() error {
	errs := []error{
		template.OneOf("parallels_tools_mode", c.Mode, "upload", "attach", "disable"),
		install.CheckFields("parallels_tools_guest_path", []template.Late{c.GuestPath}, "Flavor"),
	}
	if c.Flavor == "" && c.Mode != "disable" {
		errs = append(errs, template.IfKnown(template.Missing("parallels_tools_flavor"), "parallels_tools_mode"))
	}
	return errors.Join(errs...)
}

// Screens are what is typed when a text is seen on the screen.
type Screens struct {
	Screens []Screen `opt:"boot_screen_config" doc:"What to type on a screen that shows certain texts."`
	OCR     string   `opt:"ocr_library" default:"vision" doc:"What reads the screen: vision or tesseract."`
}

// Screen is a boot_screen_config block.
type Screen struct {
	install.Boot
	Name     string   `opt:"screen_name" doc:"Name of the screen, once in a source."`
	Matching []string `opt:"matching_strings" doc:"Texts by which the screen is known; without any it is what no other screen is."`
	Last     bool     `opt:"is_last_screen" default:"false" doc:"Stop reading the screen after this one."`
	Once     bool     `opt:"execute_only_once" default:"false" doc:"Type it the first time alone."`
}

// Check validates what tags cannot say.
func (c Screens) Check() error {
	errs := []error{template.OneOf("ocr_library", c.OCR, "vision", "tesseract")}
	seen := map[string]bool{}
	others := 0
	for i, s := range c.Screens {
		at := fmt.Sprintf("boot_screen_config[%d].", i)
		errs = append(errs, install.CheckBootCommand(at+"boot_command", s.Command, install.HTTPIP, install.HTTPPort, install.Name))
		switch {
		case s.Name == "":
			errs = append(errs, template.Missing(at+"screen_name"))
		case seen[s.Name]:
			errs = append(errs, template.At(at+"screen_name", fmt.Errorf("there is another screen %q", s.Name)))
		}
		seen[s.Name] = true
		if len(s.Matching) == 0 {
			if others++; others == 2 {
				errs = append(errs, template.IfKnown(template.At(at+"screen_name", errors.New("two screens have no matching_strings")), at+"matching_strings"))
			}
		}
	}
	return errors.Join(errs...)
}
