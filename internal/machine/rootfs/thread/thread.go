// Package thread runs functions on threads of their own: what they do to the
// thread (its namespaces, its working directory) touches nothing else.
package thread

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Do runs f on a thread that ends with it. Goroutines that f starts are elsewhere.
func Do(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		if unix.Gettid() == unix.Getpid() {
			// The main thread stands for the process in /proc, and must stay as it
			// is. While this goroutine holds it, another one gets another thread.
			done <- Do(f)
			runtime.UnlockOSThread()
			return
		}
		done <- f()
	}()
	return <-done
}
