// Package docker is containers: the builder of their images, and the post-processors
// that move them.
package docker

import (
	"errors"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/machine/connect"
	"github.com/proofmark-build/proofmark/internal/template"
)

// Config is a source block of type docker.
type Config struct {
	Image   string `opt:"image" doc:"Image to start from."`
	Build   *Build `opt:"build" doc:"Image to start from, made of a Dockerfile."`
	Pull    *bool  `opt:"pull" doc:"Pull the image first; true when not given."`
	Commit  bool   `opt:"commit" doc:"Keep the container as an image."`
	Export  string `opt:"export_path" doc:"Export the container's files as a tar archive to this path."`
	Discard bool   `opt:"discard" doc:"Keep nothing."`

	Author         string            `opt:"author" doc:"Author of the committed image."`
	Message        string            `opt:"message" doc:"Message of the commit."`
	Changes        []string          `opt:"changes" doc:"Dockerfile instructions for the committed image, such as ENV A=b."`
	RunCommand     []template.Late   `opt:"run_command" fields:"Image" doc:"Arguments of docker run; {{.Image}} is the image. -d -i -t --entrypoint=/bin/sh -- {{.Image}} when not given."`
	ContainerDir   string            `opt:"container_dir" doc:"Directory in the container that is shared with the host; /packer-files when not given."`
	Volumes        map[string]string `opt:"volumes" doc:"Directories of the host, and where the container sees them."`
	TmpFS          []string          `opt:"tmpfs" doc:"Directories of the container that are in memory."`
	Device         []string          `opt:"device" doc:"Devices of the host that the container gets."`
	CapAdd         []string          `opt:"cap_add" doc:"Capabilities that the container gets."`
	CapDrop        []string          `opt:"cap_drop" doc:"Capabilities that it does not get."`
	Privileged     bool              `opt:"privileged" doc:"Run the container with all privileges."`
	Runtime        string            `opt:"runtime" doc:"Runtime of the container."`
	Platform       string            `opt:"platform" doc:"Platform of the image, such as linux/arm64."`
	ExecUser       string            `opt:"exec_user" doc:"User that commands run as."`
	PTY            bool              `opt:"pty" doc:"Run commands with a terminal."`
	FixUploadOwner bool              `opt:"fix_upload_owner" default:"true" doc:"Uploaded files belong to the container's user."`
	Windows        bool              `opt:"windows_container" doc:"The container is one of Windows."`

	Executable
	Login
	ECR
	connect.Config
}

// Build says how the image to start from is made.
type Build struct {
	Path      string            `opt:"path,required" doc:"The Dockerfile."`
	Dir       string            `opt:"build_dir" doc:"Directory to build in; the current one when not given."`
	Arguments map[string]string `opt:"arguments" doc:"Arguments of the build."`
	Pull      *bool             `opt:"pull" doc:"Pull the image that the Dockerfile names first; true when not given."`
	Compress  bool              `opt:"compress" doc:"Compress what is sent to the server."`
}

// Executable is the program that does the work.
type Executable struct {
	Path string `opt:"docker_path" default:"docker" doc:"The docker program, or one that takes its arguments, such as podman."`
}

// Login says how to log in to a registry.
type Login struct {
	Do       bool   `opt:"login" doc:"Log in to the registry first."`
	Username string `opt:"login_username" doc:"User of the registry."`
	Password string `opt:"login_password" doc:"Password for the registry."`
	Server   string `opt:"login_server" doc:"The registry; Docker Hub when not given."`
}

// ECR says how to log in to a registry of Amazon.
type ECR struct {
	Do        bool   `opt:"ecr_login" doc:"Log in to a registry of Amazon, with a token that Amazon gives for the keys."`
	AccessKey string `opt:"aws_access_key" doc:"Access key; as everywhere on AWS when not given."`
	SecretKey string `opt:"aws_secret_key" doc:"Secret of the access key."`
	Token     string `opt:"aws_token" doc:"Session token that belongs to temporary keys."`
	Profile   string `opt:"aws_profile" doc:"Profile of the credentials file."`
	Public    bool   `opt:"aws_force_use_public_ecr" doc:"The registry is Amazon's public one, whatever its address."`
}

// Kind makes images of containers.
func Kind() template.Kind[machine.Builder] {
	return template.Valid[machine.Builder]("docker", "images of containers, by Docker or podman", Config.check)
}

// The communicators that run commands by docker exec.
const (
	useDocker  = "docker"
	useWindows = "dockerWindowsContainer"
)

func (c Config) check() error {
	rules := connect.Rules{Default: useDocker, Also: []string{useDocker, useWindows}}
	if c.Windows {
		rules.Default = useWindows
	}
	return errors.Join(c.checkImage(), c.checkResult(), c.Config.Check(rules), checkLogin(c.ECR, c.Login))
}

func (c Config) checkImage() error {
	switch {
	case c.Build == nil && c.Image == "":
		return template.Missing("image", "build")
	case c.Build == nil:
		return nil
	}
	errs := []error{c.Build.check()}
	if c.Image != "" {
		errs = append(errs, template.At("image", errors.New("excludes build: a container starts from one image")))
	}
	if c.Pull != nil && *c.Pull {
		errs = append(errs, template.Warning(template.At("pull", errors.New("has no effect with build: that has a pull of its own"))))
	}
	return errors.Join(errs...)
}

func (b Build) check() error {
	var errs []error
	if b.Path != "" {
		switch info, err := os.Stat(b.Path); {
		case err != nil:
			errs = append(errs, template.At("build.path", err))
		case !info.Mode().IsRegular():
			errs = append(errs, template.At("build.path", fmt.Errorf("%s is no file", b.Path)))
		}
	}
	if b.Dir != "" {
		switch info, err := os.Stat(b.Dir); {
		case err != nil:
			errs = append(errs, template.At("build.build_dir", err))
		case !info.IsDir():
			errs = append(errs, template.At("build.build_dir", fmt.Errorf("%s is no directory", b.Dir)))
		}
	}
	return errors.Join(errs...)
}

func (c Config) checkResult() error {
	var given []string
	for _, o := range []struct {
		name string
		set  bool
	}{
		{"commit", c.Commit}, {"export_path", c.Export != ""}, {"discard", c.Discard},
	} {
		if o.set {
			given = append(given, o.name)
		}
	}
	switch len(given) {
	case 0:
		return template.IfKnown(template.Missing("commit", "export_path", "discard"), "commit", "export_path", "discard")
	case 1:
		if info, err := os.Stat(c.Export); err == nil && info.IsDir() {
			return template.At("export_path", fmt.Errorf("%s is a directory: give the path of a file", c.Export))
		}
		return nil
	}
	return template.At(given[1], fmt.Errorf("excludes %s: one thing is made of the container", given[0]))
}

func checkLogin(e ECR, l Login) error {
	if e.Do && l.Server == "" {
		return template.IfKnown(template.At("ecr_login", errors.New("needs login_server, the address of the registry")), "login_server")
	}
	return nil
}
