package resource

import (
	"regexp"
	"strings"
	"time"
)

var (
	certificate = one("x509_certificate")
	privateKey  = one("x509_private_key")
)

var x509Rows = []row{
	{of: certificate, method: "certificate?", ask: check(openssl("-noout"))},
	{of: certificate, method: "subject", ask: distinguished("subject")},
	{of: certificate, method: "issuer", ask: distinguished("issuer")},
	{of: certificate, method: "email", ask: certificateText("-email -noout")},
	{of: certificate, method: "fingerprint", ask: certificateText("-fingerprint -noout")},
	{of: certificate, method: "alias", ask: certificateText("-alias -noout")},
	{of: certificate, method: "keylength", ask: func(a *asking) Value {
		out := a.stdout(openssl(`-text -noout | grep -E 'Public(-| )Key: \([[:digit:]]+ bit\)'`)(a))
		return leading(out[strings.LastIndex(out, "(")+1:])
	}},
	{of: certificate, method: "has_purpose?", params: "purpose", ask: check(func(a *asking) string {
		return openssl(`-purpose -noout | grep -wq "` + a.arg("purpose") + ` : Yes"`)(a)
	})},
	{of: certificate, method: "valid?", ask: validCertificate},
	{of: certificate, method: "validity_in_days", ask: validityInDays},
	{of: certificate, method: "subject_alt_names", ask: alternativeNames},
	{of: privateKey, method: "valid?", ask: validKey},
	{of: privateKey, method: "encrypted?", ask: check(encrypted)},
	{of: privateKey, method: "has_matching_certificate?", params: "certificate", ask: matching},
}

func openssl(arguments string) func(*asking) string {
	return func(a *asking) string { return "openssl x509 -in " + a.plain() + " " + arguments }
}

func certificateText(arguments string) func(*asking) Value {
	return func(a *asking) Value { return String(chomp(a.stdout(openssl(arguments)(a)))) }
}

func chomp(s string) string {
	if t, ok := strings.CutSuffix(s, "\n"); ok {
		return strings.TrimSuffix(t, "\r")
	}
	return strings.TrimSuffix(s, "\r")
}

// distinguished is a name in the form of newer versions: "CN = x, O = y".
func distinguished(field string) func(*asking) Value {
	label := regexp.MustCompile(`(?m)^` + field + `= *`)
	return func(a *asking) Value {
		name := label.ReplaceAllString(chomp(a.stdout(openssl("-"+field+" -noout")(a))), "")
		if old, ok := strings.CutPrefix(name, "/"); ok {
			name = strings.ReplaceAll(strings.Join(strings.Split(old, "/"), ", "), "=", " = ")
		}
		return String(name)
	}
}

// dates are the lines "notAfter=Jan  2 15:04:05 2030 GMT".
func dates(text string) map[string]time.Time {
	all := map[string]time.Time{}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		if t, err := time.Parse("Jan _2 15:04:05 2006 MST", value); err == nil {
			all[name] = t
		}
	}
	return all
}

func validCertificate(a *asking) Value {
	out := a.run(openssl("-startdate -enddate -noout")(a))
	if out.exit != 0 || a.dry || a.settled() {
		return Bool(false)
	}
	d, now := dates(out.stdout), a.host.now()
	from, ok1 := d["notBefore"]
	to, ok2 := d["notAfter"]
	if !ok1 || !ok2 {
		return a.raise("ArgumentError", "no time information in %q", out.stdout)
	}
	return Bool(!now.Before(from) && !now.After(to))
}

func validityInDays(a *asking) Value {
	out := a.run(openssl("-enddate -noout")(a))
	if out.exit != 0 || a.dry || a.settled() {
		return Int(0)
	}
	to, ok := dates(out.stdout)["notAfter"]
	if !ok {
		return a.raise("NoMethodError", "undefined method `-' for nil:NilClass")
	}
	return Float(to.Sub(a.host.now()).Hours() / 24)
}

var (
	alternativeForm = regexp.MustCompile(`(?m)^ *X509v3 Subject Alternative Name:.*\n *(.*)$`)
	comma           = regexp.MustCompile(`, +`)
)

func alternativeNames(a *asking) Value {
	m := alternativeForm.FindStringSubmatch(a.stdout(openssl("-text -noout")(a)))
	if m == nil {
		return nil
	}
	names := List{}
	for _, n := range comma.Split(m[1], -1) {
		names = append(names, String(n))
	}
	return names
}

func (a *asking) passin() string {
	if p := a.r.Options.get("passin"); p != nil {
		return Text(p)
	}
	return "stdin"
}

func encrypted(a *asking) string {
	return `grep -Ewq "^(Proc-Type.*ENCRYPTED|-----BEGIN ENCRYPTED PRIVATE KEY-----)$" ` + a.plain()
}

// validKey wants the key to be encrypted, too, when there is a password for it.
func validKey(a *asking) Value {
	out := a.run("echo | openssl rsa -in " + a.plain() + " -check -noout -passin " + a.passin())
	good := out.exit == 0 && chomp(out.stdout) == "RSA key ok"
	if good && a.r.Options.hasKey(Symbol("passin")) {
		return a.check(encrypted(a))
	}
	return Bool(good)
}

func matching(a *asking) Value {
	cert := a.run("openssl x509 -noout -modulus -in " + a.arg("certificate"))
	key := a.run("echo | openssl rsa -noout -modulus -in " + a.plain() + " -passin " + a.passin())
	return Bool(cert.stdout == key.stdout && cert.exit == 0 && key.exit == 0)
}
