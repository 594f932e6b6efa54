package build_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/proofmark-build/proofmark/internal/build"
	"github.com/proofmark-build/proofmark/internal/ledger"
	"github.com/proofmark-build/proofmark/internal/machine/fake"
)

// dieEnv makes this test binary a process that builds in a home, "HOME\nWHERE\nTEMPLATE",
// and kills itself at a point of the ledger: a number or a name.
const dieEnv = "PROOFMARK_BUILD_DIES"

func TestDeathAnywhere(t *testing.T) {
	if what := os.Getenv(dieEnv); what != "" {
		dieBuilding(t, strings.SplitN(what, "\n", 3))
		return
	}
	t.Parallel()
	for n := 1; n < 500; n += stride() {
		b := newBench(t)
		point, lived := b.die(fmt.Sprint(n), bare)
		if lived {
			b.wantVersions("web:1 UNPROVEN")
			if n < 50 {
				t.Errorf("only %d points", n)
			}
			return
		}
		b.reap()
		b.wantClean()
		if versions := b.versions(); len(versions) == 1 != slices.Contains([]string{
			"before-keep image-directory", "after-keep image-directory", "before-remove ledger", "after-remove ledger"}, point) {
			t.Errorf("%d versions", len(versions))
		}
		if n%7 == 0 { // what is left is of use
			r := b.build(bare, build.Options{})
			if r.err != nil {
				t.Error(r.err)
			}
			b.wantVersions("web:1 UNPROVEN")
			b.wantClean()
		}
		if t.Failed() {
			t.Fatalf("died at point %d, %s", n, point)
		}
	}
}

func TestDeathBetweenCatalogAndKeep(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"tar", "dir"} {
		b := newBench(t)
		hcl := edit(t, bare, `"web" {}`, fmt.Sprintf(`"web" { format = %q }`, format))
		b.die("after-id image-directory", hcl)
		if images := b.below("images", "web"); len(images) != 1 {
			t.Fatalf("%s: images = %q", format, images)
		}
		b.reap()
		b.wantVersions()
		b.wantClean()

		b.die("before-keep image-directory", hcl)
		b.reap()
		b.wantVersions("web:1 UNPROVEN")
		b.wantClean()
		b.build(hcl, build.Options{}).must(build.Unchanged)
	}
}

func TestWaiterTakesOverFromTheDead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	cmd := b.dying("in-step", many("a"))
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil { // it is in the common step
		t.Fatal(err)
	}
	b.sees = func(e build.Event) {
		if e.Type == build.Say && strings.Contains(e.Text, "Waiting for another build that makes the layer of shell") {
			in.Close()
		}
	}
	b.build(many("b"), build.Options{}).must(build.Built).wantSteps("base*", "shell", "shell")
	if err := cmd.Wait(); err == nil {
		t.Error("the other build did not die")
	}
	b.reap()
	b.wantClean()
	b.wantVersions("b:1 UNPROVEN")
}

// dying is a process that builds and dies at a point.
func (b *bench) dying(where, hcl string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestDeathAnywhere$", "-test.count=1")
	cmd.Env = append(os.Environ(), dieEnv+"="+b.home+"\n"+where+"\n"+hcl,
		"PATH=/nonexistent") // a fork of git that outlives the process would hold its locks for a moment
	return cmd
}

// die lets a process build that dies at a point. It returns the point's name.
func (b *bench) die(where, hcl string) (point string, lived bool) {
	b.t.Helper()
	cmd := b.dying(where, hcl)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return "", true
	}
	if ws, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || ws.Signal() != syscall.SIGKILL {
		b.t.Fatalf("child: %v\n%s", err, out)
	}
	return string(out), false
}

// dieBuilding is that process. "in-step" is in the first script, once the input ends.
func dieBuilding(t *testing.T, what []string) {
	b := &bench{t: t, home: what[0], dir: filepath.Join(what[0], "..")}
	b.load.Environ = []string{}
	kill := func() error {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	b.observe = func(p ledger.Point) {
		if p.Name == what[1] || fmt.Sprint(p.N) == what[1] {
			fmt.Print(p.Name)
			kill()
		}
	}
	b.fault = during(fake.OpRun, func(c fake.Call) error {
		if what[1] != "in-step" || !strings.Contains(c.Line, "/tmp/script") {
			return nil
		}
		fmt.Print(".")
		io.ReadAll(os.Stdin)
		return kill()
	})
	if ref, ok := strings.CutPrefix(what[2], "remove "); ok {
		s := b.open()
		defer s.close()
		if _, err := s.Remove(t.Context(), ref, false); err != nil {
			t.Fatal(err)
		}
		return
	}
	b.build(what[2], build.Options{}).must(build.Built)
}
