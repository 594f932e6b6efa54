// Package ec2 is Amazon EC2: the builders of its images, its post-processor and its
// data sources.
package ec2

import (
	"errors"

	"github.com/proofmark-build/proofmark/internal/template"
)

// Access says who asks Amazon, and where. What is not given comes from the
// environment, a profile or the role of the host.
type Access struct {
	AccessKey           string     `opt:"access_key" doc:"Access key; from the environment, a profile or the host's role when not given."`
	SecretKey           string     `opt:"secret_key" doc:"Secret of the access key."`
	Token               string     `opt:"token" doc:"Session token that belongs to temporary keys."`
	Profile             string     `opt:"profile" doc:"Profile of the credentials file."`
	CredentialsFile     string     `opt:"shared_credentials_file" doc:"Credentials file, instead of the one in the home directory."`
	MFACode             string     `opt:"mfa_code" doc:"One-time code of the account's second factor."`
	Region              string     `opt:"region" doc:"Region to work in; AWS_REGION or the profile's when not given."`
	CustomEndpoint      string     `opt:"custom_endpoint_ec2" doc:"URL of an EC2 service other than Amazon's."`
	InsecureTLS         bool       `opt:"insecure_skip_tls_verify" doc:"Trust any certificate of the service."`
	DecodeMessages      bool       `opt:"decode_authorization_messages" doc:"Ask Amazon to explain a refusal; needs sts:DecodeAuthorizationMessage."`
	MaxRetries          int        `opt:"max_retries" doc:"How often to repeat a request that Amazon could not answer; 10 when not given."`
	SkipMetadataCheck   bool       `opt:"skip_metadata_api_check" doc:"Do not ask the host's metadata service for credentials."`
	SkipCredentialCheck bool       `opt:"skip_credential_validation" doc:"Do not try the credentials before the build."`
	AssumeRole          AssumeRole `opt:"assume_role" doc:"Role to work as."`
	Vault               Vault      `opt:"vault_aws_engine" doc:"Vault engine that gives temporary keys."`
	Polling             Polling    `opt:"aws_polling" doc:"How to wait for what Amazon does."`
}

// AssumeRole is a role to work as.
type AssumeRole struct {
	ARN               string            `opt:"role_arn" doc:"ARN of the role."`
	Seconds           int               `opt:"duration_seconds" doc:"How long the session lasts."`
	ExternalID        string            `opt:"external_id" doc:"External id that the role asks for."`
	Policy            string            `opt:"policy" doc:"Policy in JSON that narrows the role."`
	PolicyARNs        []string          `opt:"policy_arns" doc:"Managed policies that narrow the role."`
	SessionName       string            `opt:"session_name" doc:"Name of the session."`
	Tags              map[string]string `opt:"tags" doc:"Tags of the session."`
	TransitiveTagKeys []string          `opt:"transitive_tag_keys" doc:"Keys of tags that go on to further roles."`
}

// Vault says where a Vault server gives keys.
type Vault struct {
	Name       string `opt:"name" doc:"Role of the engine."`
	EngineName string `opt:"engine_name" doc:"Mount path of the engine; aws when not given."`
	RoleARN    string `opt:"role_arn" doc:"ARN of the role, where the engine's role has several."`
	TTL        string `opt:"ttl" doc:"How long the keys last."`
}

// Polling says how to wait for Amazon.
type Polling struct {
	MaxAttempts  int `opt:"max_attempts" doc:"How often to ask; AWS_MAX_ATTEMPTS when not given."`
	DelaySeconds int `opt:"delay_seconds" doc:"Seconds between two questions; AWS_POLL_DELAY_SECONDS when not given."`
}

// check reports what is wrong.
func (a Access) check() error {
	var errs []error
	if a.Vault != (Vault{}) && a.AccessKey != "" {
		errs = append(errs, template.At("vault_aws_engine", errors.New("excludes access_key: keys come from one place")))
	}
	switch {
	case a.AccessKey != "" && a.SecretKey == "":
		errs = append(errs, template.IfKnown(template.At("access_key", errors.New("needs secret_key as well")), "secret_key"))
	case a.AccessKey == "" && a.SecretKey != "":
		errs = append(errs, template.IfKnown(template.At("secret_key", errors.New("needs access_key as well")), "access_key"))
	}
	return errors.Join(errs...)
}
