package rfb

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/proofmark-build/proofmark/internal/machine/install"
)

// KeyInterval is the pause after each event of a key when nothing else is said: slow
// enough for boot loaders.
const KeyInterval = 100 * time.Millisecond

// keyboard is a Client, or what tests take for one.
type keyboard interface {
	Key(symbol uint32, down bool) error
}

// Type types strokes, with a pause after each event of a key. It fails with ctx's cause
// when that ends.
func Type(ctx context.Context, k keyboard, strokes []install.Stroke, interval time.Duration) error {
	for _, s := range strokes {
		if s.Wait > 0 {
			if err := pause(ctx, s.Wait); err != nil {
				return err
			}
			continue
		}
		events, err := eventsOf(s)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := k.Key(e.symbol, e.down); err != nil {
				return fmt.Errorf("type by VNC: %w", err)
			}
			if err := pause(ctx, interval); err != nil {
				return err
			}
		}
	}
	return nil
}

// Duration is how long Type takes.
func Duration(strokes []install.Stroke, interval time.Duration) (d time.Duration) {
	for _, s := range strokes {
		d += s.Wait
		if events, err := eventsOf(s); err == nil && s.Wait == 0 {
			d += time.Duration(len(events)) * interval
		}
	}
	return d
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// event of one key.
type event struct {
	symbol uint32
	down   bool
}

const leftShift = 0xffe1

// shifted are the characters for which an American keyboard needs the shift key, which
// servers want to see pressed.
const shifted = `~!@#$%^&*()_+{}|:"<>?`

// eventsOf is what a stroke does to keys.
func eventsOf(s install.Stroke) ([]event, error) {
	symbol, shift := uint32(s.Char), unicode.IsUpper(s.Char) || strings.ContainsRune(shifted, s.Char)
	switch {
	case s.Key != "":
		known, ok := symbols()[s.Key]
		if !ok {
			return nil, fmt.Errorf("there is no key %q to type over VNC", s.Key)
		}
		symbol, shift = known, false
	case s.Char == '\n' || s.Char == '\r':
		symbol = 0xff0d
	case s.Char == '\t':
		symbol = 0xff09
	case s.Char > 0xff: // beyond Latin 1, symbols are those of Unicode
		symbol |= 1 << 24
	}
	var all []event
	if s.Action != install.Release {
		if shift {
			all = append(all, event{leftShift, true})
		}
		all = append(all, event{symbol, true})
	}
	if s.Action != install.Hold {
		all = append(all, event{symbol, false})
		if shift {
			all = append(all, event{leftShift, false})
		}
	}
	return all, nil
}

// symbols are those that X gives to the keys of install.Keys.
func symbols() map[string]uint32 {
	m := map[string]uint32{
		"bs": 0xff08, "tab": 0xff09, "enter": 0xff0d, "return": 0xff0d, "esc": 0xff1b, "del": 0xffff, "spacebar": ' ',
		"home": 0xff50, "left": 0xff51, "up": 0xff52, "right": 0xff53, "down": 0xff54, "pageup": 0xff55, "pagedown": 0xff56,
		"end": 0xff57, "insert": 0xff63, "menu": 0xff67,
		"leftshift": leftShift, "rightshift": 0xffe2, "leftctrl": 0xffe3, "rightctrl": 0xffe4,
		"leftalt": 0xffe9, "rightalt": 0xffea, "leftsuper": 0xffeb, "rightsuper": 0xffec,
		// As screens of macOS take them.
		"leftcommand": 0xffe9, "rightcommand": 0xffea, "leftoption": 0xffe7, "rightoption": 0xffe8,
	}
	for i := range uint32(12) {
		m[fmt.Sprintf("f%d", i+1)] = 0xffbe + i
	}
	return m
}
