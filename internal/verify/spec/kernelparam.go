package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func kernelParamKind() *kind {
	return &kind{
		name: "kernel-param", title: "Kernel parameter", naming: "name",
		attributes: []attribute{
			{name: "value", hand: func(name string, _ *resource, _ state) string { return "sysctl " + name }},
		},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindKernelParam, Name: r.name} },
			func(_ *resource, k probe.KernelParam) state {
				if !k.Exists {
					return state{absent: "no such parameter"}
				}
				return state{values: map[string]any{"value": k.Value}}
			}),
	}
}
