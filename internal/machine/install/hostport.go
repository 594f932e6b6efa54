package install

import "errors"

// HostPort is the port of this host through which a machine behind address
// translation is reached.
type HostPort struct {
	Min     int  `opt:"host_port_min" default:"2222" doc:"Lowest port of this host that is forwarded to the machine's."`
	Max     int  `opt:"host_port_max" default:"4444" doc:"Highest port of this host that is forwarded to the machine's."`
	SkipNAT bool `opt:"skip_nat_mapping" default:"false" doc:"Forward no port: the machine is reached at its own one."`

	OldMin     int  `opt:"ssh_host_port_min" doc:"Old: host_port_min."`
	OldMax     int  `opt:"ssh_host_port_max" doc:"Old: host_port_max."`
	OldSkipNAT bool `opt:"ssh_skip_nat_mapping" doc:"Old: skip_nat_mapping."`
}

// Modern puts what is given in old options into those of today.
func (c HostPort) Modern() HostPort {
	if c.OldMin != 0 {
		c.Min = c.OldMin
	}
	if c.OldMax != 0 {
		c.Max = c.OldMax
	}
	c.SkipNAT = c.SkipNAT || c.OldSkipNAT
	return c
}

// Check validates what tags cannot say.
func (c HostPort) Check() error {
	now := c.Modern()
	return errors.Join(
		CheckPorts("host_port_min", now.Min, "host_port_max", now.Max, 0),
		Deprecated("ssh_host_port_min", c.OldMin != 0, "use host_port_min"),
		Deprecated("ssh_host_port_max", c.OldMax != 0, "use host_port_max"),
		Deprecated("ssh_skip_nat_mapping", c.OldSkipNAT, "use skip_nat_mapping"))
}
