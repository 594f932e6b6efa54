package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

func kernelParam(name string) (*KernelParam, error) {
	path, err := sysctlPath(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ENOTDIR) {
		return &KernelParam{}, nil
	}
	if err != nil {
		return nil, err
	}
	return &KernelParam{Exists: true, Value: strings.TrimSpace(string(text))}, nil
}

// sysctlPath takes both ways of writing a name, net.ipv4.conf.eth0/1.forwarding
// and net/ipv4/conf/eth0.1/forwarding: the first separator decides which one it is.
func sysctlPath(name string) (string, error) {
	if i := strings.IndexAny(name, "./"); i >= 0 && name[i] == '.' {
		name = strings.NewReplacer(".", "/", "/", ".").Replace(name)
	}
	if name == "" || !filepath.IsLocal(name) {
		return "", fmt.Errorf("read kernel parameter %q: not a name", name)
	}
	return filepath.Join("/proc/sys", name), nil
}
