package rootfs

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/proofmark-build/proofmark/internal/machine"
)

const beatUnit = `printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/beat.service`

func TestServices(t *testing.T) {
	r := try(t, Config{Archive: debian(t), StartServices: true})
	r.snapshot()
	began := time.Now()
	r.connect()
	t.Logf("booted in %v", time.Since(began))
	if got := r.sh(0, "systemctl is-system-running; systemctl --failed --no-legend --plain"); got != "running" {
		t.Errorf("the system is %s", got)
	}
	if got := r.sh(0, "cat /proc/1/comm; [ $(readlink /proc/self/ns/pid) = $(readlink /proc/1/ns/pid) ]; cat /proc/self/cgroup"); !strings.HasPrefix(got, "systemd") {
		t.Errorf("process 1 is %s", got)
	}
	r.sh(0, beatUnit+"; systemctl enable --now beat; echo kept > /tmp/file")
	t.Run("reboot", func(t *testing.T) {
		began := func() string {
			return r.sh(0, "systemctl show -P UserspaceTimestampMonotonic; systemctl is-active beat")
		}
		before := began()
		if _, err := r.connect().Run(t.Context(), machine.Command{Line: "systemctl reboot"}); err != nil && !errors.Is(err, machine.ErrDisconnected) {
			t.Fatal(err)
		}
		if after := began(); before == after || !strings.HasSuffix(after, "active") {
			t.Errorf("before the reboot %q, after %q", before, after)
		}
		if _, err := r.connect().Run(t.Context(), machine.Command{Line: "systemctl reboot; sleep 60"}); !errors.Is(err, machine.ErrDisconnected) {
			t.Errorf("a command that the reboot ended: %v", err)
		}
		if got := r.sh(0, "cat /tmp/file; systemctl is-active beat"); got != "kept\nactive" {
			t.Errorf("after another reboot: %q", got)
		}
	})
	began = time.Now()
	r.snapshot()
	t.Logf("powered off in %v", time.Since(began))
	if got := r.sh(0, "cat /tmp/file; systemctl is-active beat"); got != "kept\nactive" {
		t.Errorf("the next machine has %q", got)
	}
	if _, err := r.connect().Run(t.Context(), machine.Command{Line: "systemctl poweroff; sleep 60"}); !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("a command that the power-off ended: %v", err)
	}
	if _, err := r.connect().Run(t.Context(), machine.Command{Line: "true"}); !errors.Is(err, machine.ErrDisconnected) {
		t.Errorf("a command in a machine that went down: %v", err)
	}
	if err := r.m.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}
