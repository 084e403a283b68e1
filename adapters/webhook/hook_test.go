package webhook_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/freshet/freshet/adapters/webhook"
	"github.com/freshet/freshet/application/notifying"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var _ notifying.Hook = (*webhook.Hook)(nil)

var task = notifying.Task{
	Subject: notifying.Subject{Kind: notifying.Viewer, ID: `a "viewer"`}, Events: 50, UpTo: 1234,
	Since: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), At: time.Date(2026, 11, 21, 12, 0, 0, 250e6, time.UTC),
}

func receiver(t *testing.T, answer http.HandlerFunc) (url string) {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

func hook(t *testing.T, url string, timeout time.Duration) *webhook.Hook {
	h := webhook.NewHook(url, "secret", timeout, 2)
	t.Cleanup(h.Close)
	return h
}

func TestAReceiverIsToldInSignedJSON(t *testing.T) {
	var got *http.Request
	var body []byte
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	})
	require.NoError(t, hook(t, url+"/hooks?token=t", time.Minute).Tell(t.Context(), task))
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, "/hooks?token=t", got.URL.String())
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Equal(t, `{"kind":"viewer","id":"a \"viewer\"","events":50,"up_to":1234,"at":"2026-11-21T12:00:00.25Z"}`, string(body))
	require.Equal(t, webhook.Sign([]byte("secret"), body), got.Header.Get(webhook.Signature))
}

// The example of RFC 4231, 4.3.
func TestTheSignatureIsTheKnownOne(t *testing.T) {
	require.Equal(t, "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", webhook.Sign([]byte("Jefe"), []byte("what do ya want for nothing?")))
}

func TestWhatCountsAsUnderstood(t *testing.T) {
	for status, want := range map[int]error{
		200: nil, 204: nil, 299: nil, 300: webhook.ErrRefused, 302: webhook.ErrRefused, 400: webhook.ErrRefused, 410: webhook.ErrRefused,
		429: webhook.ErrRefused, 500: webhook.ErrRefused, 503: webhook.ErrRefused,
	} {
		calls := 0
		url := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(status)
		})
		require.ErrorIs(t, hook(t, url, time.Minute).Tell(t.Context(), task), want, status)
		require.Equal(t, 1, calls, "redirections are not followed")
	}
}

func TestAReceiverThatDoesNotAnswerIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	url := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	err := hook(t, url, 20*time.Millisecond).Tell(t.Context(), task)
	require.ErrorIs(t, err, webhook.ErrUnreachable)
	require.NotContains(t, err.Error(), "http://")
}

func TestAReceiverThatIsNotThereIsToldWithoutItsAddress(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	err := hook(t, strings.Replace(gone.URL, "http://", "http://user:pass@", 1)+"/?token=hush", time.Minute).Tell(t.Context(), task)
	require.ErrorIs(t, err, webhook.ErrUnreachable)
	require.NotContains(t, err.Error(), "hush")
	require.NotContains(t, err.Error(), "pass")
	require.Contains(t, err.Error(), "connection refused")
}
