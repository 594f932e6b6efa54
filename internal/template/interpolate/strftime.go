package interpolate

import "github.com/ncruces/go-strftime"

// strftime formats the start of the run, in UTC, as C's strftime does.
func (r *run) strftime(format string) string {
	return strftime.Format(format, r.env.Now.UTC())
}
