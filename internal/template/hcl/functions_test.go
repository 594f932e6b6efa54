package hcl

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	"golang.org/x/crypto/bcrypt"
)

func testEnv(dir string) Env {
	return Env{
		Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Base: dir,
		Ask: func(f string, args []string) (string, error) {
			if f == "vault" {
				return "", errors.New("sealed")
			}
			return f + ":" + strings.Join(args, ","), nil
		},
	}
}

func evalExpr(e Env, text string) (string, error) {
	x, diags := ParseExpression("x", []byte(text))
	if diags.HasErrors() {
		return "", diags
	}
	v, diags := x.Value(&hcl.EvalContext{Functions: Functions(e)})
	if diags.HasErrors() {
		return "", diags
	}
	b, err := ctyjson.Marshal(v, v.Type())
	return string(b), err
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"a.txt": "A\n", "d/b.sh": "", "d/e/c.sh": "", "binary": "\xff",
		"t.tpl": "%{ for x in list ~}\n${upper(x)};\n%{ endfor ~}\n", "list.tpl": "${[for x in list : x]}", "again.tpl": `${templatefile("a.txt", {})}`,
	})
	e := testEnv(dir)
	for expr, want := range map[string]string{
		`cidrhost("10.12.127.0/20", 16)`:                                     `"10.12.112.16"`,
		`cidrhost("10.1.2.3/16", 2)`:                                         `"10.1.0.2"`,
		`cidrhost("10.0.0.0/8", -1)`:                                         `"10.255.255.255"`,
		`cidrhost("fd00::/64", 34)`:                                          `"fd00::22"`,
		`cidrnetmask("172.16.0.0/12")`:                                       `"255.240.0.0"`,
		`cidrnetmask("fe80::/64")`:                                           `"ffff:ffff:ffff:ffff::"`,
		`cidrsubnet("172.16.0.0/12", 4, 2)`:                                  `"172.18.0.0/16"`,
		`cidrsubnet("10.1.2.3/16", 8, 2)`:                                    `"10.1.2.0/24"`,
		`cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)`:                    `"fd00:fd12:3456:7800:a200::/72"`,
		`cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)`:                             `["10.1.0.0/20","10.1.16.0/20","10.1.32.0/24","10.1.48.0/20"]`,
		`cidrsubnets("10.0.0.0/8", 4, 8)`:                                    `["10.0.0.0/12","10.16.0.0/16"]`,
		`cidrsubnets("fd00:fd12:3456:7890::/56", 16,16,16,32)`:               `["fd00:fd12:3456:7800::/72","fd00:fd12:3456:7800:100::/72","fd00:fd12:3456:7800:200::/72","fd00:fd12:3456:7800:300::/88"]`,
		`cidrsubnets("10.0.0.0/8")`:                                          `[]`,
		`uuidv5("dns", "x.org")`:                                             `"8d26f658-f938-53f9-ad17-67ca11d6fed8"`,
		`uuidv5("url", "x")`:                                                 `"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4"`,
		`uuidv5("oid", "x")`:                                                 `"8558d34a-d3c6-5881-a6e3-bf8f3e6110ea"`,
		`uuidv5("6ba7b814-9dad-11d1-80b4-00c04fd430c8", "x")`:                `"456e503f-63e3-56c1-b807-4cd79bf8cc22"`,
		`yamldecode("a: 1\nb: [x, 2.5, ~, true]")`:                           `{"a":1,"b":["x",2.5,null,true]}`,
		`yamlencode({b="x", a=1.5, c={}, d=[], e="two\nlines"})`:             `"\"a\": 1.5\n\"b\": \"x\"\n\"c\": {}\n\"d\": []\n\"e\": |-\n  two\n  lines\n"`,
		`textencodebase64("añ", "UTF-16LE")`:                                 `"YQDxAA=="`,
		`textdecodebase64("YQDxAA==", "UTF-16LE")`:                           `"añ"`,
		`textdecodebase64(textencodebase64("日本", "shift_jis"), "Shift_JIS")`: `"日本"`,
		`replace("a/b/c", "/b/", "x")`:                                       `"axc"`,
		`regex_replace("a1b22", "[0-9]+", "($0)")`:                           `"a(1)b(22)"`,
		`file("a.txt")`:                                                      `"A\n"`,
		`filebase64("binary")`:                                               `"/w=="`,
		`[fileexists("a.txt"), fileexists("d"), fileexists("no")]`:           `[true,false,false]`,
		`fileset(".", "*.t{xt,pl}")`:                                         `["a.txt","again.tpl","list.tpl","t.tpl"]`,
		`fileset(".", "**/*.sh")`:                                            `["d/b.sh","d/e/c.sh"]`,
		`fileset("d", "**")`:                                                 `["b.sh","e/c.sh"]`,
		`fileset("d", "../*.txt")`:                                           `["../a.txt"]`,
		`fileset("nowhere", "*")`:                                            `[]`,
		`templatefile("t.tpl", {list = ["a", "b"]})`:                         `"A;\nB;\n"`,
		`templatefile("list.tpl", {list = ["a", 1]})`:                        `["a",1]`,
		`templatefile("a.txt", {})`:                                          `"A\n"`,
		`timestamp()`:                                                        `"2026-03-04T05:06:07Z"`,
		`legacy_isotime()`:                                                   `"2026-03-04T05:06:07Z"`,
		`legacy_isotime("060102")`:                                           `"260304"`,
		`legacy_strftime("%Y.%m.%d")`:                                        `"2026.03.04"`,
		`rfc3339_parse("2023-07-25 23:43:16.5+02:00").unix`:                  `1690321396`,
		`rfc3339_parse("2023-07-25T23:43:16Z").month_name`:                   `"July"`,
		`unix_timestamp_parse(1690328596).rfc3339`:                           `"2023-07-25T23:43:16Z"`,
		`unix_timestamp_parse(1690328596).iso_week`:                          `30`,
		`consul_key("a/b")`:                                                  `"consul_key:a/b"`,
		`aws_secretsmanager("n", null)`:                                      `"aws_secretsmanager:n,"`,
		`[alltrue([]), anytrue([false, true]), sum([1, "2"])]`:               `[true,true,3]`,
		`index(["a", "b"], "b")`:                                             `1`,
		`join("-", setproduct(["a"], ["b", "c"])[1])`:                        `"a-c"`,
		`jsondecode("[1,{\"a\":null}]")`:                                     `[1,{"a":null}]`,
		`try(nothing.at.all, "other")`:                                       `"other"`,
		`can(file("nope"))`:                                                  `false`,
		`convert("5", number)`:                                               `5`,
		`[startswith("ab", "a"), endswith("ab", "a")]`:                       `[true,false]`,
		`urlencode("a b&/ü")`:                                                `"a+b%26%2F%C3%BC"`,
		`[length("añ"), length([1]), length({})]`:                            `[2,1,0]`,
		`[md5(""), sha1("")]`:                                                `["d41d8cd98f00b204e9800998ecf8427e","da39a3ee5e6b4b0d3255bfef95601890afd80709"]`,
		`[coalesce("", "x"), try(element(["a"], 3)), strrev("ab")]`:          `["x","a","ba"]`,
	} {
		got, err := evalExpr(e, expr)
		if err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", expr, got, err, want)
		}
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{"bad": "\xff", "again.tpl": `${templatefile("x", {})}`, "var.tpl": "a\n${nope}", "syntax.tpl": "${"})
	e := testEnv(dir)
	long := strings.Repeat("x", 1000)
	for expr, want := range map[string]string{
		`cidrhost("x", 1)`:                                  "is not an address range",
		`cidrhost("10.0.0.0/30", 5)`:                        "has no host 5",
		`cidrhost("10.0.0.0/30", -5)`:                       "has no host -5",
		`cidrsubnet("10.0.0.0/30", 4, 3)`:                   "has no room for 4 more",
		`cidrsubnet("10.0.0.0/8", 2, 4)`:                    "have no network 4",
		`cidrsubnet("10.0.0.0/8", -2, 4)`:                   "cannot become shorter",
		`cidrsubnets("10.0.0.0/8", 1, 1, 1)`:                "no room is left",
		`uuidv5("cookie", "x")`:                             `"cookie" is not dns, url, oid, x500 or a UUID`,
		`bcrypt("x", 31)`:                                   "cost is from 4 to 16",
		`rsadecrypt("x", "y")`:                              "ciphertext is not base64",
		`rsadecrypt("eA==", "y")`:                           "private key is not PEM",
		`textencodebase64("ü", "us-ascii")`:                 "has characters that us-ascii has not",
		`textencodebase64("a", "zork")`:                     "is not a character encoding",
		`textdecodebase64("_", "UTF-8")`:                    "is not base64",
		`yamldecode("[")`:                                   "did not find expected",
		`jsondecode("{")`:                                   "EOF",
		`file("bad")`:                                       "file is not UTF-8",
		`file("nope")`:                                      "no such file",
		`file(".")`:                                         "not a regular file",
		`fileset(".", "[")`:                                 "is not a pattern",
		`templatefile("again.tpl", {})`:                     "cannot be used within a template file",
		`templatefile("var.tpl", {})`:                       `var.tpl:2 uses "nope"`,
		`templatefile("syntax.tpl", {})`:                    "syntax.tpl:1",
		`templatefile("var.tpl", {"a b" = 1})`:              "is not a name of a variable",
		`templatefile("var.tpl", "x")`:                      "an object with the file's variables is needed",
		`rfc3339_parse("yesterday")`:                        "is not a time such as",
		`unix_timestamp_parse(1.5)`:                         "a whole number of seconds is needed",
		`vault("a", "b")`:                                   "sealed",
		`env("HOME")`:                                       "works in the defaults of variables only",
		`yamldecode(replace("` + long + `", "x", "[[")) `:   "nest deeper than",
		`jsondecode(replace("` + long + `", "x", "[[")) `:   "nest deeper than",
		`yamldecode(replace("` + long + `", "x", "- - "))`:  "nest deeper than",
		`indent(99999999, "a\nb")`:                          "larger than 16 MiB",
		`format("%099999999d", 1)`:                          "larger than 16 MiB",
		`setproduct(range(1000), range(1000), range(1000))`: "larger than 16 MiB",
		`replace(replace(replace("` + long + `", "x", "` + long + `"), "x", "` + long + `"), "x", "y")`: "larger than 16 MiB",
	} {
		got, err := evalExpr(e, expr)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s = %.80s, %v; want error %q", expr, got, err, want)
		}
	}
	e.Ask = nil
	for _, expr := range []string{`vault("a", "b")`, `consul_key("a")`, `aws_secretsmanager("a", "")`, `aws_secretsmanager_raw("a")`} {
		if _, err := evalExpr(e, expr); err == nil || !strings.Contains(err.Error(), "this version cannot ask the service behind") {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

// Every function that Packer documents must be there.
func TestAllFunctionsAreThere(t *testing.T) {
	t.Parallel()
	all := Functions(Env{})
	for _, name := range strings.Fields(`abs abspath alltrue anytrue aws_secretsmanager aws_secretsmanager_raw
		base64decode base64encode base64gzip basename bcrypt can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet
		cidrsubnets coalesce coalescelist compact concat consul_key contains convert csvdecode dirname distinct element
		endswith env file filebase64 fileexists fileset flatten floor format formatdate formatlist indent index join
		jsondecode jsonencode keys legacy_isotime legacy_strftime length log lookup lower max md5 merge min parseint
		pathexpand pow range regex regex_replace regexall replace reverse rfc3339_parse rsadecrypt setintersection
		setproduct setunion sha1 sha256 sha512 signum slice sort split startswith strcontains strrev substr sum
		templatefile textdecodebase64 textencodebase64 timeadd timestamp title trim trimprefix trimspace trimsuffix
		try unix_timestamp_parse upper urlencode uuidv4 uuidv5 values vault yamldecode yamlencode zipmap`) {
		if _, ok := all[name]; !ok {
			t.Errorf("function %s is missing", name)
		}
		delete(all, name)
	}
	for name := range all {
		t.Errorf("function %s is not in the list", name)
	}
}

func TestSecretFunctions(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := pem.Encode(&file, &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}); err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 what rsadecrypt takes
	cipher, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte("Administrator's"))
	if err != nil {
		t.Fatal(err)
	}
	all := Functions(Env{})
	v, err := all["rsadecrypt"].Call([]cty.Value{cty.StringVal(base64.StdEncoding.EncodeToString(cipher)), cty.StringVal(file.String())})
	if err != nil || v.AsString() != "Administrator's" {
		t.Errorf("rsadecrypt: %#v, %v", v, err)
	}
	v, err = all["bcrypt"].Call([]cty.Value{cty.StringVal("pw"), cty.NumberIntVal(4)})
	if err != nil || bcrypt.CompareHashAndPassword([]byte(v.AsString()), []byte("pw")) != nil {
		t.Errorf("bcrypt: %#v, %v", v, err)
	}
	if v, err := all["upper"].Call([]cty.Value{cty.StringVal("pw").Mark("secret")}); err != nil || !v.HasMark("secret") {
		t.Errorf("mark is lost: %#v, %v", v, err)
	}
	if v, err := all["replace"].Call([]cty.Value{cty.StringVal("pw").Mark("secret"), cty.StringVal("p"), cty.UnknownVal(cty.String)}); err != nil || !v.HasMark("secret") || v.IsKnown() {
		t.Errorf("mark of a checked function is lost: %#v, %v", v, err)
	}
}

// Whatever an expression holds, evaluating it must end without a crash.
func FuzzExpression(f *testing.F) {
	for _, s := range []string{`cidrsubnets("10.0.0.0/8", 1, 2)`, `yamldecode("a: &x [*x]")`, `format("%5.2f %v", 1, {})`, `[for x in range(5): x]`,
		`templatefile("x", {})`, `regex("(a)(b)", "ab")`, `try(1, 2)`, `"${join(",", ["a"])}"`, `setproduct([1],[2])`, `jsondecode("[[")`} {
		f.Add(s)
	}
	e := testEnv(f.TempDir())
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "bcrypt") || strings.Contains(text, "file") {
			return // slow, or about this machine
		}
		_, _ = evalExpr(e, text)
	})
}
