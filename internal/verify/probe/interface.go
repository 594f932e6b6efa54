package probe

import (
	"net"
	"slices"
)

func netInterface(name string) (*Interface, error) {
	list, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		if i.Name != name {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		fact := &Interface{Exists: true, MTU: i.MTU, Addrs: []string{}}
		for _, a := range addrs {
			fact.Addrs = append(fact.Addrs, a.String())
		}
		slices.Sort(fact.Addrs)
		return fact, nil
	}
	return &Interface{Addrs: []string{}}, nil
}
