package install

import (
	"errors"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/template"
)

// AtLeast wants a number that is not smaller than another one.
func AtLeast[N int | int64](option string, value, least N) error {
	if value >= least {
		return nil
	}
	return template.At(option, fmt.Errorf("%d is too small: at least %d", value, least))
}

// AtMost wants a number that is not greater than another one.
func AtMost[N int | int64](option string, value, most N) error {
	if value <= most {
		return nil
	}
	return template.At(option, fmt.Errorf("%d is too great: at most %d", value, most))
}

// Within wants a number between two others; 0 stands for the default.
func Within[N int | int64](option string, value, least, most N) error {
	if value == 0 {
		return nil
	}
	return errors.Join(AtLeast(option, value, least), AtMost(option, value, most))
}

// CheckPorts wants a range of TCP ports that is not empty and not below least.
func CheckPorts(minOption string, lowest int, maxOption string, highest, least int) error {
	if err := errors.Join(AtLeast(minOption, lowest, least), AtMost(minOption, lowest, 65535), AtMost(maxOption, highest, 65535)); err != nil {
		return err
	}
	if lowest <= highest {
		return nil
	}
	return template.IfKnown(template.At(minOption, fmt.Errorf("%d is greater than %s, %d", lowest, maxOption, highest)), maxOption)
}

// Deprecated warns of an option that is given in an old way.
func Deprecated(option string, given bool, instead string) error {
	if !given {
		return nil
	}
	return template.Warning(template.At(option, fmt.Errorf("it is old: %s", instead)))
}

// CheckFields warns of texts that have other placeholders than {{.Field}} of the known
// names: a template is valid with them, and its build fails.
func CheckFields(option string, texts []template.Late, known ...string) error {
	for _, t := range texts {
		if slices.ContainsFunc(t.Fields(), func(f string) bool { return !slices.Contains(known, f) }) {
			_, err := t.Render(sample(known))
			return template.Warning(template.At(option, err))
		}
	}
	return nil
}

// CheckCommands does so for lists of commands.
func CheckCommands(option string, commands [][]template.Late, known ...string) error {
	for _, c := range commands {
		if err := CheckFields(option, c, known...); err != nil {
			return err
		}
	}
	return nil
}
