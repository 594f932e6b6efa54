package term

import (
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/proofmark-build/proofmark/internal/build"
)

// NewJSON returns a sink that writes one JSON object per line for each event: the
// form of --json. Of the progress of one piece of work at most one event a second
// is written, and the last one.
func NewJSON(w io.Writer) build.Sink {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return &jsonLines{enc: e, progress: map[[2]string]time.Time{}}
}

type jsonLines struct {
	mu       sync.Mutex
	enc      *json.Encoder
	progress map[[2]string]time.Time // build and name: when it was written last
}

func (j *jsonLines) Event(e build.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Type == build.Progress {
		key := [2]string{e.Build, e.Name}
		written, known := j.progress[key]
		switch {
		case isLast(e):
			delete(j.progress, key)
		case known && e.Time.Sub(written) < time.Second:
			return
		default:
			j.progress[key] = e.Time
		}
	}
	j.enc.Encode(e)
}

// isLast tells whether a progress event is the last one of its piece of work.
func isLast(e build.Event) bool { return e.Took > 0 || e.Total > 0 && e.Done >= e.Total }
