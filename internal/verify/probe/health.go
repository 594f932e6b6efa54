package probe

import (
	"context"
	"slices"
	"strings"
)

const healthProperties = "Id,LoadState,ActiveState,SubState,UnitFileState,Type,RemainAfterExit,Result," +
	"ConditionResult,ConditionTimestampMonotonic,InactiveExitTimestampMonotonic,WantedBy,RequiredBy,UpheldBy,Requires,BindsTo"

// services returns all units that systemd has loaded, with what health needs to
// know of each.
func (v *view) services(ctx context.Context) ([]properties, error) {
	loaded, err := v.listLoaded(ctx)
	if err != nil {
		return nil, err
	}
	units := slices.Clone(loaded)
	var suspects []string
	for _, u := range units {
		if v.suspect(u) {
			suspects = append(suspects, u["Id"])
		}
	}
	slices.Sort(suspects)
	more, err := show(ctx, healthProperties, suspects)
	if err != nil {
		return nil, err
	}
	for i, u := range units {
		if m, ok := more[u["Id"]]; ok {
			units[i] = m
		}
	}
	return units, nil
}

// suspect tells whether a unit may be an enabled service that should be active and
// is not.
func (v *view) suspect(u properties) bool {
	id := u["Id"]
	if !strings.HasSuffix(id, ".service") || isActive(u["ActiveState"]) || u["LoadState"] == "masked" || !validUnit(id) {
		return false
	}
	state := v.unitFiles().state(id)
	return state == "enabled" || state == "enabled-runtime"
}

// health sorts out the units that failed and the enabled services that should be
// active and are not.
func health(units []properties) (failed, inactive []string) {
	failed, inactive = []string{}, []string{}
	active := map[string]bool{}
	for _, u := range units {
		active[u["Id"]] = isActive(u["ActiveState"])
	}
	for _, u := range units {
		switch {
		case u["ActiveState"] == "failed":
			failed = append(failed, u["Id"])
		case strings.HasSuffix(u["Id"], ".service") && shouldBeActive(u, active) && !isActive(u["ActiveState"]):
			inactive = append(inactive, u["Id"]+" ("+describe(u)+")")
		}
	}
	slices.Sort(failed)
	slices.Sort(inactive)
	return slices.Compact(failed), slices.Compact(inactive)
}

// shouldBeActive tells whether a service was to be started by something that is
// active, and has had no good reason to be inactive again.
func shouldBeActive(u properties, active map[string]bool) bool {
	if u["LoadState"] == "masked" || u["UnitFileState"] != "enabled" && u["UnitFileState"] != "enabled-runtime" {
		return false
	}
	// An enabled unit whose target nobody wanted (rescue, cloud-init) has nothing to do.
	pulled := false
	for _, by := range []string{"WantedBy", "RequiredBy", "UpheldBy"} {
		for _, target := range strings.Fields(u[by]) {
			pulled = pulled || active[target]
		}
	}
	if !pulled || lacksDevice(u, active) {
		return false
	}
	unmet := u["ConditionResult"] == "no" && u["ConditionTimestampMonotonic"] != "0" || u["Result"] == "exec-condition"
	started := u["InactiveExitTimestampMonotonic"] != "0" && u["InactiveExitTimestampMonotonic"] != ""
	over := u["ActiveState"] == "inactive" && started && u["Result"] == "success"
	oneshot := u["Type"] == "oneshot" && u["RemainAfterExit"] != "yes"     // inactive most of its life
	broken := u["LoadState"] == "bad-setting" || u["LoadState"] == "error" // it could not be started at all
	return broken || !unmet && !over && !oneshot
}

// lacksDevice tells whether a service stands on hardware that is not there, as the
// log-in on a serial line does in a container.
func lacksDevice(u properties, active map[string]bool) bool {
	for _, by := range []string{"Requires", "BindsTo"} {
		for _, unit := range strings.Fields(u[by]) {
			if strings.HasSuffix(unit, ".device") && !active[unit] {
				return true
			}
		}
	}
	return false
}

func describe(u properties) string {
	if u["LoadState"] != "loaded" {
		return u["LoadState"]
	}
	return u["ActiveState"] + "/" + u["SubState"]
}
