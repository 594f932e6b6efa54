package probe

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wantedUnit = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"

func TestServiceOfTree(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"lib":                                     "-> usr/lib",
		"usr/lib/systemd/system/on.service":       wantedUnit,
		"usr/lib/systemd/system/off.service":      wantedUnit,
		"usr/lib/systemd/system/plain.service":    "[Service]\nExecStart=/bin/true\n# [Install]\n",
		"usr/lib/systemd/system/also.service":     "[Install]\nAlso=on.service\n",
		"usr/lib/systemd/system/hidden.service":   wantedUnit,
		"usr/lib/systemd/system/quiet.service":    wantedUnit,
		"usr/lib/systemd/system/tty@.service":     wantedUnit,
		"usr/lib/systemd/system/rare@.service":    wantedUnit,
		"usr/lib/systemd/system/aliased.service":  "[Install]\nAlias=nick.service\n",
		"usr/lib/systemd/system/vendor.service":   "-> plain.service",
		"usr/lib/systemd/system/required.service": "[Install]\nRequiredBy=on.service\n",

		"etc/systemd/system/multi-user.target.wants/on.service":   "-> /lib/systemd/system/on.service",
		"etc/systemd/system/getty.target.wants/tty@one.service":   "-> /lib/systemd/system/tty@.service",
		"etc/systemd/system/on.service.requires/required.service": "-> /lib/systemd/system/required.service",
		"etc/systemd/system/hidden.service":                       "-> /dev/null",
		"etc/systemd/system/quiet.service":                        "",
		"etc/systemd/system/nick.service":                         "-> /lib/systemd/system/aliased.service",
		"etc/systemd/system/far.service":                          "-> /opt/far/far.service",
		"opt/far/far.service":                                     wantedUnit,
		"run/systemd/system/timers.target.wants/off.timer":        "-> /lib/systemd/system/off.timer",
		"usr/lib/systemd/system/off.timer":                        "[Install]\nWantedBy=timers.target\n",

		"etc/init.d/old":   "#!/bin/sh\n",
		"etc/rc2.d/S01old": "-> ../init.d/old",
		"etc/rc5.d/S01old": "-> ../init.d/old",
		"etc/rc0.d/K01old": "-> ../init.d/old",
		"etc/init.d/idle":  "#!/bin/sh\n",
	})
	tests := []struct {
		name    string
		exists  bool
		enabled bool
		file    string
		levels  []string
	}{
		{"on", true, true, "enabled", nil},
		{"on.service", true, true, "enabled", nil},
		{"off", true, false, "disabled", nil},
		{"off.timer", true, true, "enabled-runtime", nil},
		{"plain", true, true, "static", nil},
		{"also", true, true, "indirect", nil},
		{"hidden", true, false, "masked", nil},
		{"quiet", true, false, "masked", nil},
		{"tty@", true, true, "enabled", nil},
		{"tty@one", true, true, "enabled", nil},
		{"tty@two", true, false, "disabled", nil},
		{"rare@", true, false, "disabled", nil},
		{"aliased", true, true, "enabled", nil},
		{"nick", true, true, "alias", nil},
		{"vendor", true, true, "alias", nil},
		{"required", true, true, "enabled", nil},
		{"far", true, false, "linked", nil},
		{"old", true, true, "", []string{"2", "5"}},
		{"idle", true, false, "", nil},
		{"nothing", false, false, "", nil},
		{"../../etc/passwd", false, false, "", nil},
		{"o*", false, false, "", nil},
	}
	for _, tt := range tests {
		got := one[Service](t, root, Question{Kind: KindService, Name: tt.name})
		want := &Service{Exists: tt.exists, Enabled: tt.enabled, UnitFile: tt.file, RunLevels: append([]string{}, tt.levels...)}
		if validUnit(unitName(tt.name)) {
			want.Err = errTree.Error()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
	}
	inv := one[Inventory](t, root, Question{Kind: KindInventory})
	want := map[string]string{"on.service": "", "tty@one.service": "", "required.service": "", "old.service": ""}
	if diff := cmp.Diff(want, inv.Services); diff != "" {
		t.Error(diff)
	}
}

