// Package resource answers what ServerSpec's resources are asked: whether a file has a
// mode, which version a package has, what a command prints. It knows no Ruby.
//
// The meaning of every answer is a shell command and how its exit status and output
// are judged: one row of a table for each method of a resource, by operating system
// where the commands differ. Rows that specs use all the time are answered from facts
// that the probe reads without running anything, with the verdict that the command
// would give; what a fact cannot decide exactly, the command does. A question goes to
// the session, which asks all open ones in one round trip.
package resource

import (
	"slices"
	"strings"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// Resource is what a spec names: file("/etc/passwd").
type Resource struct {
	Type    string // "file", "linux_kernel_parameter"
	Name    Value  // nil without one: cron, selinux
	Options Hash   // php_config("k", ini: "/etc/php.ini")
	// Instance tells apart commands of equal lines that a spec runs more than once. Of
	// other types it says nothing: what they ask changes nothing.
	Instance string
}

// Call is one method of a resource: "mode?", "size". Arguments stand in order, or by
// the names of the matcher's chain: be_installed.by("gem").with_version("1") is
// installed?("gem", "1"), or installed? with by and with_version.
type Call struct {
	Method string
	Args   []Value
	Chain  map[string]Value
}

// State of an answer.
type State int

const (
	Open    State = iota // the session does not know yet; it has the question now
	Known                // Value is the answer
	Raised               // ServerSpec would raise an exception: Class and Reason
	Unknown              // it could not be checked: Reason
)

// Answer is what came of a call.
type Answer struct {
	State    State
	Value    Value
	Class    string   // of the exception: "NotImplementedError"
	Reason   string   //
	Commands []string // what ServerSpec runs to find out, to see it by hand
}

// Host is the machine that resources belong to. It is safe for concurrent use while
// nobody changes it.
type Host struct {
	Session  *verify.Session
	Platform Platform
	// Strict has harmful quirks of ServerSpec corrected: docs/serverspec.md lists them.
	Strict bool
	// NoProcessFallback: a service of which the init system knows nothing is not looked
	// for among the processes.
	NoProcessFallback bool
	// SSH: line ends of CR and LF that a command prints become LF, as over SSH.
	SSH bool
	// Sudo: an empty line that a command prints first is lost, as over SSH with sudo.
	Sudo bool
	// CommandsOnly: every answer comes from its command, none from another fact.
	CommandsOnly bool
	// Env is added to the environment of commands. LANG is C unless it stands here.
	Env map[string]string
	// Wrap, when not nil, makes of a command the one that runs it as the settings of the
	// specs say. A resource of type command has its own whole line.
	Wrap func(line string) string
	// Timeout of one command; 0: one minute.
	Timeout time.Duration
	// Place, when not nil, may change a question before it is asked.
	Place func(probe.Question) probe.Question
	// Now is the time that the validity of certificates is held against; nil: the clock.
	Now func() time.Time
}

// Received is what arrives of what a command prints.
func (h *Host) Received(text string) string {
	if h.SSH {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if h.Sudo {
		text = strings.TrimPrefix(text, "\n")
	}
	return text
}

// Ask answers a call. It may be called again and again with the same arguments, until
// the answer is no longer Open.
func (h *Host) Ask(r Resource, c Call) Answer {
	row := find(r.Type, c.Method, h.Platform)
	if row == nil {
		return Answer{State: Raised, Class: "NoMethodError", Reason: "undefined method `" + c.Method + "' for " + r.Type}
	}
	shown := h.asking(r, c, row)
	shown.dry = true
	row.ask(shown)
	if row.fact != nil && !h.CommandsOnly {
		a := h.asking(r, c, row)
		v, ok := row.fact(a)
		a.commands = shown.commands
		if ok || a.settled() {
			return a.answer(v)
		}
	}
	a := h.asking(r, c, row)
	v := row.ask(a)
	if a.open {
		a.commands = shown.commands
	}
	return a.answer(v)
}

// Lines returns the commands that a call runs, as far as they do not depend on what one
// prints, or the exception that ServerSpec would raise.
func (h *Host) Lines(r Resource, c Call) (lines []string, raised *Answer) {
	row := find(r.Type, c.Method, h.Platform)
	if row == nil {
		return nil, &Answer{State: Raised, Class: "NotImplementedError", Reason: c.Method + " is not implemented for " + r.Type}
	}
	a := h.asking(r, c, row)
	a.dry = true
	row.ask(a)
	if a.raised != nil && len(a.commands) == 0 {
		return nil, a.raised
	}
	return a.commands, nil
}

// HasType tells whether a type has rows.
func HasType(typ string) bool {
	return slices.ContainsFunc(tables(), func(table []row) bool {
		return slices.ContainsFunc(table, func(r row) bool { return slices.Contains(r.of, typ) })
	})
}

// Has tells whether resources of a type take a method.
func Has(typ, method string) bool {
	return slices.ContainsFunc(tables(), func(table []row) bool {
		return slices.ContainsFunc(table, func(r row) bool { return r.takes(typ, method) })
	})
}
