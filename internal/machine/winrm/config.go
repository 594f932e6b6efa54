// Package winrm is the WinRM communicator: its options, and what they must keep to.
package winrm

import (
	"fmt"
	"time"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is the winrm_ options of a source.
type Config struct {
	Host     string        `opt:"winrm_host" doc:"Address to connect to, instead of the one that the builder finds."`
	Port     int           `opt:"winrm_port" doc:"Port to connect to; 5985, or 5986 with winrm_use_ssl."`
	Username string        `opt:"winrm_username" doc:"User to log in as."`
	Password string        `opt:"winrm_password" doc:"Password to log in with; some builders ask their platform for it."`
	Timeout  time.Duration `opt:"winrm_timeout" default:"30m" doc:"How long to wait until the machine can be reached."`
	UseSSL   bool          `opt:"winrm_use_ssl" doc:"Connect by HTTPS."`
	Insecure bool          `opt:"winrm_insecure" doc:"Trust any certificate of the machine."`
	UseNTLM  bool          `opt:"winrm_use_ntlm" doc:"Log in by NTLM instead of basic authentication."`
	NoProxy  bool          `opt:"winrm_no_proxy" doc:"Connect without the proxy that the environment names."`
}

const (
	portHTTP  = 5985
	portHTTPS = 5986
)

// PortOrDefault is the port to connect to.
func (c Config) PortOrDefault() int {
	switch {
	case c.Port != 0:
		return c.Port
	case c.UseSSL:
		return portHTTPS
	}
	return portHTTP
}

// Check reports what is wrong with the options, by template.At. That the user is
// missing is for the caller to say: some builders know one.
func (c Config) Check() error {
	if c.Port < 0 || c.Port > 65535 {
		return template.At("winrm_port", fmt.Errorf("%d is no port: ports are 1 to 65535", c.Port))
	}
	return nil
}
