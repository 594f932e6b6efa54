package verify

import (
	"context"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// AsLogin is the argument of questions, of any value but "", that are asked as the user
// who logs in, also where Options.User is another one.
const AsLogin = "login"

// OtherUser tells whether the machine is asked as another user than the one who logs in,
// so that AsLogin makes a difference.
func (s *Session) OtherUser() bool { return s.options.User != "" }

// OfferPassword takes the password that a spec sets for becoming Options.User. The last
// one that is offered before the first question is asked counts. It is for the
// goroutine of Run.
func (s *Session) OfferPassword(text string) { s.secret = text }

// OfferedPassword returns it; "" when there is none.
func (s *Session) OfferedPassword() string { return s.secret }

func (s *Session) asLogin(q probe.Question) bool { return q.Args[AsLogin] != "" }

// denied answers nothing: the machine does not let it be the user that it must be.
type denied struct{ why string }

// Ask implements asker.
func (d *denied) Ask(_ context.Context, qs []probe.Question) ([]probe.Answer, error) {
	answers := make([]probe.Answer, len(qs))
	for i := range answers {
		answers[i].Error = d.why
	}
	return answers, nil
}

// Close implements asker.
func (d *denied) Close() error { return nil }

// deny says why, and what to do.
func deny(err error, help string) *denied {
	why := strings.TrimPrefix(err.Error(), "run command: ")
	if help != "" {
		why += "; " + help
	}
	return &denied{why}
}

// atHome goes where a command would begin without sudo: to the home of the one who
// logged in.
const atHome = `case $SUDO_USER in ""|*[!A-Za-z0-9._-]*) ;; *) eval "cd ~$SUDO_USER" 2>/dev/null;; esac
`

// asUser is the line as it is run by Options.User.
func (o Options) asUser(line string) string {
	if o.User == "" {
		return line
	}
	return atHome + line
}
