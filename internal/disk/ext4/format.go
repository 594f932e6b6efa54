package ext4

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Format says what file system mke2fs makes.
type Format struct {
	Program string // path of mke2fs; "": where PATH has it

	File   string // sparse where the file system will be: what is there is taken for zeros
	Offset int64  // bytes
	Blocks int64
	Inodes int64  // at least; for what comes later there are more
	UUID   string // seeds the hashes of directories as well
	Label  string
	Time   time.Time // of its making
}

// inodeRatio is how many bytes of the file system come with an inode of their own.
const inodeRatio = 16 << 10

// Make runs mke2fs. The same Format gives the same bytes.
func Make(ctx context.Context, o Format) error {
	inodes := max(o.Inodes, o.Blocks*BlockSize/inodeRatio)
	cmd := exec.CommandContext(ctx, cmp.Or(o.Program, "mke2fs"), "-q", "-F", "-b", strconv.Itoa(BlockSize), "-I", strconv.Itoa(inodeSize),
		"-N", strconv.FormatInt(inodes, 10), "-m", "1", "-L", o.Label, "-U", o.UUID, "-O", Features,
		"-E", fmt.Sprintf("offset=%d,hash_seed=%s,lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0", o.Offset, o.UUID),
		o.File, strconv.FormatInt(o.Blocks, 10))
	// Neither the host's mke2fs.conf nor its clock has a say.
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "MKE2FS_CONFIG=/dev/null",
		"E2FSPROGS_FAKE_TIME=" + strconv.FormatInt(max(o.Time.Unix(), 1), 10)}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		if text := strings.TrimSpace(string(out)); text != "" {
			err = errors.New(text)
		}
		return fmt.Errorf("mke2fs: %w", err)
	}
	return nil
}
