package disk

import (
	"bytes"
	_ "embed"
	"encoding/xml"
	"fmt"
	"text/template"
)

//go:embed machine.ovf.tmpl
var ovfText string

// system says how VMware and the standard call an operating system.
type system struct {
	ID           int // CIM_OperatingSystem.OSType
	VMware, VBox string
	Name         string
}

// systems by the ID= of /etc/os-release.
var systems = map[string]system{
	"debian": {96, "debian10_64Guest", "Debian_64", "Debian GNU/Linux (64 bit)"},
	"ubuntu": {94, "ubuntu64Guest", "Ubuntu_64", "Ubuntu Linux (64 bit)"},
	"centos": {107, "centos64Guest", "RedHat_64", "CentOS (64 bit)"},
	"rhel":   {80, "rhel7_64Guest", "RedHat_64", "Red Hat Enterprise Linux (64 bit)"},
	"fedora": {101, "fedora64Guest", "Fedora_64", "Fedora (64 bit)"},
}

// anyLinux is what all others are.
var anyLinux = system{101, "other4xLinux64Guest", "Linux26_64", "Linux (64 bit)"}

// describe writes the OVF descriptor: hardware version 13 (ESXi 6.5, Workstation 14,
// VirtualBox 5 and later), an LSI Logic controller, one network card.
func describe(m Machine, file string, packed, capacity int64) ([]byte, error) {
	s, known := systems[m.System]
	if !known {
		s = anyLinux
	}
	data := struct {
		Machine          Machine
		System           system
		File             string
		Packed, Capacity int64
	}{m, s, file, packed, capacity}
	data.Machine.CPUs, data.Machine.MemoryMB = max(m.CPUs, 1), m.MemoryMB
	if m.MemoryMB == 0 {
		data.Machine.MemoryMB = 1024
	}
	if data.Machine.Name == "" {
		data.Machine.Name = "machine"
	}
	t, err := template.New("ovf").Funcs(template.FuncMap{"xml": escape}).Parse(ovfText)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("describe machine: %w", err)
	}
	return b.Bytes(), nil
}

func escape(s string) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}
