package ssh

import (
	"time"

	"golang.org/x/crypto/ssh"
)

// status is what a server says of a command's end.
type status struct {
	code    int
	signal  string        // name without SIG, of a command that was killed
	missing bool          // the session ended and nothing was said
	stuck   time.Duration // for which the command did not begin
}

// awaitStatus returns the status, or a missing one when the session ends without.
// Whatever else the server asks is refused.
func awaitStatus(requests <-chan *ssh.Request) status {
	for req := range requests {
		var st status
		switch req.Type {
		case "exit-status":
			var m struct{ Code uint32 }
			if ssh.Unmarshal(req.Payload, &m) != nil {
				continue
			}
			st.code = int(m.Code)
		case "exit-signal":
			var m struct {
				Signal string
				Core   bool
				Text   string
				Lang   string
			}
			if ssh.Unmarshal(req.Payload, &m) != nil {
				continue
			}
			st.signal, st.code = m.Signal, 128+signals[m.Signal]
		default:
			if req.WantReply {
				_ = req.Reply(false, nil)
			}
			continue
		}
		go ssh.DiscardRequests(requests)
		return st
	}
	return status{missing: true}
}

// signals are the numbers of the names that the protocol has.
var signals = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "ABRT": 6, "FPE": 8, "KILL": 9, "USR1": 10,
	"SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
}
