package ec2

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// ImageDataConfig is a data block of type amazon-ami.
type ImageDataConfig struct {
	Access
	ImageFilter
}

// ImageData finds an AMI.
func ImageData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("amazon-ami", "an AMI that exists", func(c ImageDataConfig) error {
		err := c.Access.check()
		switch {
		case !c.given():
			err = errors.Join(err, template.Missing("filters"), template.Missing("owners"))
		case len(c.Owners) == 0:
			err = errors.Join(err, template.Missing("owners"))
		}
		return err
	})
}

// SecretDataConfig is a data block of type amazon-secretsmanager.
type SecretDataConfig struct {
	Access
	Name         string `opt:"name,required" doc:"Name or ARN of the secret."`
	Key          string `opt:"key" doc:"Which value of the secret's JSON is wanted, when it has several."`
	VersionID    string `opt:"version_id" doc:"Version of the secret by its id."`
	VersionStage string `opt:"version_stage" default:"AWSCURRENT" doc:"Version of the secret by its stage."`
}

// SecretData reads a secret of the secrets manager.
func SecretData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("amazon-secretsmanager", "a secret of AWS Secrets Manager", func(c SecretDataConfig) error { return c.check() })
}

// ParameterDataConfig is a data block of type amazon-parameterstore.
type ParameterDataConfig struct {
	Access
	Name       string `opt:"name,required" doc:"Name of the parameter."`
	Decryption bool   `opt:"with_decryption" doc:"Decrypt the value of a secure string."`
}

// ParameterData reads a parameter of the parameter store.
func ParameterData() template.Kind[machine.DataSource] {
	return template.Valid[machine.DataSource]("amazon-parameterstore", "a value of the AWS parameter store", func(c ParameterDataConfig) error { return c.check() })
}
