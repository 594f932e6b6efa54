package resource

import (
	"encoding/json"
	"testing"

	"github.com/proofmark-build/proofmark/internal/verify"
	"github.com/proofmark-build/proofmark/internal/verify/probe"
)

func TestPlatformOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		found map[string]string
		want  Platform
	}{
		{map[string]string{"/etc/os-release": "ID=debian\n", "/etc/debian_version": "12.5\n", "lsb_release": "Distributor ID:\tDebian\nRelease:\t12\n", "uname": "x86_64\n"}, Platform{"debian", "12", "x86_64"}},
		{map[string]string{"/etc/debian_version": "12.5\n"}, Platform{"debian", "12.5", ""}},
		{map[string]string{"/etc/debian_version": "trixie/sid\n", "lsb_release": "Distributor ID:\tDebian\nRelease:\tn/a\n"}, Platform{"debian", "testing", ""}},
		{map[string]string{"/etc/debian_version": "trixie/sid\n"}, Platform{"debian", "", ""}},
		{map[string]string{"/etc/debian_version": "bookworm/sid\n", "/etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=22.04\n"}, Platform{"ubuntu", "22.04", ""}},
		{map[string]string{"/etc/redhat-release": "Rocky Linux release 9.3 (Blue Onyx)\n", "/etc/system-release": "x"}, Platform{"redhat", "9.3", ""}},
		{map[string]string{"/etc/fedora-release": "x", "/etc/redhat-release": "Fedora release 38 (Thirty Eight)\n"}, Platform{"fedora", "38", ""}},
		{map[string]string{"/etc/system-release": "Amazon Linux release 2 (Karoo)\n"}, Platform{"amazon", "2", ""}},
		{map[string]string{"/etc/system-release": "Amazon Linux AMI release 2018.03\n"}, Platform{"amazon", "2018.03", ""}},
		{map[string]string{"/etc/os-release": "NAME=\"SLES\"\nVERSION_ID=\"12.5\"\nID=\"sles\"\n"}, Platform{"sles", "12.5", ""}},
		{map[string]string{"/etc/os-release": "ID=\"opensuse-leap\"\nVERSION_ID=\"15.4\"\n"}, Platform{"opensuse", "15.4", ""}},
		{map[string]string{"/etc/SuSE-release": "openSUSE 13.2 (x86_64)\n"}, Platform{"opensuse", "13.2", ""}},
		{map[string]string{"/etc/alpine-release": "3.18.0\n"}, Platform{"alpine", "3.18.0", ""}},
		{map[string]string{"/etc/arch-release": ""}, Platform{"arch", "", ""}},
	}
	for _, tt := range tests {
		if got, ok := platformOf(tt.found); got != tt.want || !ok {
			t.Errorf("%v: got %+v, want %+v", tt.found, got, tt.want)
		}
	}
	if _, ok := platformOf(nil); ok {
		t.Error("nothing is a platform")
	}
}

// TestDetect asks a running system by a command, and a tree of files by its files.
func TestDetect(t *testing.T) {
	t.Parallel()
	running := verify.Answered(func(q probe.Question) probe.Answer {
		var answer probe.Answer
		_ = probe.NewProber("/").Round(t.Context(), []probe.Question{q}, func(fact any, err error) error {
			if err != nil {
				answer.Error = err.Error()
				return nil
			}
			answer.Fact, err = json.Marshal(fact)
			return err
		})
		return answer
	})
	p, state, why := Detect(running)
	if state != Known || p.Family == "" || p.Arch == "" {
		t.Errorf("%+v %v %s", p, state, why)
	}
	tree := verify.Answered(func(q probe.Question) probe.Answer {
		switch {
		case q.Kind == probe.KindCommand:
			return probe.Answer{Error: "needs a running system"}
		case q.Name == "/etc/alpine-release":
			return probe.Answer{Fact: []byte(`{"exists":true,"target_type":"file","content":"My4xOAo="}`)}
		}
		return probe.Answer{Fact: []byte(`{}`)}
	})
	if p, state, _ := Detect(tree); state != Known || p.Family != "alpine" || p.Release != "3.18" {
		t.Errorf("%+v %v", p, state)
	}
	nothing := verify.Answered(func(probe.Question) probe.Answer { return probe.Answer{Error: "gone"} })
	if _, state, why := Detect(nothing); state != Unknown || why == "" {
		t.Errorf("%v %s", state, why)
	}
}

// FuzzParsed holds that whatever commands print is read.
func FuzzParsed(f *testing.F) {
	f.Add("a:b:c\n/sys/block/a/b\tc\nMemTotal: 1 kB\n", 0, 0)
	f.Add("x on /f type ext4 (a=b)\n", 1, 20)
	all := everyRow()
	for _, r := range inventoryRows {
		all = append(all, g("host_inventory", nil, r.method))
	}
	f.Fuzz(func(t *testing.T, text string, exit, which int) {
		x := all[uint(which)%uint(len(all))]
		x.on(debian12, canned{text, exit & 1}, canned{text, 0}).ours(&Host{})
		sections(text)
	})
}
