package docker

import (
	"github.com/proofmark-build/proofmark/internal/postprocess"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ImportConfig is a post-processor block of type docker-import.
type ImportConfig struct {
	Executable
	Repository string   `opt:"repository,required" doc:"Name of the image."`
	Tag        string   `opt:"tag" doc:"Tag of the image."`
	Changes    []string `opt:"changes" doc:"Dockerfile instructions for the image, such as ENV A=b."`
	Platform   string   `opt:"platform" doc:"Platform of the image, such as linux/arm64."`
}

// Import makes an image of an exported container.
func Import() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("docker-import", "make a container image of an archive", func(ImportConfig) error { return nil })
}

// PushConfig is a post-processor block of type docker-push.
type PushConfig struct {
	Executable
	Login
	ECR
	Platform string `opt:"platform" doc:"Platform of the image to push, such as linux/arm64."`
}

// Push sends an image to a registry.
func Push() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("docker-push", "send a container image to a registry", func(c PushConfig) error { return checkLogin(c.ECR, c.Login) })
}

// SaveConfig is a post-processor block of type docker-save.
type SaveConfig struct {
	Executable
	File string `opt:"path,required" doc:"File to write."`
}

// Save writes an image to a file.
func Save() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("docker-save", "write a container image to a file", func(SaveConfig) error { return nil })
}

// TagConfig is a post-processor block of type docker-tag.
type TagConfig struct {
	Executable
	Repository string   `opt:"repository" doc:"Name to give the image."`
	Tags       []string `opt:"tags" doc:"Tags of that name."`
	Tag        []string `opt:"tag" doc:"Old name of tags."`
	Force      bool     `opt:"force" doc:"Give the tags to this image even if another has them."`
}

// Tag gives an image names.
func Tag() template.Kind[postprocess.PostProcessor] {
	return template.Valid[postprocess.PostProcessor]("docker-tag", "give a container image names", func(TagConfig) error { return nil })
}
