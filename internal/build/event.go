package build

import (
	"time"

	"github.com/proofmark-build/proofmark/internal/catalog"
	"github.com/proofmark-build/proofmark/internal/verify"
)

// EventType tells what an Event says. The names are part of the --json format.
type EventType string

const (
	RunStarted   EventType = "run-started"   // Names: the builds
	BuildStarted EventType = "build-started" // one source begins
	Say          EventType = "say"           // a step begins: "==> build: text"
	Message      EventType = "message"       // detail
	Output       EventType = "output"        // a line of a command's output
	Warning      EventType = "warning"
	Progress     EventType = "progress"       // Name, Done, Total (0: unknown); Took on the last one; not in logs
	StepStarted  EventType = "step-started"   // Step, Name
	StepFinished EventType = "step-finished"  // Step, Name, Took, Cached, Age; Error when it failed
	GateStarted  EventType = "gate-started"   // Gate
	CheckDone    EventType = "check"          // Gate, Check
	GateFinished EventType = "gate-finished"  // Gate, Passed, Failed, Unknown, Skipped
	ImageReady   EventType = "image"          // Text: reference; Name; Report
	ArtifactMade EventType = "artifact"       // Artifact; Done: its number from 0; Total: how many the build leaves
	BuildDone    EventType = "build-finished" // Error when it failed; Refused when checks refused
	RunFinished  EventType = "run-finished"
)

// Event is something that happened in a run: the same for people, for --json,
// and for a server that stores it. Fields that do not apply are empty. Sensitive
// values are masked before an event is made.
type Event struct {
	Time    time.Time      `json:"time"`
	Run     string         `json:"run"`
	Build   string         `json:"build,omitempty"`
	Type    EventType      `json:"type"`
	Text    string         `json:"text,omitempty"`
	Part    string         `json:"part,omitempty"`   // kind of the post-processor that says it; empty: the build itself
	Stderr  bool           `json:"stderr,omitempty"` // of Output: the command wrote it to its standard error
	Step    int            `json:"step,omitempty"`   // 0 is the base
	Name    string         `json:"name,omitempty"`
	Took    time.Duration  `json:"took,omitempty"` // nanoseconds
	Cached  bool           `json:"cached,omitempty"`
	Age     time.Duration  `json:"age,omitempty"` // of the layer
	Done    int64          `json:"done,omitempty"`
	Total   int64          `json:"total,omitempty"`
	Gate    int            `json:"gate,omitempty"`
	Check   *verify.Result `json:"check,omitempty"`
	Passed  int            `json:"passed,omitempty"`
	Failed  int            `json:"failed,omitempty"`
	Unknown int            `json:"unknown,omitempty"`
	Skipped int            `json:"skipped,omitempty"` // left out by the spec itself
	Error   string         `json:"error,omitempty"`
	Refused bool           `json:"refused,omitempty"`
	Report  string         `json:"report,omitempty"`
	// Artifact is what a build leaves to its users: the image, or what
	// post-processors made of it.
	Artifact *catalog.Artifact `json:"artifact,omitempty"`
	Names    []string          `json:"names,omitempty"` // run-started: the builds
}

// Sink takes events. It is called from several goroutines and must not block for
// long.
type Sink interface{ Event(Event) }
