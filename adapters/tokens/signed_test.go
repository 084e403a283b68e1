package tokens_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/tokens"
	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
)

var (
	noon   = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	secret = []byte("a secret of thirty-two bytes, or more")
)

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func good() jwt.MapClaims {
	return jwt.MapClaims{"sub": "v1", "iss": "https://issuer", "aud": []string{"freshet", "other"}, "exp": noon.Add(time.Hour).Unix()}
}

func sign(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims, kid string) string {
	token := jwt.NewWithClaims(method, claims)
	if kid != "" {
		token.Header["kid"] = kid
	}
	text, err := token.SignedString(key)
	require.NoError(t, err)
	return text
}

func asPEM(t testing.TB, key crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func signed(t testing.TB, change func(*tokens.Options)) *tokens.Signed {
	o := tokens.Options{Secret: secret, Issuer: "https://issuer", Audience: "freshet", ViewerClaim: "sub", Leeway: 30 * time.Second, Clock: at(noon)}
	if change != nil {
		change(&o)
	}
	s, err := tokens.NewSigned(o)
	require.NoError(t, err)
	return s
}

func TestATokenNamesItsViewerWhileItIsValid(t *testing.T) {
	s := signed(t, nil)
	for _, c := range []struct {
		name   string
		change func(jwt.MapClaims)
		want   access.Caller
		err    error
	}{
		{"a viewer's", func(jwt.MapClaims) {}, access.Bearer("v1", 0), nil},
		{"with scopes of ours and of others", func(c jwt.MapClaims) { c["scope"] = "openid feeds:read" }, access.Bearer("v1", access.Scopes(access.FeedsRead)), nil},
		{"with a list of scopes", func(c jwt.MapClaims) { c["scp"] = []string{"items:write", "x"} }, access.Bearer("v1", access.Scopes(access.ItemsWrite)), nil},
		{"for one audience", func(c jwt.MapClaims) { c["aud"] = "freshet" }, access.Bearer("v1", 0), nil},
		{"just expired", func(c jwt.MapClaims) { c["exp"] = noon.Add(-29 * time.Second).Unix() }, access.Bearer("v1", 0), nil},
		{"expired", func(c jwt.MapClaims) { c["exp"] = noon.Add(-31 * time.Second).Unix() }, access.Caller{}, admitting.ErrToken},
		{"that never expires", func(c jwt.MapClaims) { delete(c, "exp") }, access.Caller{}, admitting.ErrToken},
		{"not valid yet", func(c jwt.MapClaims) { c["nbf"] = noon.Add(time.Minute).Unix() }, access.Caller{}, admitting.ErrToken},
		{"of another issuer", func(c jwt.MapClaims) { c["iss"] = "https://issuer.example" }, access.Caller{}, admitting.ErrToken},
		{"of no issuer", func(c jwt.MapClaims) { delete(c, "iss") }, access.Caller{}, admitting.ErrToken},
		{"for another audience", func(c jwt.MapClaims) { c["aud"] = "freshets" }, access.Caller{}, admitting.ErrToken},
		{"for no audience", func(c jwt.MapClaims) { delete(c, "aud") }, access.Caller{}, admitting.ErrToken},
		{"of nobody", func(c jwt.MapClaims) { delete(c, "sub") }, access.Caller{}, admitting.ErrToken},
		{"of a number", func(c jwt.MapClaims) { c["sub"] = 7 }, access.Caller{}, admitting.ErrToken},
		{"of who cannot be a viewer", func(c jwt.MapClaims) { c["sub"] = "a/b" }, access.Caller{}, admitting.ErrToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			claims := good()
			c.change(claims)
			got, err := s.Bearer(t.Context(), sign(t, jwt.SigningMethodHS256, secret, claims, ""))
			require.ErrorIs(t, err, c.err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestATokenIsSignedByAKeyOfItsKind(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	public := [][]byte{asPEM(t, &rsaKey.PublicKey), asPEM(t, &ecKey.PublicKey), asPEM(t, edPublic)}
	withKeys := signed(t, func(o *tokens.Options) { o.Secret, o.Public = nil, public })
	for name, c := range map[string]struct {
		method jwt.SigningMethod
		key    any
	}{"RS256": {jwt.SigningMethodRS256, rsaKey}, "ES256": {jwt.SigningMethodES256, ecKey}, "EdDSA": {jwt.SigningMethodEdDSA, edKey}} {
		text := sign(t, c.method, c.key, good(), "")
		got, err := withKeys.Bearer(t.Context(), text)
		require.NoError(t, err, name)
		require.Equal(t, access.Bearer("v1", 0), got, name)
		_, err = signed(t, nil).Bearer(t.Context(), text)
		require.ErrorIs(t, err, admitting.ErrToken, "%s where only a secret is known", name)
	}
	for name, text := range map[string]string{
		"a secret that is a public key": sign(t, jwt.SigningMethodHS256, public[0], good(), ""),
		"a secret where none is taken":  sign(t, jwt.SigningMethodHS256, secret, good(), ""),
		"no signature":                  sign(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, good(), ""),
		"another hash":                  sign(t, jwt.SigningMethodRS512, rsaKey, good(), ""),
	} {
		_, err := withKeys.Bearer(t.Context(), text)
		require.ErrorIs(t, err, admitting.ErrToken, name)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, err = withKeys.Bearer(t.Context(), sign(t, jwt.SigningMethodRS256, other, good(), ""))
	require.ErrorIs(t, err, admitting.ErrToken, "another key of the kind")
}

func TestWeakKeysAreRefusedAtTheStart(t *testing.T) {
	short, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // that is the point
	require.NoError(t, err)
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, err = tokens.NewSigned(tokens.Options{Public: [][]byte{append(asPEM(t, &long.PublicKey), '\n')}})
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	for name, o := range map[string]tokens.Options{
		"a short secret":  {Secret: secret[:31]},
		"a short RSA key": {Public: [][]byte{asPEM(t, &short.PublicKey)}},
		"another curve":   {Public: [][]byte{asPEM(t, &curve.PublicKey)}},
		"no key":          {Public: [][]byte{[]byte("key")}},
		"two in one":      {Public: [][]byte{append(asPEM(t, &long.PublicKey), asPEM(t, &long.PublicKey)...)}},
	} {
		_, err := tokens.NewSigned(o)
		require.Error(t, err, name)
	}
}

// Flipping any letter of a token has to be noticed.
func TestATokenThatWasChangedIsRefused(t *testing.T) {
	s := signed(t, nil)
	text := sign(t, jwt.SigningMethodHS256, secret, good(), "")
	for i := range len(text) - 1 { // of the last letter not all bits count
		if text[i] == '.' {
			continue
		}
		letter := "A"
		if text[i] == 'A' {
			letter = "B"
		}
		_, err := s.Bearer(t.Context(), text[:i]+letter+text[i+1:])
		require.ErrorIs(t, err, admitting.ErrToken, i)
	}
	_, err := s.Bearer(t.Context(), text+strings.Repeat("A", 8<<10))
	require.ErrorIs(t, err, admitting.ErrToken, "it is too long")
}

func FuzzSigned(f *testing.F) {
	s := signed(f, nil)
	f.Add(sign(f, jwt.SigningMethodHS256, secret, good(), ""))
	f.Add("e30.e30.")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + ".e30.")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := s.Bearer(context.Background(), text)
		if err == nil && c != access.Bearer("v1", 0) {
			t.Fatal(c)
		}
	})
}