func TestParseShow(t *testing.T) {
	t.Parallel()
	got := parseShow([]byte("Id=a.service\nActiveState=active\nExecStart={ path=/x ; argv[]=/x a=b }\n\nId=b.service\nActiveState=inactive\n\n"))
	want := []properties{
		{"Id": "a.service", "ActiveState": "active", "ExecStart": "{ path=/x ; argv[]=/x a=b }"},
		{"Id": "b.service", "ActiveState": "inactive"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestHealth has the cases that a booted Debian shows, each as systemctl prints it.
func TestHealth(t *testing.T) {
	t.Parallel()
	// base is a service that was to be started at boot and was not.
	base := properties{"LoadState": "loaded", "ActiveState": "inactive", "SubState": "dead", "UnitFileState": "enabled", "Type": "simple",
		"RemainAfterExit": "no", "Result": "success", "ConditionResult": "yes", "ConditionTimestampMonotonic": "5",
		"InactiveExitTimestampMonotonic": "0", "WantedBy": "multi-user.target"}
	tests := []struct {
		name     string
		change   properties
		inactive string // as described; "" when there is nothing to say
		failed   bool
	}{
		{"running", properties{"ActiveState": "active", "InactiveExitTimestampMonotonic": "9"}, "", false},
		{"reloading", properties{"ActiveState": "reloading"}, "", false},
		{"never started", nil, "inactive/dead", false},
		{"never started, nothing checked", properties{"ConditionResult": "no", "ConditionTimestampMonotonic": "0"}, "inactive/dead", false},
		{"condition not met", properties{"ConditionResult": "no"}, "", false},
		{"exec condition not met", properties{"Result": "exec-condition"}, "", false},
		{"exited cleanly", properties{"InactiveExitTimestampMonotonic": "9"}, "", false},
		{"crashes again and again", properties{"ActiveState": "activating", "SubState": "auto-restart", "Result": "exit-code",
			"InactiveExitTimestampMonotonic": "9"}, "activating/auto-restart", false},
		{"restarts after clean exits", properties{"ActiveState": "activating", "SubState": "auto-restart",
			"InactiveExitTimestampMonotonic": "9"}, "activating/auto-restart", false},
		{"failed", properties{"ActiveState": "failed", "SubState": "failed", "Result": "exit-code"}, "", true}, // said once,
		{"oneshot", properties{"Type": "oneshot"}, "", false},
		{"oneshot that stays, not started", properties{"Type": "oneshot", "RemainAfterExit": "yes"}, "inactive/dead", false},
		{"disabled", properties{"UnitFileState": "disabled"}, "", false},
		{"static", properties{"UnitFileState": "static"}, "", false},
		{"masked", properties{"LoadState": "masked"}, "", false},
		{"cannot be read", properties{"LoadState": "bad-setting"}, "bad-setting", false},
		{"oneshot that cannot be read", properties{"LoadState": "bad-setting", "Type": "oneshot"}, "bad-setting", false},
		{"wanted by nothing active", properties{"WantedBy": "rescue.target"}, "", false},
		{"required by something active", properties{"WantedBy": "", "RequiredBy": "rescue.target multi-user.target"}, "inactive/dead", false},
		{"bound to hardware that is not there", properties{"BindsTo": "dev-ttyS0.device", "Requires": "sysinit.target system-serial.slice"}, "", false},
		{"bound to hardware that is there", properties{"BindsTo": "dev-ttyS1.device"}, "inactive/dead", false},
		{"needs hardware that is not there", properties{"Requires": "sysinit.target dev-sdb.device"}, "", false},
		{"enabled for this boot", properties{"UnitFileState": "enabled-runtime"}, "inactive/dead", false},
	}
	for _, tt := range tests {
		u := properties{"Id": "it.service"}
		for k, v := range base {
			u[k] = v
		}
		for k, v := range tt.change {
			u[k] = v
		}
		failed, inactive := health([]properties{
			u,
			{"Id": "multi-user.target", "ActiveState": "active"},
			{"Id": "rescue.target", "ActiveState": "inactive"},
			{"Id": "dev-ttyS1.device", "ActiveState": "active"},
		})
		want := []string{}
		if tt.inactive != "" {
			want = append(want, "it.service ("+tt.inactive+")")
		}
		if diff := cmp.Diff(want, inactive); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", tt.name, diff)
		}
		if (len(failed) == 1) != tt.failed {
			t.Errorf("%s: failed %v", tt.name, failed)
		}
	}
}
