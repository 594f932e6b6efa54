package resource

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

// call is a resource, a method with arguments in order, and the platform.
type call struct {
	on     Platform
	r      Resource
	method string
	args   []Value
	canned []canned // what commands come to; nil: they are run
}

type canned struct {
	Stdout string
	Exit   int
}

// MarshalJSON keeps bytes that are no UTF-8.
func (c canned) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"stdout": []byte(c.Stdout), "exit": c.Exit})
}

func (c call) String() string {
	var args []string
	for _, a := range c.args {
		args = append(args, show(a))
	}
	return fmt.Sprintf("%s %s: %s(%q).%s(%s)", c.on.Family, c.on.Release, c.r.Type, Text(c.r.Name), c.method, strings.Join(args, ", "))
}

// show is how both sides write a value.
func show(v Value) string {
	switch v := v.(type) {
	case nil:
		return "nil"
	case Bool:
		return fmt.Sprint(bool(v))
	case Int:
		return fmt.Sprintf("int %d", int64(v))
	case Float:
		return fmt.Sprintf("float %d", int64(math.Round(float64(v))))
	case Version:
		m := versionForm.FindStringSubmatch(string(v))
		return "version " + strings.TrimLeft(m[1]+":", "0:") + map[bool]string{true: "0:", false: ""}[strings.TrimLeft(m[1], "0") == ""] + m[2]
	case Time:
		return fmt.Sprintf("time %d", time.Time(v).Unix())
	case List:
		var parts []string
		for _, e := range v {
			parts = append(parts, show(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Hash:
		var parts []string
		for _, p := range v {
			parts = append(parts, show(p.Key)+": "+show(p.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return "string " + hex.EncodeToString([]byte(Text(v)))
}

// wire is a value for the oracle.
func wire(v Value) any {
	switch v := v.(type) {
	case nil:
		return nil
	case Bool:
		return bool(v)
	case Int:
		return int64(v)
	case Symbol:
		return map[string]any{"symbol": string(v)}
	case Regexp:
		return map[string]any{"regexp": v.Source}
	case List:
		list := []any{}
		for _, e := range v {
			list = append(list, wire(e))
		}
		return map[string]any{"list": list}
	case Hash:
		list := []any{}
		for _, p := range v {
			list = append(list, []any{wire(p.Key), wire(p.Value)})
		}
		return map[string]any{"hash": list}
	}
	return Text(v)
}

type verdict struct {
	Value    string   `json:"value"`
	Commands []string `json:"commands"`
}

// oracle asks the real ServerSpec.
func oracle(t *testing.T, calls []call) []verdict {
	t.Helper()
	if exec.Command("ruby", "-rserverspec", "-e", "").Run() != nil {
		t.Skip("needs ruby and ServerSpec (Debian: ruby-serverspec)")
	}
	var in []any
	for _, c := range calls {
		args := []any{}
		for _, a := range c.args {
			args = append(args, wire(a))
		}
		m := map[string]any{"family": c.on.Family, "release": c.on.Release, "type": c.r.Type, "name": wire(c.r.Name), "method": c.method, "args": args, "canned": c.canned}
		if c.on.Release == "" {
			m["release"] = nil
		}
		if c.r.Options != nil {
			m["options"] = wire(c.r.Options)
		}
		in = append(in, m)
	}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ruby", "testdata/oracle.rb")
	cmd.Stdin = bytes.NewReader(text)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	var all []verdict
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	if len(all) != len(calls) {
		t.Fatalf("%d verdicts of %d calls", len(all), len(calls))
	}
	return all
}

// ours answers a call by canned outputs.
func (c call) ours(h *Host) (verdict, []string) {
	left := c.canned
	known := map[string]probe.Answer{}
	h.Platform = c.on
	h.Session = verify.Answered(func(q probe.Question) probe.Answer {
		if q.Kind != probe.KindCommand {
			return probe.Answer{Error: "only commands", NoProbe: true}
		}
		if a, ok := known[q.Key()]; ok {
			return a
		}
		out := left[0]
		if len(left) > 1 {
			left = left[1:]
		}
		fact, _ := json.Marshal(probe.Command{Exit: out.Exit, Stdout: []byte(out.Stdout)})
		known[q.Key()] = probe.Answer{Fact: fact}
		return known[q.Key()]
	})
	return said(h.Ask(c.r, Call{Method: c.method, Args: c.args})), nil
}

func said(a Answer) verdict {
	v := verdict{Commands: a.Commands}
	switch a.State {
	case Known:
		v.Value = show(a.Value)
	case Raised:
		v.Value = "raised " + a.Class
	case Unknown:
		v.Value = "could not check: " + a.Reason
	case Open:
		v.Value = "open"
	}
	return v
}
