package ledger

import "errors"

// ErrLeft is in the chain of an error with which Class.Destroy gives a resource up for
// good: it is somebody else's by now, and the error says what lies where. Its record is
// released as if it were destroyed, and the error is told this once.
var ErrLeft = errors.New("left as it is")

// left takes those errors out that give something up.
func left(errs []error) (given, failed error) {
	var g, f []error
	for _, err := range errs {
		if errors.Is(err, ErrLeft) {
			g = append(g, err)
		} else {
			f = append(f, err)
		}
	}
	return errors.Join(g...), errors.Join(f...)
}
