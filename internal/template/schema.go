package template

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Option describes one configuration option, for reference pages and schemas.
type Option struct {
	Name, Type, Default, Doc string
	Required                 bool
	Options                  []Option // of a nested block
	Open                     bool     // a block that takes anything
}

// field is one option of a configuration struct.
type field struct {
	name     string
	index    []int // for reflect's FieldByIndex
	typ      reflect.Type
	def      string
	hasDef   bool
	doc      string
	required bool
	recorded bool     // what it says is stored for others to read: it takes nothing sensitive
	fields   []string // {{.Field}} placeholders that a Late may hold; nil: not said
}

// schema is what a configuration struct takes.
type schema struct {
	fields []field
	rest   []int // index of the field that takes everything else, or nil
}

var (
	lateType     = reflect.TypeFor[Late]()
	treeType     = reflect.TypeFor[Tree]()
	durationType = reflect.TypeFor[time.Duration]()
)

// schemaOf reads the tags of a struct type. It panics when they are wrong: that
// is a mistake in the program, and Define is called when it starts.
func schemaOf(t reflect.Type) *schema {
	s := &schema{}
	s.collect(t, nil)
	seen := map[string]bool{}
	for _, f := range s.fields {
		if seen[f.name] {
			panic(fmt.Sprintf("template: %s has option %q twice", t, f.name))
		}
		seen[f.name] = true
	}
	return s
}

func (s *schema) collect(t reflect.Type, prefix []int) {
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("template: configuration %s is not a struct", t))
	}
	for i := range t.NumField() {
		sf := t.Field(i)
		index := append(append([]int(nil), prefix...), i)
		tag, tagged := sf.Tag.Lookup("opt")
		if !tagged {
			if sf.Anonymous && sf.Type.Kind() == reflect.Struct {
				s.collect(sf.Type, index)
			}
			continue
		}
		name, flags, _ := strings.Cut(tag, ",")
		if flags == "remain" {
			if sf.Type != treeType {
				panic(fmt.Sprintf("template: %s.%s takes the rest but is no Tree", t, sf.Name))
			}
			s.rest = index
			continue
		}
		f := field{name: name, index: index, typ: sf.Type, doc: sf.Tag.Get("doc")}
		known := true
		for flag := range strings.SplitSeq(flags, ",") {
			switch flag {
			case "":
			case "required":
				f.required = true
			case "recorded":
				f.recorded = true
			default:
				known = false
			}
		}
		f.def, f.hasDef = sf.Tag.Lookup("default")
		f.fields = strings.Fields(sf.Tag.Get("fields"))
		if name == "" || !known || !sf.IsExported() || !supported(sf.Type) {
			panic(fmt.Sprintf("template: %s.%s: option tag %q on a field of type %s", t, sf.Name, tag, sf.Type))
		}
		s.fields = append(s.fields, f)
	}
}

// supported tells whether options can be of this type.
func supported(t reflect.Type) bool { return typeName(t) != "" }

// typeName is how reference pages name a type, or "" when options cannot have it.
func typeName(t reflect.Type) string {
	switch t {
	case lateType:
		return "string"
	case treeType:
		return "block"
	case durationType:
		return "duration"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "number"
	case reflect.Struct:
		return "block"
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		if e := typeName(t.Elem()); e == "block" {
			return "blocks"
		} else if e != "" {
			return "list of " + plural(e)
		}
	case reflect.Map:
		if e := typeName(t.Elem()); e != "" && t.Key().Kind() == reflect.String {
			return "map of " + plural(e)
		}
	}
	return ""
}

func plural(s string) string {
	first, rest, more := strings.Cut(s, " ")
	if strings.HasSuffix(first, "s") {
		return s
	}
	if more {
		return first + "s " + rest
	}
	return first + "s"
}

// options describes the schema.
func (s *schema) options() []Option {
	var out []Option
	for _, f := range s.fields {
		o := Option{Name: f.name, Type: typeName(f.typ), Default: f.def, Doc: f.doc, Required: f.required}
		t := f.typ
		if t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t := structOf(t); t != nil {
			inner := schemaOf(t)
			o.Options, o.Open = inner.options(), inner.rest != nil
		} else if strings.Contains(o.Type, "block") {
			o.Open = true
		}
		out = append(out, o)
	}
	return out
}

// structOf returns the struct of a nested block, or nil.
func structOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct && t != lateType && t != treeType {
		return t
	}
	return nil
}

func (s *schema) names() []string {
	var out []string
	for _, f := range s.fields {
		out = append(out, f.name)
	}
	return out
}

func (s *schema) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

// fold finds a field whose name differs in case at most.
func (s *schema) fold(name string) *field {
	for i := range s.fields {
		if strings.EqualFold(s.fields[i].name, name) {
			return &s.fields[i]
		}
	}
	return nil
}

func (o Option) isList() bool { return strings.HasPrefix(o.Type, "list of ") }
