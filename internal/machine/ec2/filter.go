package ec2

import "github.com/proofmark-build/proofmark/internal/template"

// Filter chooses among what EC2 has, by the names that its API gives to filters.
type Filter struct {
	Filters map[string]string `opt:"filters" doc:"EC2 filters and the values that they allow, with commas between."`
	Filter  []FilterEntry     `opt:"filter" doc:"The same as a block for each filter."`
}

// FilterEntry is one filter as a block.
type FilterEntry struct {
	Name  string `opt:"name" doc:"Name of the filter."`
	Key   string `opt:"key" doc:"Old name of name."`
	Value string `opt:"value" doc:"Value that it allows."`
}

func (f Filter) empty() bool { return len(f.Filters) == 0 && len(f.Filter) == 0 }

// SubnetFilter chooses a subnet.
type SubnetFilter struct {
	Filter
	MostFree bool `opt:"most_free" doc:"Of several, the one with most free addresses."`
	Random   bool `opt:"random" doc:"Of several, any one."`
}

// ImageFilter chooses an AMI.
type ImageFilter struct {
	Filter
	Owners            []string `opt:"owners" doc:"Accounts that the AMI may belong to: ids, self, or aliases such as amazon."`
	MostRecent        bool     `opt:"most_recent" doc:"Of several, the newest."`
	IncludeDeprecated bool     `opt:"include_deprecated" doc:"Consider deprecated AMIs too."`
}

func (f ImageFilter) given() bool { return !f.empty() || len(f.Owners) > 0 }

// checkSource looks at the AMI that a machine starts from.
func checkSource(ami string, f ImageFilter) error {
	switch {
	case ami != "":
	case !f.given():
		return template.Missing("source_ami", "source_ami_filter")
	case len(f.Owners) == 0:
		return template.IfKnown(template.At("source_ami_filter", errOwners), "source_ami")
	}
	return nil
}
