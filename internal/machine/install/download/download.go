// Package download brings media of installations to this host: once, whole, and with the
// digest that the template names.
package download

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// Downloader fetches media.
type Downloader struct {
	// Dir holds what was downloaded, by its digest. It is made when first needed.
	Dir string
	// Client asks servers; nil: one that goes through the proxies of the environment.
	Client *http.Client
	// Pause is the time between attempts after a broken connection; 0: 2 s.
	Pause time.Duration
	// Stall is how long a server may send nothing; 0: 1 min.
	Stall time.Duration
	// Spare is how many bytes of a disk are left free whatever is sent; 0: 64 MiB.
	Spare int64
}

// Options of a medium beside its places and digest.
type Options struct {
	Target    string // file to download to, "" for one in Dir
	Extension string // of a file in Dir, without a dot
}

// Fetch returns the path of a medium. A local file is used where it lies. Of several
// places the first one counts that gives the right bytes. What is downloaded in part
// stays where there is a digest, and the next Fetch goes on from there; what has the wrong
// digest, or fills the disk and has no known end, does not stay.
func (d Downloader) Fetch(ctx context.Context, m install.Medium, o Options, out machine.Log) (string, error) {
	places := m.URLs
	if m.URL != "" {
		places = []string{m.URL}
	}
	sum, err := install.ParseChecksum(m.Checksum)
	if err != nil {
		return "", err
	}
	var errs []error
	for _, place := range places {
		file, err := d.one(ctx, place, sum, o, out)
		if err == nil {
			return file, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
		if len(errs) < len(places) {
			out.Warn("%v: trying the next place", err)
		}
	}
	return "", errors.Join(errs...)
}

// Sum is the digest of a medium: what the template says, looked up in a list where it
// names one. It is none where the template says so.
func (d Downloader) Sum(ctx context.Context, m install.Medium) (install.Checksum, error) {
	sum, err := install.ParseChecksum(m.Checksum)
	if err != nil || sum.File == "" {
		return sum, err
	}
	place := m.URL
	if place == "" && len(m.URLs) > 0 {
		place = m.URLs[0]
	}
	return d.listed(ctx, sum.File, place)
}

// one fetches a medium from one place.
func (d Downloader) one(ctx context.Context, place string, sum install.Checksum, o Options, out machine.Log) (string, error) {
	if sum.File != "" {
		var err error
		if sum, err = d.listed(ctx, sum.File, place); err != nil {
			return "", err
		}
	}
	if local, ok, err := Local(place); err != nil {
		return "", err
	} else if ok {
		if err := verify(ctx, local, local, sum); err != nil {
			return "", fmt.Errorf("read the medium: %w", err)
		}
		return filepath.Abs(local)
	}
	to := o.Target
	if to == "" {
		to = d.cached(place, sum, o.Extension)
	}
	to, err := filepath.Abs(to)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o755)
	}
	if err == nil {
		err = d.download(ctx, place, to, sum, out)
	}
	if err != nil {
		return "", fmt.Errorf("download %s: %w", shown(place), err)
	}
	return to, nil
}

// cached is the file of a medium in Dir. Media without a digest go by their place.
func (d Downloader) cached(place string, sum install.Checksum, extension string) string {
	name := sum.Hex
	if name == "" {
		digest := sha256.Sum256([]byte(place))
		name = "url-" + hex.EncodeToString(digest[:16])
	}
	return filepath.Join(d.Dir, name+"."+cmp.Or(strings.TrimPrefix(extension, "."), "iso"))
}

// Local returns the path behind a place that is one of this host. Errors name schemes
// that are not known here.
func Local(place string) (file string, ok bool, err error) {
	u, err := url.Parse(place)
	if err != nil || u.Scheme == "" || len(u.Scheme) == 1 {
		return place, true, nil
	}
	switch u.Scheme {
	case "file":
		if u.Host != "" && u.Host != "localhost" { // file://relative, as templates write it
			return u.Host + u.Path, true, nil
		}
		return u.Path, true, nil
	case "http", "https":
		return "", false, nil
	}
	return "", false, fmt.Errorf("%s: %q is no scheme that can be downloaded from: use http, https, file, or a path", shown(place), u.Scheme)
}

// maxList bounds a list of digests.
const maxList = 16 << 20

// listed looks up the digest of a medium in the list at a place.
func (d Downloader) listed(ctx context.Context, list, medium string) (install.Checksum, error) {
	text, err := d.text(ctx, list)
	if err != nil {
		return install.Checksum{}, fmt.Errorf("read the list of digests: %w", err)
	}
	sum, err := findSum(text, medium)
	if err != nil {
		return sum, fmt.Errorf("%s: %w", shown(list), err)
	}
	return sum, nil
}

func (d Downloader) text(ctx context.Context, place string) ([]byte, error) {
	local, ok, err := Local(place)
	if err != nil {
		return nil, err
	}
	if ok {
		return os.ReadFile(local)
	}
	var last error
	for range attempts {
		text, again, err := d.get(ctx, place)
		if err == nil || !again {
			return text, err
		}
		last = err
		if err := d.rest(ctx); err != nil {
			return nil, err
		}
	}
	return nil, last
}

func (d Downloader) get(ctx context.Context, place string) (text []byte, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, d.stall())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, place, nil)
	if err != nil {
		return nil, false, err
	}
	resp, err := d.client().Do(req)
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusCode >= 500, fmt.Errorf("%s: the server answers %s", shown(place), resp.Status)
	}
	text, err = io.ReadAll(io.LimitReader(resp.Body, maxList))
	return text, true, err
}

func (d Downloader) client() *http.Client {
	if d.Client != nil {
		return d.Client
	}
	return http.DefaultClient
}

func (d Downloader) stall() time.Duration { return cmp.Or(d.Stall, time.Minute) }

// rest waits before the next attempt.
func (d Downloader) rest(ctx context.Context) error {
	select {
	case <-time.After(cmp.Or(d.Pause, 2*time.Second)):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// shown is a place without what somebody logs in with.
func shown(place string) string {
	u, err := url.Parse(place)
	if err != nil || u.Scheme == "" {
		return place
	}
	return u.Redacted()
}

// nameOf is what people know a medium by.
func nameOf(place string) string { return path.Base(pathOf(place)) }
