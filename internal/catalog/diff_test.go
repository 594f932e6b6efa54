package catalog

import (
	"testing"

	"github.com/proofmark-build/proofmark/internal/image"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	from := Version{
		Name: "web", Version: 1, Image: image.Image{Digest: "sha256:1", Size: 100},
		Labels: map[string]string{"team": "web", "tier": "", "old": "x"},
		Checks: []Check{
			{Gate: 1, Subject: "A", Description: "holds", Verdict: "fail"},
			{Gate: 2, Subject: "A", Description: "holds", Verdict: "pass"},
			{Gate: 2, Subject: "B", Description: "holds", Verdict: "pass"},
			{Gate: 2, Subject: "B", Description: "holds", Verdict: "pass"},
			{Gate: 2, Subject: "gone", Description: "", Verdict: "pass"},
		},
		Content: Content{
			Packages: []Package{{"libc6", "2.36-9", "amd64", "dpkg"}, {"libc6", "2.36-9", "i386", "dpkg"}, {"nginx", "1.22", "amd64", "dpkg"},
				{"kernel", "6.1", "x86_64", "rpm"}, {"telnet", "1", "amd64", "dpkg"}, {"same", "1", "amd64", "dpkg"}},
			Etc:      map[string]string{"/etc/motd": "1", "/etc/same": "1", "/etc/b": "1"},
			Services: map[string]string{"nginx.service": "active", "cron.service": "", "same.service": "active"},
			Ports:    []string{"tcp:22", "tcp:80"},
			Users:    []string{"root:0:0:/root:/bin/bash", "web:1000:1000:/home/web:/bin/sh"},
		},
	}
	to := Version{
		Name: "web", Version: 2, Image: image.Image{Digest: "sha256:2", Size: 150},
		Labels: map[string]string{"team": "site", "new": "", "tier": ""},
		Checks: []Check{
			{Gate: 1, Subject: "A", Description: "holds", Verdict: "pass"},
			{Gate: 2, Subject: "A", Description: "holds", Verdict: "fail"},
			{Gate: 2, Subject: "B", Description: "holds", Verdict: "pass"},
			{Gate: 2, Subject: "B", Description: "holds", Verdict: "could not check"},
			{Gate: 2, Subject: "C", Description: "is new", Verdict: "pass"},
		},
		Content: Content{
			Packages: []Package{{"libc6", "2.36-10", "amd64", "dpkg"}, {"nginx", "1.24", "amd64", "dpkg"},
				{"kernel", "6.5", "x86_64", "rpm"}, {"kernel", "6.1", "x86_64", "rpm"}, {"curl", "8", "amd64", "dpkg"}, {"same", "1", "amd64", "dpkg"}},
			Etc:      map[string]string{"/etc/motd": "2", "/etc/same": "1", "/etc/a": "-> /etc/motd"},
			Services: map[string]string{"nginx.service": "failed", "ssh.service": "", "same.service": "active"},
			Ports:    []string{"tcp:443", "tcp:80"},
			Users:    []string{"root:0:0:/root:/usr/sbin/nologin", "app:1001:1001:/srv:/bin/sh"},
		},
	}
	equal(t, "difference", Diff(from, to), Difference{
		From: Ref{"web", 1, "sha256:1"}, To: Ref{"web", 2, "sha256:2"}, SizeOld: 100, SizeNew: 150,
		Packages: []Change{{"curl", "", "8"}, {"kernel", "6.1", "6.1, 6.5"}, {"libc6:amd64", "2.36-9", "2.36-10"}, {"libc6:i386", "2.36-9", ""}, {"nginx", "1.22", "1.24"}, {"telnet", "1", ""}},
		Etc:      []Change{{"/etc/a", "", "-> /etc/motd"}, {"/etc/b", "1", ""}, {"/etc/motd", "1", "2"}},
		Services: []Change{{"cron.service", "enabled", ""}, {"nginx.service", "active", "failed"}, {"ssh.service", "", "enabled"}},
		Ports:    []Change{{"tcp:22", "listening", ""}, {"tcp:443", "", "listening"}},
		Users:    []Change{{"app", "", "1001:1001:/srv:/bin/sh"}, {"root", "0:0:/root:/bin/bash", "0:0:/root:/usr/sbin/nologin"}, {"web", "1000:1000:/home/web:/bin/sh", ""}},
		Checks:   []Change{{"A holds", "pass", "fail"}, {"B holds (2)", "pass", "could not check"}, {"C is new", "", "pass"}, {"gone", "pass", ""}},
		Labels:   []Change{{"new", "", "(empty)"}, {"old", "x", ""}, {"team", "web", "site"}},
	})
	equal(t, "difference to itself", Diff(to, to), Difference{From: Ref{"web", 2, "sha256:2"}, To: Ref{"web", 2, "sha256:2"}, SizeOld: 150, SizeNew: 150})
}
