package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// pair is the files of a key: one that signs, one that checks.
type pair struct {
	algorithm       string
	private, public []string // Flags.
}

func pairs(t *testing.T) []pair {
	t.Helper()
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	secret := write(t, strings.Repeat("s", 32)+"\n")
	list := []pair{{
		"HS256", []string{"--secret-file", secret},
		[]string{"--secret-file", secret},
	}}
	for algorithm, signer := range map[string]crypto.Signer{
		"RS256": small, "ES256": curve, "EdDSA": edwards,
	} {
		list = append(list, pair{
			algorithm, []string{"--key", privatePEM(t, signer)},
			[]string{"--key", publicPEM(t, signer)},
		})
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func privatePEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	return write(t, string(pem.EncodeToMemory(
		&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func publicPEM(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return write(t, string(pem.EncodeToMemory(
		&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
}

func makeToken(s *shell, p pair, more ...string) string {
	s.t.Helper()
	return strings.TrimSpace(s.ok(append(append([]string{"token", "make"},
		p.private...), more...)...))
}

func check(s *shell, p pair, token string, more ...string) result {
	s.t.Helper()
	return s.run(append(append(append([]string{"token", "check"},
		p.public...), more...), token)...)
}

func TestATokenThatIsMadeIsValid(t *testing.T) {
	for _, p := range pairs(t) {
		s := newShell(t, nil)
		token := makeToken(s, p, "--subject", "42", "--kid", "k-1",
			"--claim", `rooms=["a","b"]`, "--claim", "name=Ann <3",
			"--claim", "n=12345678901234567890", "--algorithm", p.algorithm)
		var header map[string]any
		text, err := base64.RawURLEncoding.DecodeString(
			token[:strings.Index(token, ".")])
		must(t, err)
		must(t, json.Unmarshal(text, &header))
		if header["alg"] != p.algorithm || header["kid"] != "k-1" {
			t.Errorf("%s: header %v", p.algorithm, header)
		}
		r := check(s, p, token, "--kid", "k-1")
		if r.code != exitOk {
			t.Fatalf("%s ends with %d: %s", p.algorithm, r.code, r.errors)
		}
		golden(t, "claims", r.out)
		golden(t, "claims.json", check(s, p, token, "-o", "json").out)
	}
}

func TestATokenAsJSONHasItsClaims(t *testing.T) {
	s := newShell(t, nil)
	out := makeToken(s, pairs(t)[0], "-o", "json", "--issuer", "me",
		"--not-before", "1m", "--audience", "a,b", "--expires", "2h")
	var made struct {
		Token  string
		Claims map[string]any
	}
	must(t, json.Unmarshal([]byte(out), &made))
	now := float64(s.now.Unix())
	if made.Claims["iss"] != "me" || made.Claims["nbf"] != now+60 ||
		made.Claims["exp"] != now+7200 || made.Claims["iat"] != now ||
		strings.Count(made.Token, ".") != 2 {
		t.Errorf("got %s", out)
	}
}

func TestATokenThatIsNotValidEndsWithFour(t *testing.T) {
	list := pairs(t)
	p := list[0]
	hour := time.Hour
	type flags []string
	for name, c := range map[string]struct {
		made, checked flags
		later         time.Duration
		says          string
	}{
		"expired":       {later: hour + 6*time.Second, says: "expired"},
		"no expiry":     {made: flags{"--expires", "0"}, says: "exp"},
		"too early":     {made: flags{"--not-before", "1m"}, says: "valid yet"},
		"from tomorrow": {later: -hour, says: "used before issued"},
		"issuer": {
			made: flags{"--issuer", "a"}, checked: flags{"--issuer", "b"},
			says: "iss",
		},
		"other audience": {
			made: flags{"--audience", "a"}, checked: flags{"--audience", "b"},
			says: `for "a"`,
		},
		"an audience": {made: flags{"--audience", "a"}, says: `for "a"`},
		"no audience": {checked: flags{"--audience", "b"}, says: `for ""`},
		"kid": {
			made: flags{"--kid", "a"}, checked: flags{"--kid", "b"},
			says: `"a"`,
		},
	} {
		s := newShell(t, nil)
		token := makeToken(s, p, c.made...)
		s.now = s.now.Add(c.later)
		r := check(s, p, token, c.checked...)
		if r.code != exitDenied || !strings.Contains(r.errors, c.says) ||
			r.out != "" {
			t.Errorf("%s ends with %d: %s", name, r.code, r.errors)
		}
	}
}

func TestLeewayAndMissingExpiryAreTakenWhenAskedFor(t *testing.T) {
	p := pairs(t)[0]
	s := newShell(t, nil)
	forever := makeToken(s, p, "--expires", "0")
	token := makeToken(s, p, "--audience", "a,b", "--issuer", "me")
	s.now = s.now.Add(time.Hour + 4*time.Second)
	for _, r := range []result{
		check(s, p, forever, "--no-expiry"),
		check(s, p, token, "--audience", "x,b", "--issuer", "me"),
	} {
		if r.code != exitOk {
			t.Errorf("ends with %d: %s", r.code, r.errors)
		}
	}
}

func TestATokenIsCheckedWithTheKeysOwnAlgorithmOnly(t *testing.T) {
	list := pairs(t)
	s := newShell(t, nil)
	claims := jwt.MapClaims{"exp": s.now.Add(time.Hour).Unix()}
	sign := func(key any, method jwt.SigningMethod,
		header map[string]any) string {
		token := jwt.NewWithClaims(method, claims)
		for name, value := range header {
			token.Header[name] = value
		}
		text, err := token.SignedString(key)
		must(t, err)
		return text
	}
	for i, p := range list {
		own := makeToken(s, p)
		tokens := []string{
			"", "a.b.c", "nonsense", own[:len(own)-2], own + ".x",
			sign(jwt.UnsafeAllowNoneSignatureType, jwt.SigningMethodNone, nil),
		}
		for j, other := range list {
			if j != i {
				tokens = append(tokens, makeToken(s, other))
			}
		}
		// The public key, taken for a secret.
		public, err := os.ReadFile(p.public[1])
		must(t, err)
		tokens = append(tokens, sign(public, jwt.SigningMethodHS256, nil))
		for _, token := range tokens {
			if r := check(s, p, token); r.code != exitDenied {
				t.Errorf("%s takes %q: %d", p.algorithm, token, r.code)
			}
		}
	}
	critical := sign([]byte(strings.Repeat("s", 32)), jwt.SigningMethodHS256,
		map[string]any{"crit": []string{"b64"}, "b64": true})
	if r := check(s, list[0], critical); r.code != exitDenied ||
		!strings.Contains(r.errors, "crit") {
		t.Errorf("ends with %d: %s", r.code, r.errors)
	}
}

func TestATokenComesFromStandardInputToo(t *testing.T) {
	p := pairs(t)[0]
	s := newShell(t, nil)
	s.in = makeToken(s, p) + "\n"
	if r := check(s, p, "-"); r.code != exitOk {
		t.Errorf("ends with %d: %s", r.code, r.errors)
	}
}

func TestKeysThatBrokersRefuseEndWithTwo(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	must(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	s := newShell(t, nil)
	s.env["SHORT"] = "short"
	good := privatePEM(t, edwards)
	noKey := write(t, "-----BEGIN X-----\n-----END X-----\n")
	for name, flags := range map[string][]string{
		"short secret":  {"--secret-env", "SHORT"},
		"weak RSA":      {"--key", privatePEM(t, weak)},
		"other curve":   {"--key", privatePEM(t, curve)},
		"public":        {"--key", publicPEM(t, edwards)},
		"no PEM":        {"--key", write(t, "nonsense")},
		"no key":        {"--key", noKey},
		"not there":     {"--key", "/nowhere"},
		"algorithm":     {"--key", good, "--algorithm", "HS256"},
		"claim":         {"--key", good, "--claim", "x"},
		"negative time": {"--key", good, "--expires", "-1s"},
	} {
		r := s.run(append([]string{"token", "make"}, flags...)...)
		if r.code != exitUsage || r.errors == "" {
			t.Errorf("%s ends with %d: %s", name, r.code, r.errors)
		}
	}
}

func TestTimesOfClaimsAreAlsoForPeople(t *testing.T) {
	claims := jwt.MapClaims{"exp": json.Number("1700000000"), "nbf": "text"}
	want := time.Unix(1_700_000_000, 0)
	if got := claimTime("exp", claims); !got.Equal(want) {
		t.Errorf("got %v", got)
	}
	for _, name := range []string{"nbf", "iat", "sub"} {
		if got := claimTime(name, claims); !got.IsZero() {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
