package rootfs

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/machine"
)

// version is raised when machines of the same configuration come out differently.
const version = "1"

var _ machine.Outputter = (*Builder)(nil)

func (b *Builder) Fingerprint(ctx context.Context, h *cache.Hash) error {
	h.Add("builder", KindName+" "+version)
	h.Add("start_services", strconv.FormatBool(b.c.StartServices))
	return b.base.fingerprint(ctx, h)
}

func (b *Builder) OutputKey(h *cache.Hash) {
	h.Add("format", b.c.format())
	h.Add("squash", strconv.FormatBool(b.c.squash()))
	h.Add("keep", strings.Join(b.c.Keep, ","))
	prove := "default"
	if b.c.ProveBoot != nil {
		prove = strconv.FormatBool(*b.c.ProveBoot)
	}
	h.Add("prove_boot", prove)
	// An image in one place is not what was asked for in another.
	if b.c.Output != nil && b.c.Output.Directory != "" {
		dir, err := filepath.Abs(b.c.Output.Directory)
		if err != nil {
			dir = b.c.Output.Directory // Publish tells
		}
		h.Add("directory", dir)
	}
}

func (b *Builder) ImageName() string { return b.c.ImageName }
