// Package exectest writes programs that tests execute.
package exectest

import (
	"io/fs"
	"os"
	"syscall"
)

// WriteFile is os.WriteFile for a file that is to be executed. Nothing is forked meanwhile: who is
// forked holds the file open for writing until its own exec, and the kernel executes no such file.
func WriteFile(name string, data []byte, mode fs.FileMode) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(name, data, mode)
}
