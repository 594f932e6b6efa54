package resource

import (
	"slices"
)

// row is one method of one type or of several, on the platforms that when takes.
type row struct {
	of     []string
	method string              // "*": any that no other row takes
	params string              // names of the arguments, in order
	when   func(Platform) bool // nil: everywhere
	// ask answers by commands, which is what the row means.
	ask func(*asking) Value
	// fact answers by other facts, with the same verdict. It is not ok where they do
	// not decide exactly, and may be nil.
	fact func(*asking) (v Value, ok bool)
}

func (r row) takes(typ, method string) bool {
	return slices.Contains(r.of, typ) && (r.method == method || r.method == "*")
}

// tables returns all rows. Of those that take a call the first counts.
func tables() [][]row {
	return [][]row{
		fileRows, commandRows, packageRows, serviceRows, portRows, userRows, groupRows, processRows,
		hostRows, interfaceRows, routeRows, firewallRows, selinuxRows, kernelRows, cronRows, fstabRows, mailRows,
		repoRows, phpRows, x509Rows, dockerRows, guestRows, inventoryRows,
	}
}

func find(typ, method string, p Platform) *row {
	for _, table := range tables() {
		for i := range table {
			if r := &table[i]; r.takes(typ, method) && (r.when == nil || r.when(p)) {
				return r
			}
		}
	}
	return nil
}

// one is the types of a row that is of one type alone.
func one(typ string) []string { return []string{typ} }

// check is a row's ask by one command: true when it succeeds.
func check(line func(a *asking) string) func(*asking) Value {
	return func(a *asking) Value { return a.check(line(a)) }
}

// on is a check of a command that ends with the resource's name.
func on(command string) func(*asking) Value {
	return func(a *asking) Value { return a.check(command + " " + a.name()) }
}

// prints is a row's ask by what one command prints, without white space around it.
func prints(line func(a *asking) string) func(*asking) Value {
	return func(a *asking) Value { return String(strip(a.stdout(line(a)))) }
}

// notHere is the row of what ServerSpec does not have on a platform.
func notHere(a *asking) Value {
	return a.raise("NotImplementedError", "%s is not implemented in ServerSpec for this system", a.method)
}
