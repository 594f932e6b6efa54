package ec2

import (
	"errors"
	"fmt"
	"slices"

	"github.com/proofmark-build/proofmark/internal/template"
)

// FastLaunch lets machines of a Windows AMI start from snapshots made in advance.
type FastLaunch struct {
	Enable    bool             `opt:"enable_fast_launch" doc:"Make the snapshots; any other option here means the same."`
	Regions   []RegionTemplate `opt:"region_launch_templates" doc:"Launch template for each region."`
	Launches  int              `opt:"max_parallel_launches" doc:"How many machines make snapshots at once; 6 or more."`
	Snapshots int              `opt:"target_resource_count" doc:"How many snapshots to keep ready; 5 when not given."`
	LaunchTemplate
}

// LaunchTemplate names a launch template.
type LaunchTemplate struct {
	ID      string `opt:"template_id" doc:"Launch template by its id."`
	Name    string `opt:"template_name" doc:"Launch template by its name."`
	Version int    `opt:"template_version" doc:"Version of the launch template; the newest when not given."`
}

// RegionTemplate is the launch template for one region.
type RegionTemplate struct {
	Region string `opt:"region,required" doc:"The region."`
	Enable *bool  `opt:"enable_fast_launch" doc:"false: none in this region."`
	LaunchTemplate
}

// check takes the region of the build and those of its copies.
func (f FastLaunch) check(region string, copies []string) error {
	var errs []error
	if f.Launches != 0 && f.Launches < 6 {
		errs = append(errs, template.At("fast_launch.max_parallel_launches", fmt.Errorf("%d is too few: it is 6 or more", f.Launches)))
	}
	if f.Snapshots < 0 {
		errs = append(errs, template.At("fast_launch.target_resource_count", fmt.Errorf("%d is too few: it is 1 or more", f.Snapshots)))
	}
	errs = append(errs, f.LaunchTemplate.check("fast_launch"))
	seen := map[string]bool{}
	if f.LaunchTemplate != (LaunchTemplate{}) {
		seen[region] = true
	}
	for i, r := range f.Regions {
		path := fmt.Sprintf("fast_launch.region_launch_templates[%d]", i)
		switch {
		case r.Region == "":
		case seen[r.Region]:
			errs = append(errs, template.At(path+".region", fmt.Errorf("region %s has a launch template already", r.Region)))
		case r.Region != region && !slices.Contains(copies, r.Region):
			errs = append(errs, template.IfKnown(template.At(path+".region", fmt.Errorf("the AMI is not copied to %s: add it to ami_regions", r.Region)), "region", "ami_regions"))
		}
		seen[r.Region] = true
		if r.Enable == nil || *r.Enable {
			errs = append(errs, r.LaunchTemplate.check(path))
		}
	}
	return errors.Join(errs...)
}

func (t LaunchTemplate) check(path string) error {
	var errs []error
	if t.ID != "" && t.Name != "" {
		errs = append(errs, template.At(path+".template_name", errors.New("excludes template_id: give one of them")))
	}
	if t.Version < 0 {
		errs = append(errs, template.At(path+".template_version", fmt.Errorf("%d is no version: it is 1 or more", t.Version)))
	}
	if t.Version != 0 && t.ID == "" && t.Name == "" {
		errs = append(errs, template.IfKnown(template.At(path+".template_version", errors.New("needs template_id or template_name")), path+".template_id", path+".template_name"))
	}
	return errors.Join(errs...)
}
