package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// line is what is written at once about one record. The first line of a record
// holds its intent, later ones what has changed since.
type line struct {
	Seq     int       `json:"seq"`
	State   State     `json:"state"`
	ID      string    `json:"id,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	Intent  *intent   `json:"intent,omitempty"`
}

type intent struct {
	Run     string    `json:"run"`
	Kind    string    `json:"kind"`
	Class   string    `json:"class"`
	Where   Where     `json:"where,omitempty"`
	Tag     string    `json:"tag"`
	Created time.Time `json:"created"`
	Boot    string    `json:"boot,omitempty"`
}

// parse reads the lines of an owner. What follows the last line end was never
// written completely and counts as not written; whole is the length without it.
// Other lines that cannot be understood are reported in err, and the rest is
// returned all the same.
func parse(owner string, text []byte) (records []Record, whole int, err error) {
	var errs []error
	index := map[int]int{} // sequence number → position in records
	for n := 1; ; n++ {
		end := bytes.IndexByte(text[whole:], '\n')
		if end < 0 {
			return records, whole, errors.Join(errs...)
		}
		raw := text[whole : whole+end]
		whole += end + 1
		if err := apply(&records, index, owner, raw); err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", n, err))
		}
	}
}

func apply(records *[]Record, index map[int]int, owner string, raw []byte) error {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	at, known := index[l.Seq]
	switch l.State {
	case Intended:
		if known || l.Intent == nil || l.Seq < 1 {
			return fmt.Errorf("record %d: not an intent", l.Seq)
		}
		i := l.Intent
		index[l.Seq] = len(*records)
		*records = append(*records, Record{
			Owner: owner, Seq: l.Seq, Run: i.Run, Kind: i.Kind, Class: i.Class, Where: i.Where,
			Tag: i.Tag, State: Intended, Created: i.Created, Boot: i.Boot,
		})
		return nil
	case Made, Released, Kept:
		if !known {
			return fmt.Errorf("record %d: state %q without an intent", l.Seq, l.State)
		}
		r := &(*records)[at]
		r.State, r.Expires = l.State, l.Expires
		if l.ID != "" {
			r.ID = l.ID
		}
		return nil
	}
	return fmt.Errorf("record %d: unknown state %q", l.Seq, l.State)
}
