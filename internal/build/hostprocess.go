package build

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/provision"
)

// whereTemp is the key under which the flow's scope says where steps on this host
// make temporary files.
const whereTemp = "temp"

// hostWhere is the place of the flow's own resources.
func hostWhere() ledger.Where { return ledger.Where{whereTemp: os.TempDir()} }

// hostProcesses are the processes of a step that acts on this host, and its
// temporary files: they carry the tag in their environment and names.
func hostProcesses(w ledger.Where) ledger.Class {
	return ledger.Class{
		Name:     "host processes",
		Volatile: true,
		Find:     func(_ context.Context, tag string) ([]string, error) { return []string{tag}, nil },
		Destroy: func(_ context.Context, tag string) error {
			err := provision.RemoveTemp(w[whereTemp], tag)
			for _, pid := range tagged(tag) {
				if e := syscall.Kill(pid, syscall.SIGKILL); e != nil && !errors.Is(e, syscall.ESRCH) {
					err = errors.Join(err, e)
				}
			}
			return err
		},
	}
}

// tagged returns the processes whose environment holds the tag.
func tagged(tag string) (pids []int) {
	mark := []byte("\x00" + provision.TagEnv + "=" + tag + "\x00")
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		env, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(append([]byte{0}, env...), mark) {
			continue // gone by now, or another user's
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// onHost runs a step that may act on this host. What it started here is killed when
// the step fails or this process dies; what a step that succeeded left in the
// background is the user's.
func (r *runner) onHost(ctx context.Context, step func(tag string) error) error {
	id, err := r.own.Create(ctx, hostProcesses(hostWhere()), func(_ context.Context, tag string) (string, error) { return tag, nil })
	if err != nil {
		return err
	}
	if err := step(id); err != nil {
		return errors.Join(err, r.own.Destroy(context.WithoutCancel(ctx), id))
	}
	return r.own.Keep(id)
}
