package ledger

import (
	"context"
	"fmt"
	"time"
)

// destroy destroys one resource from what its record says: by its id, or, when it
// has none, everything that carries its tag. What is not found is looked for
// until the given time. given tells what was given up; its record is over.
func destroy(ctx context.Context, c Class, tag, id string, until time.Time) (given, err error) {
	ids := []string{id}
	if id == "" {
		if ids, err = look(ctx, c, tag, until); err != nil {
			return nil, fmt.Errorf("find it: %w", err)
		}
	}
	return destroyAll(ctx, c, ids)
}

func destroyAll(ctx context.Context, c Class, ids []string) (given, err error) {
	var errs []error
	for _, id := range ids {
		errs = append(errs, c.Destroy(ctx, id))
	}
	return left(errs)
}

// Pauses between two looks at a provider's listing grow from first to last.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 3 * time.Second
)

// look asks for the resources that carry a tag until there are some, or the time
// has come.
func look(ctx context.Context, c Class, tag string, until time.Time) ([]string, error) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		ids, err := c.Find(ctx, tag)
		left := time.Until(until)
		if err != nil || len(ids) > 0 || left <= 0 {
			return ids, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(min(pause, left)):
		}
	}
}
