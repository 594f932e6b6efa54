package install

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/template"
)

// ISO is the medium that a machine is installed from.
type ISO struct {
	Checksum        string   `opt:"iso_checksum" doc:"Digest of the medium: type:hex, bare hex, file:URL of a list of digests, or none."`
	URL             string   `opt:"iso_url" doc:"URL or path of the medium."`
	URLs            []string `opt:"iso_urls" doc:"Several places of the same medium, tried in this order."`
	TargetPath      string   `opt:"iso_target_path" doc:"File to download to, instead of one in the cache."`
	TargetExtension string   `opt:"iso_target_extension" default:"iso" doc:"Extension of the file in the cache."`

	ChecksumType string `opt:"iso_checksum_type" doc:"Old: the type is part of iso_checksum."`
	ChecksumURL  string `opt:"iso_checksum_url" doc:"Old: write file:URL in iso_checksum."`
}

// Given tells whether any place of the medium is given.
func (c ISO) Given() bool { return c.URL != "" || len(c.URLs) > 0 }

// Check wants one place of the medium, and its checksum.
func (c ISO) Check() error {
	return errors.Join(CheckMedium("iso", c.Medium()), c.checkOld())
}

// CheckIfGiven is Check for builders that can do without a medium.
func (c ISO) CheckIfGiven() error {
	if !c.Given() {
		return c.checkOld()
	}
	return c.Check()
}

func (c ISO) checkOld() error {
	return errors.Join(
		Deprecated("iso_checksum_type", c.ChecksumType != "", `write "iso_checksum": "TYPE:…"`),
		Deprecated("iso_checksum_url", c.ChecksumURL != "", `write "iso_checksum": "file:URL"`))
}

// Medium is where the medium is and what its digest is, old options included.
func (c ISO) Medium() Medium {
	m := Medium{URL: c.URL, URLs: c.URLs, Checksum: c.Checksum}
	switch {
	case c.ChecksumURL != "":
		m.Checksum = "file:" + c.ChecksumURL
	case strings.EqualFold(c.ChecksumType, "none"):
		m.Checksum = "none"
	case c.ChecksumType != "" && m.Checksum != "":
		m.Checksum = c.ChecksumType + ":" + m.Checksum
	}
	return m
}

// Medium is a file to download.
type Medium struct {
	URL      string
	URLs     []string
	Checksum string
}

// CheckMedium wants one of URL and URLs, and a checksum. The options are called
// PREFIX_url, PREFIX_urls and PREFIX_checksum.
func CheckMedium(prefix string, m Medium) error {
	url, urls, sum := prefix+"_url", prefix+"_urls", prefix+"_checksum"
	var errs []error
	switch {
	case m.URL == "" && len(m.URLs) == 0:
		errs = append(errs, template.Missing(url, urls))
	case m.URL != "" && len(m.URLs) > 0:
		errs = append(errs, template.At(urls, fmt.Errorf("give either %s or %s, not both", url, urls)))
	}
	if m.Checksum == "" {
		return errors.Join(append(errs, template.Missing(sum))...)
	}
	c, err := ParseChecksum(m.Checksum)
	if err == nil && c.None() {
		err = template.Warning(errors.New("without a digest any file is taken for the medium"))
	}
	if errors.Is(err, ErrNoDigest) {
		err = template.Warning(err) // as in Packer it is the download that fails
	}
	if err == nil && c.File != "" && isLocal(c.File) {
		_, err = os.Stat(strings.TrimPrefix(c.File, "file://"))
	}
	return errors.Join(append(errs, template.At(sum, err))...)
}

// Checksum is a digest that a file must have.
type Checksum struct {
	Type string // md5, sha1, sha256, sha512; "" when File says it
	Hex  string // lower case
	File string // URL or path of a list of digests, in which the name of the file is looked up
}

// None tells that no digest is wanted.
func (c Checksum) None() bool { return c == Checksum{} }

// ErrNoDigest from ParseChecksum: behind the type there is nothing.
var ErrNoDigest = errors.New("the digest is empty")

// ParseChecksum reads type:hex, bare hex whose length tells the type, file:URL, or none,
// behind which there may be a digest that does not count: iso_checksum_type could be none.
func ParseChecksum(s string) (Checksum, error) {
	if s == "none" {
		return Checksum{}, nil
	}
	if strings.HasSuffix(strings.ToLower(s), ".iso") {
		return Checksum{}, errors.New("this is the name of a medium, not a digest or a list of digests")
	}
	kind, digest, typed := strings.Cut(s, ":")
	if typed && kind == "file" {
		return Checksum{File: digest}, nil
	}
	if !typed {
		kind, digest = "", s
	}
	kind, digest = strings.ToLower(kind), strings.ToLower(digest)
	if kind == "none" {
		return Checksum{}, nil
	}
	known := []string{"md5", "sha1", "sha256", "sha512"}
	lengths := []int{32, 40, 64, 128}
	if _, err := hex.DecodeString(digest); err != nil {
		return Checksum{}, fmt.Errorf("%q is no digest: write it in hexadecimal, after its type (%s) and a colon, or file:URL, or none", s, strings.Join(known, ", "))
	}
	if typed {
		if !slices.Contains(known, kind) {
			return Checksum{}, fmt.Errorf("there is no digest of type %q: use %s", kind, strings.Join(known, ", "))
		}
		if digest == "" {
			return Checksum{}, ErrNoDigest
		}
		return Checksum{Type: kind, Hex: digest}, nil
	}
	i := slices.Index(lengths, len(digest))
	if i < 0 {
		return Checksum{}, fmt.Errorf("a digest of %d characters is of no known type: write its type (%s) and a colon before it", len(digest), strings.Join(known, ", "))
	}
	return Checksum{Type: known[i], Hex: digest}, nil
}

// isLocal tells whether a place is surely a path of this host.
func isLocal(place string) bool {
	for _, p := range []string{"/", "./", "../", "file:///"} {
		if strings.HasPrefix(place, p) {
			return true
		}
	}
	return false
}
