package ec2

import (
	"fmt"
	"regexp"
	"strings"
)

// CleanName puts dashes for what names of AMIs may not hold. It works on bytes, as
// Packer does: a character that takes several becomes as many dashes.
func CleanName(s string) string {
	b := []byte(s)
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("()[] ./-'@_", c) >= 0) {
			b[i] = '-'
		}
	}
	return string(b)
}

// checkName looks at the name of an AMI.
func checkName(name string) error {
	if len(name) < 3 || len(name) > 128 {
		return fmt.Errorf("the name %q has %d characters: names of AMIs have 3 to 128", name, len(name))
	}
	if clean := CleanName(name); clean != name {
		return fmt.Errorf("the name %q may hold letters, digits and ()[] ./-'@_ only: {{clean_resource_name}} makes it %q", name, clean)
	}
	return nil
}

var keyForms = []*regexp.Regexp{
	regexp.MustCompile(`^(mrk-)?[a-f0-9]+[a-f0-9-]+$`),
	regexp.MustCompile(`^alias/[a-zA-Z0-9:/_-]+$`),
	regexp.MustCompile(`^arn:aws(-[a-z]{2}(-gov)?)?:kms:([a-z]{2}-(gov-)?[a-z]+-\d)?:\d{12}:(key/(mrk-)?[a-f0-9]+[a-f0-9-]+|alias/[a-zA-Z0-9:/_-]+)$`),
}

// checkKey looks at the name of a KMS key.
func checkKey(key string) error {
	for _, form := range keyForms {
		if form.MatchString(key) {
			return nil
		}
	}
	return fmt.Errorf("%q is no KMS key: give its id, its ARN, or alias/NAME", key)
}
