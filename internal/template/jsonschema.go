package template

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// Components are all kinds that templates may use.
type Components struct {
	Sources, Provisioners, Verifiers, PostProcessors, Data []Component
}

// schemaNode is a JSON Schema, or a part of one.
type schemaNode map[string]any

// Schema writes the JSON Schema (draft 2020-12) of the JSON form of templates, for
// editors: every component with its options and their documentation.
func Schema(c Components) ([]byte, error) {
	str := schemaNode{"type": "string"}
	defs := schemaNode{}
	list := func(role string, items schemaNode) schemaNode {
		return schemaNode{"type": "array", "items": items, "description": role}
	}
	builder := componentSchemas(defs, "builder", c.Sources, []string{"name", "labels"})
	provisioner := componentSchemas(defs, "provisioner", c.Provisioners, provisionerKeys)
	verifier := componentSchemas(defs, "verifier", c.Verifiers, verifyKeys)
	pp := componentSchemas(defs, "post-processor", c.PostProcessors, postProcessorKeys)
	ppName := schemaNode{"enum": componentNames(c.PostProcessors)}
	root := schemaNode{
		"$schema":     "https://json-schema.org/draft/2020-12/schema",
		"title":       "Proofmark template in JSON",
		"type":        "object",
		"required":    []string{"builders"},
		"$defs":       defs,
		"description": "A template as Packer reads it, with verifiers and labels added.",
		"properties": schemaNode{
			"description":               str,
			"min_packer_version":        str,
			"variables":                 schemaNode{"type": "object", "additionalProperties": schemaNode{"type": []string{"string", "null"}}},
			"sensitive-variables":       schemaNode{"type": "array", "items": str},
			"labels":                    schemaNode{"type": "object", "additionalProperties": str},
			"builders":                  list("What is built.", builder),
			"provisioners":              list("What is done in each machine, in this order.", provisioner),
			"error-cleanup-provisioner": provisioner,
			"verifiers":                 list("What must hold before an image may exist.", verifier),
			"post-processors": list("What is done with each image.", schemaNode{"anyOf": []schemaNode{
				ppName, pp, {"type": "array", "items": schemaNode{"anyOf": []schemaNode{ppName, pp}}},
			}}),
		},
		"patternProperties":    schemaNode{"^_": schemaNode{}},
		"additionalProperties": false,
	}
	b, err := json.MarshalIndent(root, "", "  ")
	return append(b, '\n'), err
}

func componentNames(list []Component) []string {
	names := []string{}
	for _, c := range list {
		names = append(names, c.Name)
	}
	return names
}

// componentSchemas defines each component of a role and returns the schema of one
// that is any of them: its type decides.
func componentSchemas(defs schemaNode, role string, list []Component, keys []string) schemaNode {
	var cases []schemaNode
	for _, c := range list {
		name := role + "." + c.Name
		def := optionsSchema(c.Options, c.Open)
		props := def["properties"].(schemaNode)
		props["type"] = schemaNode{"const": c.Name}
		for _, o := range stepSchema.options() {
			if slices.Contains(keys, o.Name) {
				props[o.Name] = optionSchema(o)
			}
		}
		for _, key := range keys {
			if props[key] == nil {
				props[key] = schemaNode{"type": "object"} // override, labels
			}
		}
		if c.Summary != "" {
			def["description"] = c.Summary
		}
		defs[name] = def
		cases = append(cases, schemaNode{
			"if":   schemaNode{"properties": schemaNode{"type": schemaNode{"const": c.Name}}},
			"then": schemaNode{"$ref": "#/$defs/" + strings.ReplaceAll(name, "/", "~1")},
		})
	}
	out := schemaNode{"type": "object", "required": []string{"type"}, "properties": schemaNode{"type": schemaNode{"enum": componentNames(list)}}}
	if len(cases) > 0 {
		out["allOf"] = cases
	}
	return out
}

func optionsSchema(list []Option, open bool) schemaNode {
	props := schemaNode{}
	var required []string
	for _, o := range list {
		props[o.Name] = optionSchema(o)
		if o.Required {
			required = append(required, o.Name)
		}
	}
	def := schemaNode{"type": "object", "properties": props}
	if len(required) > 0 {
		def["required"] = required
	}
	if !open {
		def["additionalProperties"] = false
	}
	return def
}

func optionSchema(o Option) schemaNode {
	n := typeSchema(o.Type, o)
	if o.Doc != "" {
		n["description"] = o.Doc
	}
	if o.Default != "" {
		n["default"] = o.Default
	}
	return n
}

// typeSchema takes the names that typeName gives. Every value may be a string, since
// it may hold a variable.
func typeSchema(t string, o Option) schemaNode {
	switch {
	case t == "bool" || t == "bools":
		return schemaNode{"type": []string{"boolean", "string"}}
	case t == "number" || t == "numbers":
		return schemaNode{"type": []string{"number", "string"}}
	case t == "block":
		return optionsSchema(o.Options, o.Open)
	case t == "blocks":
		block := optionsSchema(o.Options, o.Open)
		return schemaNode{"anyOf": []schemaNode{block, {"type": "array", "items": block}}}
	case strings.HasPrefix(t, "list of "), strings.HasPrefix(t, "lists of "):
		_, elem, _ := strings.Cut(t, " of ")
		return schemaNode{"anyOf": []schemaNode{{"type": "array", "items": typeSchema(elem, o)}, {"type": "string"}}}
	case strings.HasPrefix(t, "map of "), strings.HasPrefix(t, "maps of "):
		_, elem, _ := strings.Cut(t, " of ")
		if elem == "blocks" {
			elem = "block"
		}
		return schemaNode{"type": "object", "additionalProperties": typeSchema(elem, o)}
	case t == "duration" || t == "durations":
		return schemaNode{"type": "string"}
	}
	return schemaNode{"type": []string{"string", "number", "boolean"}}
}

// CommonOptions lists the options that every component of a kind has besides its
// own; kind is as in Options.Known.
func CommonOptions(kind string) []Option {
	keys := map[string][]string{"provisioner": provisionerKeys, "post-processor": postProcessorKeys, "verify": verifyKeys}[kind]
	var out []Option
	for _, o := range schemaOf(reflect.TypeFor[stepKeys]()).options() {
		if slices.Contains(keys, o.Name) {
			out = append(out, o)
		}
	}
	return out
}
