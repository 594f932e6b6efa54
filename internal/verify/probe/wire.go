package probe

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// The wire: the probe greets with one line, then takes one line of JSON for each
// round and gives one line for each answer, in order. The end of the input ends it.

// Hello is the greeting, by which the other side knows that the probe runs.
type Hello struct {
	Probe    string `json:"proofmark-probe"` // Version
	Arch     string `json:"arch"`            // GOARCH of the probe
	Unlinked bool   `json:"unlinked"`        // the probe has removed its own file
}

// helloPrefix is how a greeting begins, whatever a login shell printed before it.
const helloPrefix = `{"proofmark-probe":`

type round struct {
	Questions []Question `json:"questions"`
}

// maxRound bounds the memory that the questions of one round take in the probe.
const maxRound = 16 << 20

// Serve greets, and answers rounds from r until it ends, which also ends what is
// still being answered.
func (p *Prober) Serve(ctx context.Context, r io.Reader, w io.Writer, unlinked bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := bufio.NewWriterSize(w, 64<<10)
	if err := json.NewEncoder(out).Encode(Hello{Version, runtime.GOARCH, unlinked}); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	rounds, ended := make(chan round), make(chan error, 1)
	go func() {
		ended <- readRounds(ctx, r, rounds)
		cancel() // after the reason is there
	}()
	why := func() error {
		select {
		case err := <-ended:
			return err
		default:
			return context.Cause(ctx)
		}
	}
	for {
		select {
		case rd := <-rounds:
			err := p.Round(ctx, rd.Questions, func(fact any, why error) error {
				if err := writeAnswer(out, fact, why); err != nil {
					return err
				}
				return out.Flush()
			})
			switch {
			case ctx.Err() != nil:
				return why()
			case err != nil:
				return fmt.Errorf("write answers: %w", err)
			}
		case <-ctx.Done():
			return why()
		}
	}
}

func readRounds(ctx context.Context, r io.Reader, rounds chan<- round) error {
	br := bufio.NewReader(r)
	for {
		line, err := readLine(br, maxRound)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read questions: %w", err)
		}
		rd, err := parseRound(line)
		if err != nil {
			return err
		}
		select {
		case rounds <- rd:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func parseRound(line []byte) (round, error) {
	var rd round
	if err := json.Unmarshal(line, &rd); err != nil {
		return rd, fmt.Errorf("read questions: %w", err)
	}
	return rd, nil
}

var errLongLine = errors.New("line too long")

// readLine reads a line of at most limit bytes. What follows the last line end is
// no line: the sender did not finish it.
func readLine(br *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := br.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == bufio.ErrBufferFull && len(line) <= limit:
		case err == bufio.ErrBufferFull:
			return nil, errLongLine
		case err != nil:
			return nil, err
		default:
			return bytes.TrimSuffix(line, []byte("\n")), nil
		}
	}
}

// blob is a large part of a fact, written as base64 without a copy in memory.
type blob struct {
	name string
	data []byte
}

// withoutBlobs returns a fact without its large parts, and those by the names
// that they have in JSON.
func withoutBlobs(fact any) (any, []blob) {
	switch f := fact.(type) {
	case *File:
		rest := *f
		rest.Content = nil
		return rest, []blob{{"content", f.Content}}
	case *Command:
		rest := *f
		rest.Stdout, rest.Stderr = nil, nil
		return rest, []blob{{"stdout", f.Stdout}, {"stderr", f.Stderr}}
	case *HTTP:
		rest := *f
		rest.Body = nil
		return rest, []blob{{"body", f.Body}}
	}
	return fact, nil
}

// writeAnswer writes one line, in the form of Answer. Its error is the writer's.
func writeAnswer(w io.Writer, fact any, why error) error {
	if why != nil {
		return writeError(w, why)
	}
	rest, blobs := withoutBlobs(fact)
	text, err := json.Marshal(rest)
	if err != nil {
		return writeError(w, err)
	}
	if _, err := fmt.Fprintf(w, `{"fact":%s`, bytes.TrimSuffix(text, []byte("}"))); err != nil {
		return err
	}
	for _, b := range blobs {
		if len(b.data) == 0 {
			continue
		}
		if _, err := fmt.Fprintf(w, `,%q:"`, b.name); err != nil {
			return err
		}
		enc := base64.NewEncoder(base64.StdEncoding, w)
		if _, err := enc.Write(b.data); err != nil {
			return err
		}
		if err := enc.Close(); err != nil {
			return err
		}
		if _, err := io.WriteString(w, `"`); err != nil {
			return err
		}
	}
	_, err = io.WriteString(w, "}}\n")
	return err
}

func writeError(w io.Writer, why error) error {
	text := why.Error()
	if text == "" {
		text = "unknown error"
	}
	return json.NewEncoder(w).Encode(Answer{Error: text})
}
