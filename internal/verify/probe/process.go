package probe

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"syscall"
)

type process struct {
	pid, parent int
	comm        string
	argv0       string // base name
	ended       bool   // and only waits for its parent
}

func (v *view) process(name string) (*Process, error) {
	list, err := v.processes()
	if err != nil {
		return nil, err
	}
	p := &Process{PIDs: []int{}}
	ours := descendants(list, os.Getpid())
	for _, q := range list {
		if q.comm == name && !ours[q.pid] {
			p.Comm = append(p.Comm, q.pid)
		}
		if !q.ended && q.pid != os.Getpid() && (q.comm == name || q.argv0 == name) {
			p.PIDs = append(p.PIDs, q.pid)
		}
	}
	p.Running = len(p.PIDs) > 0
	return p, nil
}

// descendants returns a process and all that come of it: the probe's own are not the
// system's, such as commands that are run at the same time.
func descendants(list []process, pid int) map[int]bool {
	all := map[int]bool{pid: true}
	for grown := true; grown; {
		grown = false
		for _, q := range list {
			if all[q.parent] && !all[q.pid] {
				all[q.pid], grown = true, true
			}
		}
	}
	return all
}

// readProcesses lists the processes of /proc by pid.
func readProcesses() ([]process, error) {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var list []process
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + d.Name() + "/stat")
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) { // ended meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		p, state, ok := parseStat(stat)
		if !ok || state == 'X' {
			continue
		}
		p.pid, p.ended = pid, state == 'Z'
		if line, err := os.ReadFile("/proc/" + d.Name() + "/cmdline"); err == nil && len(line) > 0 {
			argv0, _, _ := bytes.Cut(line, []byte{0})
			p.argv0 = path.Base(string(argv0))
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b process) int { return a.pid - b.pid })
	return list, nil
}

// parseStat reads "pid (comm) state ppid …"; comm may hold any byte, parentheses too.
func parseStat(stat []byte) (p process, state byte, ok bool) {
	from, to := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if from < 0 || to < from {
		return p, 0, false
	}
	f := bytes.Fields(stat[to+1:])
	if len(f) < 2 || len(f[0]) != 1 {
		return p, 0, false
	}
	p.comm = string(stat[from+1 : to])
	p.parent, _ = strconv.Atoi(string(f[1]))
	return p, f[0][0], true
}
