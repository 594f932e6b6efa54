package rootfs

import (
	"context"
	"fmt"
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
	if dir := b.c.treeOutput().place(); dir != "" {
		h.Add("directory", dir)
	}
	for i, o := range b.c.disks() {
		h.Add(fmt.Sprintf("disk %d", i), fmt.Sprintf("%s %+v grow=%t prove=%t in %s", diskVersion, o.spec(b.deps.Epoch), b.c.growsRoot(), b.c.proves(o), o.place()))
		if o.Condition != "" {
			h.Add(fmt.Sprintf("boot_condition %d", i), o.Condition)
		}
	}
}

func (b *Builder) ImageName() string { return b.c.ImageName }
