package qemu

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// consolePause is the time between two looks at a console.
const consolePause = 500 * time.Millisecond

// lastWords are what a machine says on its console when it does not come up any more.
func lastWords() []struct{ said, means string } {
	return []struct{ said, means string }{
		{"Kernel panic - not syncing", "its kernel panics"},
		{"grub rescue>", "its boot loader finds nothing to start"},
		{"(initramfs)", "its initrd does not find the root file system"},
		{"Cannot open access to console, the root account is locked", "it is in emergency mode"},
		{"You are in emergency mode", "it is in emergency mode"},
		{"for system maintenance", "it is in emergency mode"},
	}
}

// hopeless returns the line of a console that says that a machine does not come up, and
// what that means; "" for none.
func hopeless(console string) (line, means string) {
	for _, w := range lastWords() {
		if i := strings.Index(console, w.said); i >= 0 {
			start := strings.LastIndexByte(console[:i], '\n') + 1
			line, _, _ := strings.Cut(console[start:], "\n")
			return strings.TrimSpace(line), w.means
		}
	}
	return "", ""
}

// watchConsole gives a context that ends when a machine says on its console that it does not
// come up. stop ends the watch, and waits for its end.
func watchConsole(ctx context.Context, file string) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(consolePause)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if line, means := hopeless(plain(end(file, maxConsole))); means != "" {
				select { // it has more to say
				case <-tick.C:
				case <-ctx.Done():
				}
				cancel(fmt.Errorf("%s: %q", means, line))
				return
			}
		}
	}()
	return ctx, func() { cancel(nil); <-done }
}
