package tokens_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/tokens"
	"github.com/freshet/freshet/application/admitting"
)

// issuer publishes keys and counts who asks for them.
type issuer struct {
	*httptest.Server
	set   atomic.Pointer[[]byte] // nil: it fails
	asked atomic.Int64
}

func newIssuer(t *testing.T) *issuer {
	i := &issuer{}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		i.asked.Add(1)
		set := i.set.Load()
		if set == nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write(*set)
	}))
	t.Cleanup(i.Close)
	return i
}

// publish replaces the set.
func (i *issuer) publish(t *testing.T, keys map[string]*ecdsa.PrivateKey) {
	var set jwkset.JWKSMarshal
	for kid, key := range keys {
		k, err := jwkset.NewJWKFromKey(key.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: kid, ALG: jwkset.AlgES256, USE: jwkset.UseSig}})
		require.NoError(t, err)
		set.Keys = append(set.Keys, k.Marshal())
	}
	text, err := json.Marshal(set)
	require.NoError(t, err)
	i.set.Store(&text)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func (i *issuer) sets(t *testing.T) *tokens.KeySets {
	sets, err := tokens.NewKeySets([]string{i.URL}, time.Hour, func(string, error) {})
	require.NoError(t, err)
	t.Cleanup(sets.Close)
	return sets
}

func TestKeysAreTakenFromTheIssuerAndRotated(t *testing.T) {
	i, first, second := newIssuer(t), newKey(t), newKey(t)
	i.publish(t, map[string]*ecdsa.PrivateKey{"1": first})
	s := signed(t, func(o *tokens.Options) { o.Secret, o.Sets = nil, i.sets(t) })
	bearer := func(key *ecdsa.PrivateKey, kid string) error {
		_, err := s.Bearer(t.Context(), sign(t, jwt.SigningMethodES256, key, good(), kid))
		return err
	}
	require.NoError(t, bearer(first, "1"))
	require.NoError(t, bearer(first, ""), "it names no key, and all are tried")
	require.ErrorIs(t, bearer(second, "1"), admitting.ErrToken)
	require.ErrorIs(t, bearer(second, ""), admitting.ErrToken)
	require.Equal(t, int64(1), i.asked.Load())

	i.publish(t, map[string]*ecdsa.PrivateKey{"1": first, "2": second})
	require.NoError(t, bearer(second, "2"), "a key that is not known is looked for at once")
	require.NoError(t, bearer(first, "1"))
	asked := i.asked.Load()
	for range 100 {
		require.ErrorIs(t, bearer(second, "3"), admitting.ErrToken)
		if i.asked.Load() > asked+2 {
			t.Fatal("whoever makes up names has the issuer asked again and again")
		}
	}
	i.set.Store(nil)
	require.NoError(t, bearer(second, "2"), "what was read stays")
}

func TestWithoutAnyKeyATokenIsNeitherRightNorWrong(t *testing.T) {
	i, key := newIssuer(t), newKey(t)
	s := signed(t, func(o *tokens.Options) { o.Secret, o.Sets = nil, i.sets(t) })
	for _, kid := range []string{"", "1"} {
		_, err := s.Bearer(t.Context(), sign(t, jwt.SigningMethodES256, key, good(), kid))
		require.ErrorIs(t, err, tokens.ErrKeySet)
	}
}
