package postprocess

import (
	"context"
	"strings"

	"github.com/proofmark-build/proofmark/internal/cache"
	"github.com/proofmark-build/proofmark/internal/image"
	"github.com/proofmark-build/proofmark/internal/provision"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ShellLocal runs scripts on this host when the image is there.
func ShellLocal() template.Kind[PostProcessor] {
	return template.Define("shell-local", "run shell scripts on this host when the image is there", func(c provision.LocalConfig) (PostProcessor, error) {
		if len(c.ExecuteCommand) == 1 {
			// Before there was a list it was one line for the shell.
			sh, _ := template.LateText("sh")
			flag, _ := template.LateText("-c")
			c.ExecuteCommand = append([]template.Late{sh, flag}, c.ExecuteCommand...)
		}
		l, err := provision.OpenLocal(c, artifactFields...)
		if err != nil {
			return nil, err
		}
		return &shellLocal{l}, nil
	})
}

// artifactFields are what execute_command may say of the artifact.
var artifactFields = []string{"Artifact", "ArtifactId", "ArtifactFiles"}

type shellLocal struct{ local *provision.Local }

func (s *shellLocal) Fingerprint(_ context.Context, h *cache.Hash, _ []string) error {
	return s.local.HashScripts(h)
}

func (s *shellLocal) Process(ctx context.Context, run Run, in image.Image) (image.Image, Keep, error) {
	id, files := in.ArtifactID(), strings.Join(in.Files, "\n")
	err := s.local.Provision(ctx, provision.Run{
		Out: run.Out, BuildName: run.BuildName, BuildType: run.BuildType, ID: run.ID, Tag: run.Tag, Vars: run.Vars,
		Env:    map[string]string{"PROOFMARK_ARTIFACT_ID": id, "PROOFMARK_ARTIFACT_FILES": files},
		Fields: map[string]string{"Artifact": id, "ArtifactId": id, "ArtifactFiles": files},
	}, nil)
	return in, Must, err
}
