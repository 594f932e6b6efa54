package output

// PlaceError is an error that was met while something was made in a directory that a
// user chose.
type PlaceError struct {
	Dir string
	Err error
}

func (e *PlaceError) Error() string { return e.Err.Error() }
func (e *PlaceError) Unwrap() error { return e.Err }

// in adds the directory to an error.
func in(dir string, err error) error {
	if err == nil {
		return nil
	}
	return &PlaceError{dir, err}
}
