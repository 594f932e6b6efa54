package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/proofmark-build/proofmark/internal/build"
)

// checkEvent checks one line of --json against the event's fields.
func checkEvent(line []byte) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var e build.Event
	if err := d.Decode(&e); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value")
	}
	if e.Time.IsZero() {
		return errors.New("no time")
	}
	need := func(ok bool, what string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("%s without %s", e.Type, what)
	}
	if e.Type != build.Warning {
		if err := need(e.Run != "", "run"); err != nil {
			return err
		}
	}
	switch e.Type {
	case build.RunStarted:
		return need(len(e.Names) > 0, "names")
	case build.RunFinished:
		return nil
	case build.Warning:
		return need(e.Text != "", "text")
	case build.Say, build.Message, build.Output, build.BuildStarted:
	case build.Progress, build.StepStarted, build.StepFinished:
		if err := need(e.Name != "", "name"); err != nil {
			return err
		}
	case build.GateStarted, build.GateFinished:
		if err := need(e.Gate == 1 || e.Gate == 2, "gate"); err != nil {
			return err
		}
	case build.CheckDone:
		if err := need(e.Check != nil && e.Check.Verdict != "", "check"); err != nil {
			return err
		}
	case build.ImageReady:
		if err := need(e.Text != "" && e.Name != "", "image"); err != nil {
			return err
		}
	case build.ArtifactMade:
		if err := need(e.Artifact != nil && e.Artifact.Builder != "" && e.Total > e.Done, "artifact"); err != nil {
			return err
		}
	case build.BuildDone:
	default:
		return fmt.Errorf("unknown type %q", e.Type)
	}
	return need(e.Build != "", "build")
}
