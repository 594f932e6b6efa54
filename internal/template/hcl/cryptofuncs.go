package hcl

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/gocty"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

func cryptoFunctions() map[string]function.Function {
	hashes := &bcryptHashes{made: map[bcryptInput]string{}}
	return map[string]function.Function{
		"bcrypt": function.New(&function.Spec{
			Params:   []function.Parameter{{Name: "text", Type: cty.String}},
			VarParam: &function.Parameter{Name: "cost", Type: cty.Number},
			Type:     function.StaticReturnType(cty.String),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				s, err := hashes.text(args)
				return cty.StringVal(s), err
			},
		}),
		"rsadecrypt": text(rsaDecrypt, "ciphertext", "privatekey"),
		"uuidv4":     text(func([]string) (string, error) { return randomUUID(), nil }),
		"uuidv5":     text(func(a []string) (string, error) { return nameUUID(a[0], a[1]) }, "namespace", "name"),
	}
}

// maxCost bounds what one call of bcrypt may take: a few seconds. Every step
// further doubles it, and the highest one that there is takes a day.
const maxCost = 16

// bcryptHashes remembers what has been hashed. A hash costs a tenth of a second, and
// templates hash one password for each of their sources.
type bcryptHashes struct {
	sync.Mutex
	made map[bcryptInput]string
}

type bcryptInput struct {
	text string
	cost int
}

func (b *bcryptHashes) text(args []cty.Value) (string, error) {
	cost := bcrypt.DefaultCost
	if len(args) > 2 {
		return "", errors.New("a text and one cost are taken")
	}
	if len(args) == 2 {
		if err := gocty.FromCtyValue(args[1], &cost); err != nil {
			return "", function.NewArgError(1, err)
		}
		if cost < bcrypt.MinCost || cost > maxCost {
			return "", function.NewArgErrorf(1, "cost is from %d to %d", bcrypt.MinCost, maxCost)
		}
	}
	in := bcryptInput{args[0].AsString(), cost}
	b.Lock()
	defer b.Unlock()
	if h, ok := b.made[in]; ok {
		return h, nil
	}
	h, err := bcrypt.GenerateFromPassword([]byte(in.text), cost)
	if err == nil {
		b.made[in] = string(h)
	}
	return string(h), err
}

// rsaDecrypt takes base64 of PKCS #1 v1.5 and a private key in PEM. Its messages
// show neither.
func rsaDecrypt(a []string) (string, error) {
	cipher, err := base64.StdEncoding.DecodeString(a[0])
	if err != nil {
		return "", function.NewArgError(0, errors.New("ciphertext is not base64"))
	}
	raw, err := ssh.ParseRawPrivateKey([]byte(a[1]))
	if err != nil {
		return "", function.NewArgError(1, errors.New("private key is not PEM without a passphrase"))
	}
	key, ok := raw.(*rsa.PrivateKey)
	if !ok {
		return "", function.NewArgError(1, errors.New("private key is not an RSA key"))
	}
	//lint:ignore SA1019 the passwords that it is for, those of Windows on EC2, are in this form
	out, err := rsa.DecryptPKCS1v15(rand.Reader, key, cipher)
	if err != nil {
		return "", errors.New("text cannot be decrypted with this key")
	}
	return string(out), nil
}

func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return formatUUID(b, 4)
}

// uuidNamespace holds the namespaces of RFC 9562 by the names that uuidv5 takes.
func uuidNamespace(name string) (ns [16]byte, err error) {
	switch name {
	case "dns":
		name = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	case "url":
		name = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
	case "oid":
		name = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
	case "x500":
		name = "6ba7b814-9dad-11d1-80b4-00c04fd430c8"
	}
	b, err := hex.DecodeString(strings.ReplaceAll(name, "-", ""))
	if err != nil || len(b) != len(ns) {
		return ns, function.NewArgErrorf(0, "%q is not dns, url, oid, x500 or a UUID", name)
	}
	return [16]byte(b), nil
}

func nameUUID(namespace, name string) (string, error) {
	ns, err := uuidNamespace(namespace)
	if err != nil {
		return "", err
	}
	sum := sha1.Sum(append(ns[:], name...))
	return formatUUID([16]byte(sum[:16]), 5), nil
}

func formatUUID(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
