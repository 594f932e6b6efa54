package build

import (
	"fmt"
	"io"
)

// partLog is the log of one post-processor: what it says carries its kind, since a
// build may have several.
type partLog struct {
	*logger
	part string
}

func (p partLog) tell(e Event) {
	e.Part = p.part
	p.emit(e)
}

func (p partLog) Say(format string, a ...any) {
	p.tell(Event{Type: Say, Text: fmt.Sprintf(format, a...)})
}

func (p partLog) Message(format string, a ...any) {
	p.tell(Event{Type: Message, Text: fmt.Sprintf(format, a...)})
}

func (p partLog) Warn(format string, a ...any) {
	p.tell(Event{Type: Warning, Text: fmt.Sprintf(format, a...)})
}

func (p partLog) Output() io.WriteCloser      { return p.lines(p.tell, false) }
func (p partLog) ErrorOutput() io.WriteCloser { return p.lines(p.tell, true) }
