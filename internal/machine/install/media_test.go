package install

import (
	"strings"
	"testing"
)

func TestParseChecksum(t *testing.T) {
	t.Parallel()
	md5, sha1, sha256, sha512 := strings.Repeat("a", 32), strings.Repeat("B", 40), strings.Repeat("0", 64), strings.Repeat("f", 128)
	tests := []struct {
		text string
		want Checksum
		err  string
	}{
		{"none", Checksum{}, ""},
		{"none:" + md5, Checksum{}, ""},
		{"file:https://host/SHA256SUMS", Checksum{File: "https://host/SHA256SUMS"}, ""},
		{md5, Checksum{Type: "md5", Hex: md5}, ""},
		{sha1, Checksum{Type: "sha1", Hex: strings.ToLower(sha1)}, ""},
		{sha256, Checksum{Type: "sha256", Hex: sha256}, ""},
		{sha512, Checksum{Type: "sha512", Hex: sha512}, ""},
		{"SHA256:" + sha256, Checksum{Type: "sha256", Hex: sha256}, ""},
		{"sha256:" + md5, Checksum{Type: "sha256", Hex: md5}, ""}, // as Packer: it is the download that fails
		{"sha3:" + md5, Checksum{}, `there is no digest of type "sha3": use md5, sha1, sha256, sha512`},
		{md5 + "aa", Checksum{}, "a digest of 34 characters is of no known type"},
		{"sha256:", Checksum{}, "the digest is empty"},
		{"sha256:xyz", Checksum{}, `"sha256:xyz" is no digest`},
		{"https://host/SUMS", Checksum{}, "is no digest"},
		{"file:debian.iso", Checksum{}, "this is the name of a medium"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			got, err := ParseChecksum(tt.text)
			if got != tt.want || (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got %+v, %v; want %+v, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

func FuzzParseChecksum(f *testing.F) {
	for _, s := range []string{"none", "file:x", "sha256:00", strings.Repeat("0", 40), ":", "x.ISO"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseChecksum(s)
		if err != nil && c != (Checksum{}) || c.File != "" && (c.Type != "" || c.Hex != "") || c.Type != "" && c.Hex == "" {
			t.Errorf("%q is %+v, %v", s, c, err)
		}
	})
}

func TestParseSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"40960": 40960 << 20, "40960M": 40960 << 20, "40g": 40 << 30, "1T": 1 << 40, "512k": 512 << 10, "7b": 7, "0": 0,
		"8388607T": 8388607 << 40,
	} {
		if got, err := ParseSize(text); got != want || err != nil {
			t.Errorf("%s: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "M", "-1G", "1.5G", "40 G", "40GB", "0x10", "8388608T", "9999999999999999999"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func FuzzParseSize(f *testing.F) {
	for _, s := range []string{"1G", "40960", "", "9223372036854775807b", "t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseSize(s); n < 0 || err != nil && n != 0 {
			t.Errorf("%q is %d, %v", s, n, err)
		}
	})
}
