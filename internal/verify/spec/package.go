package spec

import "github.com/proofmark-build/proofmark/internal/verify/probe"

func packageKind() *kind {
	hand := func(name string, _ *resource, st state) string {
		switch st.manager {
		case "rpm":
			return "rpm -q " + name
		case "apk":
			return "apk info -e -v " + name
		}
		return "dpkg-query -W " + name
	}
	return &kind{
		name: "package", title: "Package", naming: "name",
		attributes: []attribute{
			{name: "installed", leads: true, is: "is installed", isNot: "is not installed", hand: hand},
			{name: "versions", aliases: []string{"version"}, plural: true, hand: hand},
		},
		obvious: []want{{"installed", true}},
		observe: asking(
			func(r *resource) probe.Question { return probe.Question{Kind: probe.KindPackage, Name: r.name} },
			func(_ *resource, p probe.Package) state {
				st := state{values: map[string]any{"installed": p.Installed, "versions": anyList(p.Versions)}, manager: p.Manager}
				if !p.Installed {
					st.absent = "not installed"
				}
				return st
			}),
	}
}
