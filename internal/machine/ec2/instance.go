package ec2

import (
	"errors"
	"fmt"
	"os"

	"github.com/proofmark-build/proofmark/internal/machine"
	"github.com/proofmark-build/proofmark/internal/template"
)

// InstanceConfig is a source block of type amazon-instance.
type InstanceConfig struct {
	AccountID         string        `opt:"account_id,required" doc:"Account that the AMI is bundled for."`
	Bucket            string        `opt:"s3_bucket,required" doc:"S3 bucket that the bundle goes to, and a prefix after a slash; made if it does not exist."`
	CertPath          string        `opt:"x509_cert_path,required" doc:"File of the account's X.509 certificate."`
	KeyPath           string        `opt:"x509_key_path,required" doc:"File of the certificate's private key."`
	UploadPath        string        `opt:"x509_upload_path" default:"/tmp" doc:"Directory in the machine for both."`
	BundleDestination string        `opt:"bundle_destination" default:"/tmp" doc:"Directory in the machine for the bundle."`
	BundlePrefix      string        `opt:"bundle_prefix" default:"image-{{timestamp}}" doc:"How the names of the bundle's files begin."`
	UploadCommand     template.Late `opt:"bundle_upload_command" fields:"BucketName ManifestPath AccessKey SecretKey BundleDirectory Region" doc:"Command that uploads the bundle, instead of ec2-upload-bundle; {{.BucketName}}, {{.ManifestPath}}, {{.AccessKey}}, {{.SecretKey}}, {{.BundleDirectory}} and {{.Region}} stand for what it needs."`
	BundleCommand     template.Late `opt:"bundle_vol_command" fields:"KeyPath AccountId CertPath Architecture Destination Prefix PrivatePath" doc:"Command that bundles the machine, instead of ec2-bundle-vol; {{.KeyPath}}, {{.AccountId}}, {{.CertPath}}, {{.Architecture}}, {{.Destination}}, {{.Prefix}} and {{.PrivatePath}} stand for what it needs."`
	TPM               string        `opt:"tpm_support" doc:"v2.0: machines of the AMI have a TPM."`

	Access
	AMI
	Run
	Mappings
}

// Instance makes AMIs backed by instance stores.
func Instance() template.Kind[machine.Builder] {
	return cleaned(template.Valid[machine.Builder]("amazon-instance", "AMIs backed by instance stores, bundled from a machine on EC2", func(c InstanceConfig) error {
		return errors.Join(
			checkFile("x509_cert_path", c.CertPath), checkFile("x509_key_path", c.KeyPath), checkTPM(c.TPM),
			c.Access.check(), c.AMI.check(), c.Mappings.check(), c.Run.check(), c.checkDrivers(c.ENA, c.SRIOV))
	}))
}

func checkFile(option, path string) error {
	if path == "" {
		return nil
	}
	_, err := os.Stat(path)
	return template.At(option, err)
}

func checkTPM(version string) error {
	if version != "" && version != "v2.0" {
		return template.At("tpm_support", fmt.Errorf("%q is not known: the only value is v2.0", version))
	}
	return nil
}
