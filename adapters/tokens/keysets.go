package tokens

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

// What asking an issuer for its keys may take.
const (
	keySetPatience = 3 * time.Second
	keySetBytes    = 1 << 20
	unknownEvery   = time.Second           // how often a key that is not known is looked for,
	unknownWait    = unknownEvery * 9 / 10 // and how long a call waits for it, so that one waits and others do not
)

// KeySets are the keys that issuers publish (RFC 7517), read again now and then, and at once when a token names a key that is
// not known: so a key is rotated by publishing the new one. Keys that were read stay while an issuer is away.
type KeySets struct {
	keys   jwkset.Storage
	cancel context.CancelFunc
	client *http.Client
}

// NewKeySets reads the sets now, and again every so often until Close. failed hears of sets that could not be read; it must be
// quick. It fails where an address is none.
func NewKeySets(urls []string, every time.Duration, failed func(url string, err error)) (*KeySets, error) {
	ctx, cancel := context.WithCancel(context.Background())
	transport := http.DefaultTransport.(*http.Transport).Clone()
	s := &KeySets{cancel: cancel, client: &http.Client{Transport: limited{transport}}}
	sets := make(map[string]jwkset.Storage, len(urls))
	for _, url := range urls {
		set, err := jwkset.NewStorageFromHTTP(url, jwkset.HTTPClientStorageOptions{
			Client: s.client, Ctx: ctx, HTTPTimeout: keySetPatience, NoErrorReturnFirstHTTPReq: true, RefreshInterval: every,
			RefreshErrorHandler: func(_ context.Context, err error) { failed(url, err) },
		})
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("%s: %w", url, err)
		}
		sets[url] = set
	}
	keys, err := jwkset.NewHTTPClient(jwkset.HTTPClientOptions{
		HTTPURLs: sets, RateLimitWaitMax: unknownWait, RefreshUnknownKID: rate.NewLimiter(rate.Every(unknownEvery), 1),
	})
	if err != nil {
		s.Close()
		return nil, err
	}
	s.keys = keys
	return s, nil
}

// Close stops reading.
func (s *KeySets) Close() {
	s.cancel()
	s.client.CloseIdleConnections()
}

// find lists those that a token may be signed with: the one that it names, or all of its kind.
func (s *KeySets) find(ctx context.Context, t *jwt.Token) ([]jwt.VerificationKey, error) {
	var found []jwkset.JWK
	if kid, named := t.Header["kid"].(string); named {
		key, err := s.keys.KeyRead(ctx, kid)
		if err != nil {
			return nil, errors.Join(s.unread(ctx), err)
		}
		found = []jwkset.JWK{key}
	} else {
		all, err := s.keys.KeyReadAll(ctx)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return nil, ErrKeySet
		}
		found = all
	}
	var keys []jwt.VerificationKey
	for _, k := range found {
		if alg := k.Marshal().ALG.String(); alg != "" && alg != t.Method.Alg() || k.Marshal().USE != "" && k.Marshal().USE != jwkset.UseSig {
			continue
		}
		key, ok := k.Key().(crypto.PublicKey)
		if private, is := k.Key().(interface{ Public() crypto.PublicKey }); is {
			key, ok = private.Public(), true
		}
		if ok && strong(key) == nil && fits(key, t.Method) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// unread is ErrKeySet while no key is known at all.
func (s *KeySets) unread(ctx context.Context) error {
	if all, err := s.keys.KeyReadAll(ctx); err == nil && len(all) > 0 {
		return nil
	}
	return ErrKeySet
}

// limited reads answers as far as a key set may be long.
type limited struct{ http.RoundTripper }

func (l limited) RoundTrip(q *http.Request) (*http.Response, error) {
	a, err := l.RoundTripper.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	a.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(a.Body, keySetBytes), a.Body}
	return a, nil
}
