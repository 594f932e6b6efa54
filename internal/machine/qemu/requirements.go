package qemu

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/install"
)

const usualBinary = "qemu-system-x86_64"

// Requirements lists what the builder needs of this host.
func Requirements(d Deps) []machine.Requirement {
	program := func(what, name string, optional bool) machine.Requirement {
		return machine.Requirement{For: what + ": " + name, Package: packageFor(name), Optional: optional, Check: func() error {
			if _, err := exec.LookPath(name); err != nil {
				return errors.New("it is not installed")
			}
			return nil
		}}
	}
	return []machine.Requirement{
		program("machines", usualBinary, false),
		program("disks", imgProgram, false),
		{For: "acceleration (KVM)", Optional: true, Check: func() error {
			if _, err := exec.LookPath(usualBinary); err != nil {
				return errors.New("there is no QEMU to try it with")
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			if err := KVM(ctx, d.State, usualBinary); err != nil {
				return fmt.Errorf("%w: machines are emulated, which takes many times as long", err)
			}
			return nil
		}},
		{For: "UEFI (efi_boot): OVMF", Package: "ovmf", Optional: true, Check: Firmware{}.withUEFI(ovmfDirectory).requireUEFI},
		{For: "CDs (cd_files): " + strings.Join(install.CDPrograms(), " or "), Package: "xorriso", Optional: true, Check: func() error {
			for _, p := range install.CDPrograms() {
				if _, err := exec.LookPath(p); err == nil {
					return nil
				}
			}
			return errors.New("none is installed")
		}},
		program("floppy disks (floppy_files)", "mcopy", true),
	}
}

func packageFor(program string) string {
	if program == "mcopy" {
		return "mtools"
	}
	return packageOf(program)
}
