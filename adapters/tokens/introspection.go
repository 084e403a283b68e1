package tokens

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
	"github.com/freshet/freshet/domain/fault"
)

// ErrIssuer says that the issuer did not tell.
var ErrIssuer = fault.New(fault.Unavailable, "issuer_silent", "the issuer of the token did not answer")

// mostAnswer is how much of an answer is read.
const mostAnswer = 64 << 10

// IntrospectionOptions say whom to ask.
type IntrospectionOptions struct {
	URL          string
	ClientID     string // who we are to the issuer, and
	ClientSecret string // how we prove it (RFC 6749, 2.3.1)
	ViewerClaim  string
	Patience     time.Duration // for one answer
	AtOnce       int           // questions under way; beyond it is not asked, and the answer is ErrIssuer
	Clock        func() time.Time
}

// Introspection is the admitting.Tokens that asks the issuer (RFC 7662).
type Introspection struct {
	o      IntrospectionOptions
	turns  chan struct{}
	client *http.Client
}

// NewIntrospection asks nobody yet. The caller closes it.
func NewIntrospection(o IntrospectionOptions) *Introspection {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.MaxConnsPerHost = o.AtOnce, o.AtOnce
	return &Introspection{o, make(chan struct{}, o.AtOnce), &http.Client{
		Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are not in use.
func (i *Introspection) Close() { i.client.CloseIdleConnections() }

// Bearer implements admitting.Tokens.
func (i *Introspection) Bearer(ctx context.Context, token string) (access.Caller, error) {
	c, _, err := i.ask(ctx, token)
	return c, err
}

// ask answers also until when that holds; the zero time: the issuer did not say.
func (i *Introspection) ask(ctx context.Context, token string) (access.Caller, time.Time, error) {
	none := access.Caller{}
	if len(token) > mostToken {
		return none, time.Time{}, admitting.ErrToken
	}
	select {
	case i.turns <- struct{}{}:
		defer func() { <-i.turns }()
	default:
		return none, time.Time{}, ErrIssuer.Because(errors.New("as many tokens as may be are being asked about"))
	}
	claims, err := i.claims(ctx, token)
	if err != nil {
		return none, time.Time{}, ErrIssuer.Because(err)
	}
	if active, _ := claims["active"].(bool); !active {
		return none, time.Time{}, admitting.ErrToken
	}
	var until time.Time
	if exp, ok := claims["exp"].(float64); ok {
		until = time.Unix(int64(exp), 0)
		if !i.o.Clock().Before(until) {
			return none, until, admitting.ErrToken
		}
	}
	c, err := callerOf(claims, i.o.ViewerClaim)
	return c, until, err
}

func (i *Introspection) claims(ctx context.Context, token string) (map[string]any, error) {
	ctx, cancel := context.WithTimeout(ctx, i.o.Patience)
	defer cancel()
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, i.o.URL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Accept", "application/json")
	if i.o.ClientID != "" {
		q.SetBasicAuth(url.QueryEscape(i.o.ClientID), url.QueryEscape(i.o.ClientSecret))
	}
	a, err := i.client.Do(q)
	if err != nil {
		return nil, err
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(a.Body, mostAnswer))
	if err != nil {
		return nil, err
	}
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the issuer answered %d", a.StatusCode)
	}
	var claims map[string]any
	if err := json.Unmarshal(body, &claims); err != nil {
		return nil, fmt.Errorf("the issuer's answer is not JSON: %w", err)
	}
	return claims, nil
}
