package tokens

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/audience"
	"github.com/freshet/freshet/domain/fault"
)

// The shortest keys that are taken.
const (
	leastSecret = 32   // bytes
	leastRSA    = 2048 // bits
)

// mostToken is how long a token may be, in bytes.
const mostToken = 8 << 10

// ErrKeySet says that the issuer's keys could not be had yet.
var ErrKeySet = fault.New(fault.Unavailable, "token_keys_unread", "the keys of the tokens' issuer were not read yet")

// Options say which tokens are taken.
type Options struct {
	Secret      []byte   // of HS256, 32 bytes or more; empty: none is taken
	Public      [][]byte // public keys as PEM: RSA of 2048 bits or more (RS256), P-256 (ES256) or Ed25519 (EdDSA)
	Sets        *KeySets // for RS256, ES256 and EdDSA too; nil: none
	Issuer      string   // what the claim iss has to be; empty: anything
	Audience    string   // what the claim aud has to hold; empty: anything
	ViewerClaim string   // which claim names the viewer
	Leeway      time.Duration
	Clock       func() time.Time
}

// Signed is the admitting.Tokens for JWT (RFC 7519). A token has to say when it expires.
type Signed struct {
	o      Options
	public []crypto.PublicKey
	parser *jwt.Parser
}

// NewSigned refuses keys that are too short or of another kind.
func NewSigned(o Options) (*Signed, error) {
	s := &Signed{o: o}
	var methods []string
	if len(o.Secret) > 0 {
		if len(o.Secret) < leastSecret {
			return nil, fmt.Errorf("the secret has %d bytes, and needs %d", len(o.Secret), leastSecret)
		}
		methods = append(methods, "HS256")
	}
	for i, text := range o.Public {
		key, err := publicKey(text)
		if err != nil {
			return nil, fmt.Errorf("public key %d: %w", i+1, err)
		}
		s.public = append(s.public, key)
	}
	if len(s.public) > 0 || o.Sets != nil {
		methods = append(methods, "RS256", "ES256", "EdDSA")
	}
	options := []jwt.ParserOption{jwt.WithValidMethods(methods), jwt.WithExpirationRequired(), jwt.WithLeeway(o.Leeway), jwt.WithTimeFunc(o.Clock)}
	if o.Issuer != "" {
		options = append(options, jwt.WithIssuer(o.Issuer))
	}
	if o.Audience != "" {
		options = append(options, jwt.WithAudience(o.Audience))
	}
	s.parser = jwt.NewParser(options...)
	return s, nil
}

func publicKey(text []byte) (crypto.PublicKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("this is not one key as PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	return key, strong(key)
}

// strong refuses keys that a token must not be checked with.
func strong(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < leastRSA {
			return fmt.Errorf("an RSA key needs %d bits", leastRSA)
		}
	case *ecdsa.PublicKey:
		if k.Curve != elliptic.P256() {
			return errors.New("of elliptic curves P-256 is known")
		}
	case ed25519.PublicKey:
	default:
		return fmt.Errorf("a %T checks no token", key)
	}
	return nil
}

// Bearer implements admitting.Tokens. Scopes are read from the claims scope, with blanks between (RFC 8693), or scp.
func (s *Signed) Bearer(ctx context.Context, token string) (access.Caller, error) {
	if len(token) > mostToken {
		return access.Caller{}, admitting.ErrToken
	}
	claims := jwt.MapClaims{}
	_, err := s.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) { return s.keys(ctx, t) })
	if err != nil {
		if errors.Is(err, ErrKeySet) {
			return access.Caller{}, ErrKeySet.Because(err)
		}
		return access.Caller{}, admitting.ErrToken.Because(err)
	}
	return callerOf(claims, s.o.ViewerClaim)
}

// keys are those that the token may be signed with.
func (s *Signed) keys(ctx context.Context, t *jwt.Token) (any, error) {
	if t.Method.Alg() == "HS256" {
		return s.o.Secret, nil
	}
	var set jwt.VerificationKeySet
	for _, key := range s.public {
		if fits(key, t.Method) {
			set.Keys = append(set.Keys, key)
		}
	}
	if s.o.Sets != nil {
		more, err := s.o.Sets.find(ctx, t)
		if err != nil && len(set.Keys) == 0 {
			return nil, err
		}
		set.Keys = append(set.Keys, more...)
	}
	return set, nil
}

func fits(key crypto.PublicKey, method jwt.SigningMethod) bool {
	switch key.(type) {
	case *rsa.PublicKey:
		return method.Alg() == "RS256"
	case *ecdsa.PublicKey:
		return method.Alg() == "ES256"
	case ed25519.PublicKey:
		return method.Alg() == "EdDSA"
	}
	return false
}

// callerOf reads a viewer and scopes from claims.
func callerOf(claims map[string]any, viewerClaim string) (access.Caller, error) {
	name, _ := claims[viewerClaim].(string)
	viewer, err := audience.ParseViewerID(name)
	if err != nil {
		return access.Caller{}, admitting.ErrToken.Saying("the claim %s of the token names no viewer", viewerClaim).Because(err)
	}
	return access.Bearer(viewer, access.KnownScopes(scopesIn(claims))), nil
}
