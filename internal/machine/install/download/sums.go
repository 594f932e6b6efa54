package download

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5"  //nolint:gosec // what templates ask for
	"crypto/sha1" //nolint:gosec
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"io"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

func newHash(kind string) (hash.Hash, error) {
	switch kind {
	case "md5":
		return md5.New(), nil //nolint:gosec
	case "sha1":
		return sha1.New(), nil //nolint:gosec
	case "sha256":
		return sha256.New(), nil
	case "sha512":
		return sha512.New(), nil
	}
	return nil, fmt.Errorf("there is no digest of type %q", kind)
}

// WrongSumError says that a file does not have the digest that it must have.
type WrongSumError struct {
	From              string // place it came from
	Kind, Want, Found string
}

func (e *WrongSumError) Error() string {
	return fmt.Sprintf("%s has %s %s, and must have %s: it is damaged, or not the medium that the template names", e.From, e.Kind, e.Found, e.Want)
}

// verify reads a file that came from a place. No digest is always right.
func verify(ctx context.Context, file, from string, sum install.Checksum) error {
	if sum.None() {
		return nil
	}
	h, err := newHash(sum.Type)
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(h, install.Until(ctx, f)); err != nil {
		return err
	}
	if found := fmt.Sprintf("%x", h.Sum(nil)); found != sum.Hex {
		return &WrongSumError{from, sum.Type, sum.Hex, found}
	}
	return nil
}

// bsdLine is "SHA256 (name) = hex".
var bsdLine = regexp.MustCompile(`^([A-Za-z0-9-]+) \((.+)\) = ([0-9a-fA-F]+)$`)

// findSum looks up a medium in a list of digests: lines of a digest and a name as GNU's
// tools write them, or of BSD's, or one digest alone. A name in the list may be a path;
// one that is the end of the medium's path counts before one that only is called alike.
func findSum(list []byte, medium string) (install.Checksum, error) {
	want := pathOf(medium)
	best, score := install.Checksum{}, 0
	var bare []install.Checksum
	lines := bufio.NewScanner(bytes.NewReader(list))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		kind, name, digest := "", "", ""
		if m := bsdLine.FindStringSubmatch(line); m != nil {
			kind, name, digest = m[1]+":", m[2], m[3]
		} else if first, rest, ok := strings.Cut(line, " "); ok {
			digest, name = first, strings.TrimPrefix(strings.TrimLeft(rest, " \t"), "*")
		} else {
			digest = line
		}
		sum, err := install.ParseChecksum(kind + digest)
		if err != nil || sum.None() || sum.File != "" {
			continue
		}
		if name == "" {
			bare = append(bare, sum)
		} else if n := alike(want, name); n > score {
			best, score = sum, n
		}
	}
	switch {
	case lines.Err() != nil:
		return install.Checksum{}, lines.Err()
	case score > 0:
		return best, nil
	case len(bare) == 1:
		return bare[0], nil
	}
	return install.Checksum{}, fmt.Errorf("the list of digests has none of %s", path.Base(want))
}

// alike counts the elements that two paths have in common at their ends.
func alike(a, b string) (n int) {
	as, bs := strings.Split(path.Clean(a), "/"), strings.Split(path.Clean(b), "/")
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// pathOf is the path of a URL, or of a file.
func pathOf(place string) string {
	if u, err := url.Parse(place); err == nil && u.Scheme != "" {
		return u.Path
	}
	return place
}
