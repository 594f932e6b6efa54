package probe

import (
	"context"
	"os"
	"sync"
)

// view is what a prober has read of the system since the last command. Each
// database is read when it is first needed, and once.
type view struct {
	root   string
	around Around
	kept   *databases
	units  []string // all units that this segment asks about

	packages  func() (*packages, error)
	passwd    func() ([]account, error)
	groups    func() ([]groupEntry, error)
	sockets   func() ([]socket, error)
	processes func() ([]process, error)
	mounts    func() ([]mountEntry, error)
	nss       sync.Map // answers of getent: "database\x00key" → text
	links     sync.Map // of unitFiles: directory → map[string]bool, which nobody changes

	loadedOnce sync.Once
	loaded     []properties
	loadedErr  error

	unitsOnce sync.Once
	unitProps map[string]properties
	unitErr   error
}

// databases are what views hand on while it does not change.
type databases struct {
	dpkg kept[*packages]
}

func newView(p *Prober, qs []Question) *view {
	v := &view{root: p.root, around: p.around, kept: p.kept}
	for _, q := range qs {
		if q.Kind == KindService {
			v.units = append(v.units, q.Name)
		}
	}
	v.packages = sync.OnceValues(v.readPackages)
	v.passwd = sync.OnceValues(v.readPasswd)
	v.groups = sync.OnceValues(v.readGroups)
	v.sockets = sync.OnceValues(func() ([]socket, error) {
		all, err := readSockets()
		return v.around.own(all), err
	})
	v.processes = sync.OnceValues(readProcesses)
	v.mounts = sync.OnceValues(readMounts)
	return v
}

// live tells whether the view is of the running system.
func (v *view) live() bool { return v.root == "/" }

// path returns where a path of the system really is, with links resolved inside
// the tree, the last one only if follow is set.
func (v *view) path(name string, follow bool) (string, error) {
	if v.live() {
		return name, nil
	}
	return within(v.root, name, follow)
}

// open opens a file of the system, following links.
func (v *view) open(name string) (*os.File, error) {
	p, err := v.path(name, true)
	if err != nil {
		return nil, err
	}
	return os.Open(p)
}

// listLoaded asks systemd for the units that it has loaded, once.
func (v *view) listLoaded(ctx context.Context) ([]properties, error) {
	v.loadedOnce.Do(func() { v.loaded, v.loadedErr = listLoaded(ctx) })
	return v.loaded, v.loadedErr
}

// showUnits asks systemd about all units of the segment at once.
func (v *view) showUnits(ctx context.Context) (map[string]properties, error) {
	v.unitsOnce.Do(func() { v.unitProps, v.unitErr = showUnits(ctx, v.units) })
	return v.unitProps, v.unitErr
}
