package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/freshet/freshet/domain/fault"
)

// Why a key is refused, or cannot be made.
var (
	ErrKey      = fault.New(fault.Unproven, "bad_key", "there is no such key, or it is no longer valid")
	ErrKeyName  = fault.New(fault.Invalid, "bad_key_name", "a key has a name of 1 to 64 printable characters").On("name")
	ErrNoScopes = fault.New(fault.Invalid, "no_scopes", "a key has one scope at least").On("scopes")
	ErrExpiry   = fault.New(fault.Invalid, "bad_expiry", "a key expires after it was made").On("expires")
	ErrNoKey    = fault.New(fault.NotFound, "key_not_found", "there is no such key")
	ErrKeyTaken = fault.New(fault.Conflict, "key_taken", "another key has this id")
)

// The shape of what a service sends: "fk_", the key's id, "_", and its secret.
const (
	keyPrefix   = "fk_"
	keyIDBytes  = 10
	secretBytes = 32
)

var keyIDs = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Key lets a service prove its name. Its secret is known to the service alone: what is kept is a hash, which for a secret of 256
// random bits needs to be neither slow nor salted. To change a service's key, make a second one, and revoke the first when
// the service uses it no longer.
type Key struct {
	ID      string
	Name    string // of the service
	Hash    [sha256.Size]byte
	Scopes  Scopes
	Made    time.Time
	Expires time.Time // zero: never
	Revoked time.Time // zero: not
}

// NewKey makes a key, and the text that proves it, which cannot be told again. Entropy has 42 random bytes. It fails with ErrKeyName,
// ErrNoScopes or ErrExpiry.
func NewKey(name string, scopes Scopes, expires, now time.Time, entropy [keyIDBytes + secretBytes]byte) (Key, string, error) {
	switch {
	case !printable(name):
		return Key{}, "", ErrKeyName
	case scopes == 0:
		return Key{}, "", ErrNoScopes
	case !expires.IsZero() && !expires.After(now):
		return Key{}, "", ErrExpiry
	}
	k := Key{ID: keyIDs.EncodeToString(entropy[:keyIDBytes]), Name: name, Scopes: scopes, Made: now, Expires: expires}
	secret := base64.RawURLEncoding.EncodeToString(entropy[keyIDBytes:])
	k.Hash = sha256.Sum256([]byte(secret))
	return k, keyPrefix + k.ID + "_" + secret, nil
}

func printable(name string) bool {
	n := utf8.RuneCountInString(name)
	return utf8.ValidString(name) && n >= 1 && n <= 64 && strings.IndexFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

// SplitKey takes apart what a service sent; ok is false where it has not the shape of a key.
func SplitKey(text string) (id, secret string, ok bool) {
	rest, ok := strings.CutPrefix(text, keyPrefix)
	if !ok {
		return "", "", false
	}
	id, secret, ok = strings.Cut(rest, "_")
	return id, secret, ok && len(id) == keyIDs.EncodedLen(keyIDBytes) && len(secret) == base64.RawURLEncoding.EncodedLen(secretBytes)
}

// Proven is the caller that the secret proves, or ErrKey. It takes as long for a wrong secret as for the right one.
func (k *Key) Proven(secret string, now time.Time) (Caller, error) {
	hash := sha256.Sum256([]byte(secret))
	right := subtle.ConstantTimeCompare(hash[:], k.Hash[:]) == 1
	if !right || !k.Valid(now) {
		return Caller{}, ErrKey
	}
	return Service(k.Name, k.Scopes), nil
}

// Valid reports whether the key is neither revoked nor expired.
func (k *Key) Valid(now time.Time) bool {
	return k.Revoked.IsZero() && (k.Expires.IsZero() || now.Before(k.Expires))
}

// KeyRepository holds keys, the same for all instances. Every implementation passes accesstest.Keys. Methods are safe for
// concurrent use, and fail with kind Unavailable where the store does not answer.
type KeyRepository interface {
	// Add stores a key; the same again changes nothing. It fails with ErrKeyTaken.
	Add(ctx context.Context, k Key) error
	// All lists every key, the oldest first, those that are no longer valid included.
	All(ctx context.Context) ([]Key, error)
	// Revoke ends the key; one that was revoked before stays as it is. It fails with ErrNoKey.
	Revoke(ctx context.Context, id string, at time.Time) error
}
