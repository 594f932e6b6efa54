package template

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// instanceConfig has the options of amazon-instance that the example uses.
type instanceConfig struct {
	AccessKey     string            `opt:"access_key"`
	SecretKey     string            `opt:"secret_key"`
	AccountID     string            `opt:"account_id,required"`
	Region        string            `opt:"region,required"`
	SourceAMI     string            `opt:"source_ami,required"`
	InstanceType  string            `opt:"instance_type,required"`
	SSHUsername   string            `opt:"ssh_username,required"`
	Name          string            `opt:"ami_name,required"`
	Bucket        string            `opt:"s3_bucket,required"`
	Cert          string            `opt:"x509_cert_path,required"`
	Key           string            `opt:"x509_key_path,required"`
	Groups        []string          `opt:"security_group_ids"`
	Tags          map[string]string `opt:"tags"`
	Description   string            `opt:"ami_description"`
	UploadCommand Late              `opt:"bundle_upload_command"`
}

type puppetConfig struct {
	Options string            `opt:"options"`
	Facter  map[string]string `opt:"facter"`
}

const instanceDir = "../../examples/amazon-instance-puppet/"

// instanceOptions are what the example is run with: its variables file, and -var
// for each of the rest.
func instanceOptions(value func(name string) string) Options {
	builders := NewSet(Define("amazon-instance", "", self[instanceConfig]))
	provisioners := NewSet(Define("puppet-server", "", self[puppetConfig]))
	o := Options{
		Environ: []string{}, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Inputs: []Input{{File: instanceDir + "variables.json"}},
		Check: func(kind string, b *Block) Diagnostics {
			if kind == "source" {
				return builders.Check(b)
			}
			return provisioners.Check(b)
		},
	}
	for _, name := range strings.Fields("aws_access_key aws_secret_key user_name aws_cert_path aws_key_path s3_bucket_name test_ami_flag source_ami_id product costcenter owner division") {
		o.Inputs = append(o.Inputs, Input{Name: name, Value: value(name)})
	}
	return o
}

func empty(string) string { return "" }

func TestInstancePuppetSyntax(t *testing.T) {
	t.Parallel()
	o := instanceOptions(empty)
	o.SyntaxOnly = true
	tm, err := Load(instanceDir+"config.json", o)
	if err != nil {
		t.Fatal(err)
	}
	var warned []string
	for _, w := range tm.Warnings {
		warned = append(warned, w.Pos.String()+" "+w.Summary)
	}
	want := instanceDir + "config.json:10:241 comma before '}'\n" + instanceDir + "variables.json:1:114 comma before '}'"
	if got := strings.Join(warned, "\n"); got != want {
		t.Errorf("warnings\n%s\nwant\n%s", got, want)
	}
}

func TestInstancePuppetWithoutValues(t *testing.T) {
	t.Parallel()
	_, err := Load(instanceDir+"config.json", instanceOptions(empty))
	var d Diagnostics
	if !errors.As(err, &d) {
		t.Fatalf("error %v", err)
	}
	var got []string
	for _, x := range d.Errors() {
		got = append(got, x.Summary+"; "+x.Detail)
		if !strings.HasPrefix(x.Pos.String(), instanceDir+"config.json:") || x.Source == "" {
			t.Errorf("%s has no place", x.Summary)
		}
	}
	want := []string{
		`option "account_id" is empty, but required; its value comes from the variable aws_account_id`,
		`option "source_ami" is empty, but required; its value comes from the variable source_ami_id`,
		`option "instance_type" is empty, but required; its value comes from the variable ami_instance_type`,
		`option "s3_bucket" is empty, but required; its value comes from the variable s3_bucket_name`,
		`option "x509_cert_path" is empty, but required; its value comes from the variable aws_cert_path`,
		`option "x509_key_path" is empty, but required; its value comes from the variable aws_key_path`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestInstancePuppetWithValues(t *testing.T) {
	t.Parallel()
	o := instanceOptions(func(name string) string { return "the " + name })
	for _, name := range []string{"ami_name", "aws_account_id", "ami_instance_type", "ami_description"} {
		o.Inputs = append(o.Inputs, Input{Name: name, Value: "the " + name})
	}
	tm, err := Load(instanceDir+"config.json", o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := open[instanceConfig](tm.Builds[0].Source, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Name != "2026-03-04T05-06-07Z the ami_name" || c.Region != "us-east-1" || c.Tags["Owner"] != "the owner" || c.AccountID != "the aws_account_id" {
		t.Errorf("%+v", c)
	}
	if got := strings.Join(c.UploadCommand.Fields(), " "); got != "BucketName ManifestPath AccessKey SecretKey BundleDirectory" {
		t.Errorf("fields of the command: %s", got)
	}
}
