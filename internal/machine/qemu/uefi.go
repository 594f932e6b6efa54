package qemu

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ovmfDirectory is where Debian's package ovmf lies.
const ovmfDirectory = "/usr/share/OVMF"

// withUEFI fills in the files of UEFI, which go together in pairs: newer releases of Debian
// have only the larger one.
func (f Firmware) withUEFI(directory string) Firmware {
	large := strings.Contains(filepath.Base(f.EFICode)+filepath.Base(f.EFIVars), "_4M")
	if f.EFICode == "" && f.EFIVars == "" {
		_, err := os.Stat(filepath.Join(directory, "OVMF_CODE.fd"))
		_, err4M := os.Stat(filepath.Join(directory, "OVMF_CODE_4M.fd"))
		large = err != nil && err4M == nil
	}
	kind := map[bool]string{true: "_4M"}[large]
	f.EFICode = cmp.Or(f.EFICode, filepath.Join(directory, "OVMF_CODE"+kind+".fd"))
	f.EFIVars = cmp.Or(f.EFIVars, filepath.Join(directory, "OVMF_VARS"+kind+".fd"))
	return f
}

// requireUEFI wants the files to be there.
func (f Firmware) requireUEFI() error {
	for _, file := range []string{f.EFICode, f.EFIVars} {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("UEFI for machines is missing (%w): apt-get install --no-install-recommends ovmf", err)
		}
	}
	return nil
}
