package serverspec

import (
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/resource"
	"github.com/proofmark-build/proofmark/internal/verify/serverspec/ruby"
)

// inventoryOf is host_inventory[name].
func (r *run) inventoryOf(name string) (ruby.Value, error) {
	if v, ok := r.inventory[name]; ok {
		return v, nil
	}
	host, err := r.host()
	if err != nil {
		return nil, err
	}
	v, err := r.answered(host.Ask(resource.Resource{Type: "host_inventory"}, resource.Call{Method: name}))
	if err == nil {
		r.inventory[name] = v
	}
	return v, err
}
