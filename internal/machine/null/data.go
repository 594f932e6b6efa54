package null

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Data is a data source that gives back what it is given.
func Data() template.Kind[machine.DataSource] {
	return template.Define(KindName, "give back a text: output is what input was", func(c dataConfig) (machine.DataSource, error) {
		return data(c), nil
	})
}

type dataConfig struct {
	Input string `opt:"input,required" doc:"The text."`
}

type data dataConfig

func (d data) Read(context.Context) (cty.Value, error) {
	return cty.ObjectVal(map[string]cty.Value{"output": cty.StringVal(d.Input)}), nil
}
