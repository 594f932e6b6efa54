package main

import (
	"os"
	"strconv"
	"time"
)

// sourceDate is what SOURCE_DATE_EPOCH says, as reproducible-builds.org has it: times in
// images are not later. What is no number says nothing.
func sourceDate() time.Time {
	sec, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	if err != nil || sec <= 0 {
		return time.Time{}
	}
	return time.Unix(sec, 0).UTC()
}
