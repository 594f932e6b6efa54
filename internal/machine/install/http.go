package install

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// HTTP is the web server that gives files to the installation.
type HTTP struct {
	Directory   string            `opt:"http_directory" doc:"Directory that the server offers to the machine."`
	Content     map[string]string `opt:"http_content" doc:"Files that the server offers, by path, with their text; instead of a directory."`
	PortMin     int               `opt:"http_port_min" default:"8000" doc:"Lowest port of the server."`
	PortMax     int               `opt:"http_port_max" default:"9000" doc:"Highest port of the server."`
	BindAddress string            `opt:"http_bind_address" doc:"Address that the server listens on; by default the loopback where the machine reaches that, else every one."`
	Interface   string            `opt:"http_interface" doc:"Network interface of this host whose address the machine is told."`
	Protocol    string            `opt:"http_network_protocol" default:"tcp" doc:"tcp, tcp4, tcp6, unix or unixpacket."`
}

// Check validates what tags cannot say.
func (c HTTP) Check() error {
	var errs []error
	if c.Directory != "" && len(c.Content) > 0 {
		errs = append(errs, template.At("http_content", errors.New("give either http_directory or http_content, not both")))
	}
	if c.Interface != "" && c.BindAddress != "" {
		errs = append(errs, template.At("http_interface", errors.New("give either http_bind_address or http_interface, not both")))
	}
	errs = append(errs,
		CheckPorts("http_port_min", c.PortMin, "http_port_max", c.PortMax, 0),
		template.OneOf("http_network_protocol", c.Protocol, "tcp", "tcp4", "tcp6", "unix", "unixpacket"))
	return errors.Join(errs...)
}
