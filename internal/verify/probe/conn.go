package probe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Conn speaks to a probe: the other end of Serve. It is for one goroutine.
type Conn struct {
	br    *bufio.Reader
	w     io.Writer
	hello Hello
}

const (
	// maxNoise is how much may stand before the greeting: messages of the day,
	// what a shell's start files print.
	maxNoise = 1 << 20
	// maxAnswer is above the largest answer: two blobs as base64.
	maxAnswer = 3 * MaxBlob
	// maxAnswers bounds the memory that the answers to one round take.
	maxAnswers = 1 << 30
)

// Dial waits for the greeting of a probe that reads from w and writes to r.
func Dial(r io.Reader, w io.Writer) (*Conn, error) {
	c := &Conn{br: bufio.NewReaderSize(r, 64<<10), w: w}
	for noise := 0; noise < maxNoise; {
		line, err := readLine(c.br, maxNoise)
		if err != nil {
			return nil, fmt.Errorf("wait for probe: %w", unexpected(err))
		}
		at := bytes.Index(line, []byte(helloPrefix))
		if at < 0 {
			noise += len(line) + 1
			continue
		}
		if err := json.Unmarshal(line[at:], &c.hello); err != nil {
			return nil, fmt.Errorf("wait for probe: %w", err)
		}
		if c.hello.Probe != Version {
			return nil, fmt.Errorf("probe has version %s, and version %s is wanted: run make build", c.hello.Probe, Version)
		}
		return c, nil
	}
	return nil, errors.New("wait for probe: the machine prints something else without end")
}

// Hello returns the greeting.
func (c *Conn) Hello() Hello { return c.hello }

// Ask sends one round and returns its answers. When the connection ends early the
// answers until then come with the error.
func (c *Conn) Ask(qs []Question) ([]Answer, error) {
	line, err := json.Marshal(round{qs})
	if err != nil {
		return nil, err
	}
	if len(line) >= maxRound {
		return nil, fmt.Errorf("ask %d questions: %d bytes at once are too many", len(qs), len(line))
	}
	if _, err := c.w.Write(append(line, '\n')); err != nil {
		return nil, fmt.Errorf("ask %d questions: %w", len(qs), err)
	}
	answers, left := make([]Answer, 0, len(qs)), maxAnswers
	for range qs {
		line, err := readLine(c.br, min(maxAnswer, left))
		left -= len(line)
		if err != nil {
			return answers, fmt.Errorf("read answer %d of %d: %w", len(answers)+1, len(qs), unexpected(err))
		}
		var a Answer
		if err := json.Unmarshal(line, &a); err != nil {
			return answers, fmt.Errorf("read answer %d of %d: %w", len(answers)+1, len(qs), err)
		}
		answers = append(answers, a)
	}
	return answers, nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
