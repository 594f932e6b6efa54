package ec2

import "github.com/proofmark-build/proofmark/internal/template"

// Tags are tags as a map.
type Tags = map[string]template.Late

// KeyValue is one tag as a block.
type KeyValue struct {
	Key   string        `opt:"key" doc:"Key of the tag."`
	Value template.Late `opt:"value" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Value of the tag."`
}

// NameValue is one tag of a volume as a block.
type NameValue struct {
	Name  string        `opt:"name" doc:"Key of the tag."`
	Value template.Late `opt:"value" fields:"BuildRegion SourceAMI SourceAMICreationDate SourceAMIName SourceAMIOwner SourceAMIOwnerName SourceAMITags" doc:"Value of the tag."`
}
