package qemu

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUEFIFiles(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		there      []string
		given      Firmware
		code, vars string
		missing    string
	}{
		"both sizes":       {[]string{"OVMF_CODE.fd", "OVMF_VARS.fd", "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"}, Firmware{}, "OVMF_CODE.fd", "OVMF_VARS.fd", ""},
		"the larger alone": {[]string{"OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"}, Firmware{}, "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd", ""},
		"none":             {nil, Firmware{}, "OVMF_CODE.fd", "OVMF_VARS.fd", "OVMF_CODE.fd"},
		"no variables":     {[]string{"OVMF_CODE.fd"}, Firmware{}, "OVMF_CODE.fd", "OVMF_VARS.fd", "OVMF_VARS.fd"},
		"code given":       {[]string{"OVMF_CODE.fd", "OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.fd"}, Firmware{EFICode: "OVMF_CODE_4M.secboot.fd"}, "OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.fd", ""},
		"variables given":  {[]string{"OVMF_CODE.fd", "mine.fd"}, Firmware{EFIVars: "mine.fd"}, "OVMF_CODE.fd", "mine.fd", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, f := range tt.there {
				if err := os.WriteFile(filepath.Join(dir, f), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			in := func(f string) string {
				if f == "" {
					return ""
				}
				return filepath.Join(dir, f)
			}
			got := Firmware{EFICode: in(tt.given.EFICode), EFIVars: in(tt.given.EFIVars)}.withUEFI(dir)
			if got.EFICode != in(tt.code) || got.EFIVars != in(tt.vars) {
				t.Errorf("%s and %s, want %s and %s", got.EFICode, got.EFIVars, tt.code, tt.vars)
			}
			err := got.requireUEFI()
			if (err == nil) != (tt.missing == "") || err != nil && (!strings.Contains(err.Error(), in(tt.missing)) || !strings.Contains(err.Error(), "install --no-install-recommends ovmf")) {
				t.Errorf("error %v, want one with %q", err, tt.missing)
			}
		})
	}
}
