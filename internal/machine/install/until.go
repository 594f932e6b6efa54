package install

import (
	"context"
	"io"
)

// Until reads from r as long as ctx lasts, and fails with its cause from then on. A Read
// that has begun is not ended.
func Until(ctx context.Context, r io.Reader) io.Reader { return until{ctx, r} }

type until struct {
	ctx context.Context
	r   io.Reader
}

func (u until) Read(p []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, context.Cause(u.ctx)
	}
	return u.r.Read(p)
}
