//go:build !linux

package ledger

import "os"

func allocate(*os.File, int64) error { return nil }
