package build

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/image"
)

// Outcomes of a build.
const (
	Built       = "built"
	Unchanged   = "unchanged"
	ProvenAgain = "proven again"
	Processed   = "processed again"
	Refused     = "refused"
	Failed      = "failed"
	Cancelled   = "cancelled"
)

// Report is the whole story of one build: the JSON report as it is, and what the
// HTML and Markdown ones are rendered from.
type Report struct {
	Run         string              `json:"run"`
	Build       string              `json:"build"` // build name
	Name        string              `json:"name"`  // image name
	Version     int                 `json:"version,omitempty"`
	Outcome     string              `json:"outcome"` // "built", "unchanged", "proven again", "processed again", "refused", "failed", "cancelled"
	Status      catalog.Status      `json:"status,omitempty"`
	Error       string              `json:"error,omitempty"`
	Started     time.Time           `json:"started"`
	Took        time.Duration       `json:"took"`
	Tool        string              `json:"tool"`
	Host        string              `json:"host"`
	Template    string              `json:"template"`
	Digest      string              `json:"template_digest"`
	Commit      string              `json:"commit,omitempty"`
	Labels      map[string]string   `json:"labels,omitempty"`
	Variables   []catalog.Variable  `json:"variables,omitempty"`
	Parent      *catalog.Ref        `json:"parent,omitempty"`
	Image       string              `json:"image,omitempty"` // path or id
	ImageDigest string              `json:"image_digest,omitempty"`
	ImageFormat string              `json:"image_format,omitempty"`
	Size        int64               `json:"size,omitempty"`      // of all forms of the image
	Disks       []image.Disk        `json:"disks,omitempty"`     // that were made beside it
	Artifacts   []catalog.Artifact  `json:"artifacts,omitempty"` // what the build leaves to its users
	Steps       []ReportStep        `json:"steps"`
	Checks      []catalog.Check     `json:"checks"`
	Boots       []ReportBoot        `json:"boots,omitempty"` // of the captured disk
	Content     catalog.Content     `json:"content"`
	Changes     *catalog.Difference `json:"changes,omitempty"` // against the previous version
	Log         string              `json:"log"`               // path of the complete log
	LogTail     string              `json:"-"`                 // text for the HTML report, masked; at most 1 MiB
	Files       []string            `json:"files,omitempty"`   // report files
}

// Kinds of steps on the time line.
const (
	kindBase        = "base"
	kindProvisioner = "provisioner"
	kindGate        = "gate"
	kindSeal        = "seal"
	kindCapture     = "capture"
	kindPost        = "post-processor"
)

// ReportStep is one piece of work on the time line: the base, each provisioner,
// gate 1, seal, capture, gate 2, each post-processor.
type ReportStep struct {
	Kind   string        `json:"kind"` // "base", "provisioner", "gate", "seal", "capture", "post-processor"
	Name   string        `json:"name"`
	Start  time.Duration `json:"start"` // since Started
	Took   time.Duration `json:"took"`  // in this run
	Cached bool          `json:"cached,omitempty"`
	Age    time.Duration `json:"age,omitempty"`  // of the layer
	Cost   time.Duration `json:"cost,omitempty"` // what it took when it really ran
	Error  string        `json:"error,omitempty"`
	made   time.Time     // when it really ran, by the cache's clock
}

// timed puts a piece of work on the time line; the returned function ends it.
func (r *runner) timed(kind, name string) func(error) time.Duration {
	i, began := len(r.report.Steps), time.Now()
	r.report.Steps = append(r.report.Steps, ReportStep{Kind: kind, Name: name, Start: began.Sub(r.started)})
	return func(err error) time.Duration {
		s := &r.report.Steps[i]
		s.Took = time.Since(began)
		s.Cost = s.Took
		s.Error = r.masked(err)
		return s.Took
	}
}

func stepKind(i int) string {
	if i == 0 {
		return kindBase
	}
	return kindProvisioner
}

// OwnSize is the size of the image without its disks.
func (r Report) OwnSize() int64 { return image.WithoutDisks(r.Size, r.Disks) }
