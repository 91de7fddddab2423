package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"strings"

	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"
)

// What brokers ask of keys.
const (
	secretBytesMin = 32
	rsaBitsMin     = 2048
)

// keyFlags name the key of a token.
type keyFlags struct {
	algorithm  string
	file       string
	secretFile string
	secretEnv  string
}

func (k *keyFlags) flags(cmd *cobra.Command, what string) {
	cmd.Flags().StringVar(&k.algorithm, "algorithm", "",
		"HS256, RS256, ES256 or EdDSA (default: the key's own)")
	cmd.Flags().StringVar(&k.file, "key", "", "PEM file of the "+what+" key")
	cmd.Flags().StringVar(&k.secretFile, "secret-file", "",
		"file of an HS256 secret, without its last newline")
	cmd.Flags().StringVar(&k.secretEnv, "secret-env", "",
		"variable that holds an HS256 secret")
	_ = cmd.RegisterFlagCompletionFunc("algorithm", cobra.FixedCompletions(
		[]string{"HS256", "RS256", "ES256", "EdDSA"},
		cobra.ShellCompDirectiveNoFileComp))
}

// key is a key and the one algorithm that it is for.
type key struct {
	method jwt.SigningMethod
	value  any
}

// load reads the key; private: one that signs.
func (k *keyFlags) load(getenv func(string) string, private bool) (key,
	error) {
	named := 0
	for _, flag := range []string{k.file, k.secretFile, k.secretEnv} {
		if flag != "" {
			named++
		}
	}
	if named != 1 {
		return key{}, fail(exitUsage,
			"name one key: by --key, --secret-file or --secret-env")
	}
	loaded, err := k.read(getenv, private)
	if err != nil {
		return key{}, fail(exitUsage, "%w", err)
	}
	if k.algorithm != "" && k.algorithm != loaded.method.Alg() {
		return key{}, fail(exitUsage, "the key is for %s, not for %q",
			loaded.method.Alg(), k.algorithm)
	}
	return loaded, nil
}

func (k *keyFlags) read(getenv func(string) string, private bool) (key,
	error) {
	if k.file != "" {
		text, err := os.ReadFile(k.file)
		if err != nil {
			return key{}, err
		}
		return keyOf(text, private)
	}
	secret := getenv(k.secretEnv)
	if k.secretFile != "" {
		text, err := os.ReadFile(k.secretFile)
		if err != nil {
			return key{}, err
		}
		secret = strings.TrimSuffix(string(text), "\n")
	}
	if len(secret) < secretBytesMin {
		return key{}, fmt.Errorf("a secret has %d bytes or more, not %d",
			secretBytesMin, len(secret))
	}
	return key{jwt.SigningMethodHS256, []byte(secret)}, nil
}

// keyOf is the first key of a PEM text. A private one also checks.
func keyOf(text []byte, private bool) (key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return key{}, fmt.Errorf("the key is no PEM")
	}
	parsed, err := parseKey(block)
	if err != nil {
		return key{}, err
	}
	signer, isPrivate := parsed.(crypto.Signer)
	if private && !isPrivate {
		return key{}, fmt.Errorf("a token is signed with a private key; " +
			"this one is public")
	}
	public := any(parsed)
	if isPrivate {
		public = signer.Public()
	}
	method, err := methodOf(public)
	if err != nil {
		return key{}, err
	}
	if private {
		return key{method, parsed}, nil
	}
	return key{method, public}, nil
}

func parseKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "PRIVATE KEY":
		return x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		return x509.ParseECPrivateKey(block.Bytes)
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return nil, fmt.Errorf("a PEM block %q is no key", block.Type)
}

func methodOf(public any) (jwt.SigningMethod, error) {
	switch public := public.(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < rsaBitsMin {
			return nil, fmt.Errorf("an RSA key has %d bits or more, not %d",
				rsaBitsMin, bits)
		}
		return jwt.SigningMethodRS256, nil
	case *ecdsa.PublicKey:
		if public.Curve != elliptic.P256() {
			return nil, fmt.Errorf("an EC key is on P-256, not on %s",
				public.Curve.Params().Name)
		}
		return jwt.SigningMethodES256, nil
	case ed25519.PublicKey:
		return jwt.SigningMethodEdDSA, nil
	}
	return nil, fmt.Errorf("no algorithm of ours takes a %T", public)
}
