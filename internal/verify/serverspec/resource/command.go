package resource

import (
	"slices"
	"strings"

	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

var commandRows = []row{
	{of: one("command"), method: "stdout", ask: func(a *asking) Value { return String(a.itself().stdout) }},
	{of: one("command"), method: "stderr", ask: func(a *asking) Value { return String(a.itself().stderr) }},
	{of: one("command"), method: "exit_status", ask: func(a *asking) Value { return Int(a.itself().exit) }},
	{of: one("command"), method: "stdout_as_json", ask: func(a *asking) Value { return a.json(a.itself().stdout) }},
}

// itself runs the resource, which is a command that may change things: what is asked
// after it is asked of what it left.
func (a *asking) itself() output {
	args := map[string]string{}
	if a.r.Instance != "" {
		args["instance"] = a.r.Instance
	}
	out := a.command(a.plain(), args)
	if out.cut && a.method != "exit_status" {
		a.fail("the command printed more than " + blobLimit)
	}
	return out
}

var processRows = []row{
	{of: one("process"), when: alpine, method: "running?", ask: running},
	{of: one("process"), method: "running?", ask: running, fact: processFact},
	{of: one("process"), when: alpine, method: "count", ask: notHere},
	{of: one("process"), method: "count", ask: processCount},
	{of: one("process"), method: "*", ask: func(a *asking) Value { return number(strip(a.column(a.method))) }},
}

func running(a *asking) Value { return Bool(a.column("pid") != "") }

// column asks ps for one column of the first process of a name.
func (a *asking) column(name string) string {
	switch {
	case !alpine(a.host.Platform):
		return a.stdout("ps -C " + a.name() + " -o " + name + "= | head -1")
	case name == "args":
		return a.runAlone("ps -o args | grep " + a.name() + " | head -1").stdout
	}
	return a.runAlone("ps -o " + name + `,args | grep -E '\s+` + a.plain() + `' | awk '{ print $1 }' | head -1`).stdout
}

// processCount counts command lines that have the name as a word anywhere; strict
// counts processes of the name.
func processCount(a *asking) Value {
	if a.host.Strict {
		return Int(len(strings.Fields(a.run("ps -C " + a.name() + " -o pid=").stdout)))
	}
	return leading(a.runAlone("ps aux | grep -w -- " + a.name() + " | grep -v grep | wc -l").stdout)
}

// psLine are the processes that the command itself brings about.
var psLine = []string{"sh", "dash", "bash", "busybox", "ash", "ps", "head", "sudo", "env"}

// commLength is how much of a process's name the kernel keeps.
const commLength = 15

// processFact is for names that ps takes as one and in whole, of processes that asking
// ps does not bring about.
func processFact(a *asking) (Value, bool) {
	name := a.plain()
	if !ordinary.MatchString(name) || strings.Contains(name, ",") || len(name) > commLength || slices.Contains(psLine, name) || digits(name) {
		return nil, false
	}
	p, ok := insist[probe.Process](a, probe.KindProcess, name)
	return Bool(len(p.Comm) > 0), ok
}
