package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"
)

func (a *app) tokenCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make and check JSON Web Tokens of clients",
		Long: "Makes and checks the JSON Web Tokens that clients show. No " +
			"broker is asked.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.tokenMakeCommand(), a.tokenCheckCommand())
	return cmd
}

// claimFlags are what a token says.
type claimFlags struct {
	subject   string
	issuer    string
	audience  []string
	expires   time.Duration
	notBefore time.Duration
	more      []string
}

func (a *app) tokenMakeCommand() *cobra.Command {
	var keys keyFlags
	var claims claimFlags
	var kid string
	cmd := &cobra.Command{
		Use:   "make {--key FILE | --secret-file FILE | --secret-env NAME}",
		Short: "Make a token",
		Long:  "Makes a token, and prints it.",
		Example: "  aeriectl token make --key private.pem --subject 42 " +
			"--claim 'rooms=[\"a\",\"b\"]'",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return done(a.makeToken(&keys, &claims, kid))
		},
	}
	keys.flags(cmd, "private")
	flags := cmd.Flags()
	flags.StringVar(&kid, "kid", "", "name of the key, for the header")
	flags.StringVar(&claims.subject, "subject", "", "sub: whose token it is")
	flags.StringVar(&claims.issuer, "issuer", "", "iss: who made it")
	flags.StringSliceVar(&claims.audience, "audience", nil,
		"aud: whom it is for")
	flags.DurationVar(&claims.expires, "expires", time.Hour,
		"exp: after this time from now; 0 for never")
	flags.DurationVar(&claims.notBefore, "not-before", 0,
		"nbf: not before this time from now; 0 for none")
	flags.StringArrayVar(&claims.more, "claim", nil,
		"any other claim, NAME=VALUE; the value is JSON, or else a text")
	return cmd
}

func (a *app) makeToken(keys *keyFlags, flags *claimFlags,
	kid string) error {
	signing, err := keys.load(a.getenv, true)
	if err != nil {
		return err
	}
	claims, err := flags.claims(a.now())
	if err != nil {
		return err
	}
	token := jwt.NewWithClaims(signing.method, claims)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(signing.value)
	if err != nil {
		return err
	}
	if a.format == "json" {
		return a.printLine(map[string]any{"token": text, "claims": claims})
	}
	_, err = fmt.Fprintln(a.out, text)
	return err
}

func (f *claimFlags) claims(now time.Time) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{"iat": now.Unix()}
	for _, claim := range f.more {
		name, value, found := strings.Cut(claim, "=")
		if !found || name == "" {
			return nil, fail(exitUsage, "--claim is NAME=VALUE, not %q", claim)
		}
		claims[name] = value
		if json.Valid([]byte(value)) {
			claims[name] = json.RawMessage(value)
		}
	}
	if f.expires < 0 {
		return nil, fail(exitUsage, "--expires is negative")
	}
	if f.expires > 0 {
		claims["exp"] = now.Add(f.expires).Unix()
	}
	if f.notBefore != 0 {
		claims["nbf"] = now.Add(f.notBefore).Unix()
	}
	if f.subject != "" {
		claims["sub"] = f.subject
	}
	if f.issuer != "" {
		claims["iss"] = f.issuer
	}
	switch len(f.audience) {
	case 0:
	case 1:
		claims["aud"] = f.audience[0]
	default:
		claims["aud"] = f.audience
	}
	return claims, nil
}

// checkFlags are what a token must say.
type checkFlags struct {
	kid      string
	issuer   string
	audience []string
	leeway   time.Duration
	noExpiry bool
}

func (a *app) tokenCheckCommand() *cobra.Command {
	var keys keyFlags
	var rules checkFlags
	cmd := &cobra.Command{
		Use: "check {--key FILE | --secret-file FILE | --secret-env NAME} " +
			"TOKEN",
		Short: "Check a token, and print its claims",
		Long: "Checks a token by the rules of a broker's connect.jwt, and " +
			"prints its claims.\nTOKEN is the token, @FILE or - for standard " +
			"input. An invalid one ends with 4.",
		Example: "  aeriectl token check --key public.pem - <token",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return done(a.checkToken(&keys, &rules, args[0]))
		},
	}
	keys.flags(cmd, "public")
	flags := cmd.Flags()
	flags.StringVar(&rules.kid, "kid", "", "what kid must be")
	flags.StringVar(&rules.issuer, "issuer", "", "what iss must be")
	flags.StringSliceVar(&rules.audience, "audience", nil,
		"aud must name one of these; without it there must be no aud")
	flags.DurationVar(&rules.leeway, "leeway", 5*time.Second,
		"how far the issuer's clock may be from ours")
	flags.BoolVar(&rules.noExpiry, "no-expiry", false,
		"takes tokens without exp")
	return cmd
}

func (a *app) checkToken(keys *keyFlags, rules *checkFlags,
	argument string) error {
	checking, err := keys.load(a.getenv, false)
	if err != nil {
		return err
	}
	text, err := a.read(argument)
	if err != nil {
		return err
	}
	claims, err := rules.check(strings.TrimSpace(string(text)), checking,
		a.now)
	if err != nil {
		return fail(exitDenied, "the token is not valid: %w", err)
	}
	if a.format == "json" {
		return a.printLine(claims)
	}
	return a.printClaims(claims)
}

// check returns the claims of a token that is valid.
func (r *checkFlags) check(text string, checking key,
	now func() time.Time) (jwt.MapClaims, error) {
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{checking.method.Alg()}),
		jwt.WithLeeway(r.leeway), jwt.WithIssuedAt(), jwt.WithTimeFunc(now),
		jwt.WithJSONNumber(), jwt.WithStrictDecoding(),
	}
	if !r.noExpiry {
		options = append(options, jwt.WithExpirationRequired())
	}
	if r.issuer != "" {
		options = append(options, jwt.WithIssuer(r.issuer))
	}
	claims := jwt.MapClaims{}
	_, err := jwt.NewParser(options...).ParseWithClaims(text, claims,
		func(token *jwt.Token) (any, error) {
			if _, ok := token.Header["crit"]; ok {
				return nil, errors.New("the header crit is not understood")
			}
			if kid, ok := token.Header["kid"]; r.kid != "" && ok &&
				kid != r.kid {
				return nil, fmt.Errorf("the key is %q, not %q", kid, r.kid)
			}
			return checking.value, nil
		})
	if err != nil {
		return nil, err
	}
	return claims, r.checkAudience(claims)
}

func (r *checkFlags) checkAudience(claims jwt.MapClaims) error {
	audience, err := claims.GetAudience()
	if err != nil {
		return err
	}
	if len(r.audience) == 0 {
		if _, ok := claims["aud"]; ok {
			return fmt.Errorf("it is for %q: name it with --audience",
				strings.Join(audience, " "))
		}
		return nil
	}
	for _, wanted := range r.audience {
		for _, has := range audience {
			if wanted == has {
				return nil
			}
		}
	}
	return fmt.Errorf("it is for %q", strings.Join(audience, " "))
}

// printLine writes a value as one line of JSON.
func (a *app) printLine(v any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
