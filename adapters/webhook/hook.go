package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/freshet/freshet/application/notifying"
	"github.com/freshet/freshet/domain/fault"
)

// The ways in which nobody was told for sure.
var (
	ErrRefused     = fault.New(fault.Unavailable, "hook_refused", "the receiver did not answer with success")
	ErrUnreachable = fault.New(fault.Unavailable, "hook_unreachable", "the receiver did not answer")
)

// Signature is the header with the signature of the body: "sha256=" and the HMAC-SHA256 under the secret, in hexadecimal digits.
const Signature = "Freshet-Signature"

// mostAnswer is how much of an answer is read, so that the connection can be used again.
const mostAnswer = 64 << 10

// Hook is the notifying.Hook that posts to one address. It is safe for concurrent use.
type Hook struct {
	url     string
	secret  []byte
	timeout time.Duration // of one call, the answer included
	client  *http.Client
}

// NewHook calls nobody yet. So many connections stay open while there is nothing to tell. The caller closes it.
func NewHook(url, secret string, timeout time.Duration, connections int) *Hook {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = connections
	return &Hook{url, []byte(secret), timeout, &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are not in use.
func (h *Hook) Close() { h.client.CloseIdleConnections() }

// told is the body.
type told struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Events int64     `json:"events"`
	UpTo   uint64    `json:"up_to"`
	At     time.Time `json:"at"`
}

// Tell implements notifying.Hook. An answer of 200 to 299 means that it was understood; redirections are not followed.
func (h *Hook) Tell(ctx context.Context, t notifying.Task) error {
	body, err := json.Marshal(told{string(t.Kind), t.ID, t.Events, uint64(t.UpTo), t.At})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "freshet")
	req.Header.Set(Signature, Sign(h.secret, body))
	res, err := h.client.Do(req)
	if err != nil {
		var outer *url.Error // it would name the address with what may be secret in it
		if errors.As(err, &outer) {
			err = outer.Err
		}
		return ErrUnreachable.Saying("the receiver did not answer: %s", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		_, _ = io.CopyN(io.Discard, res.Body, mostAnswer)
		return ErrRefused.Saying("the receiver answered %d", res.StatusCode)
	}
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer)
	return nil
}

// Sign is what the header says of the body.
func Sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = mac.Write(body) // never fails
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
