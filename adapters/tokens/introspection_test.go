package tokens_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet/freshet/adapters/tokens"
	"github.com/freshet/freshet/application/admitting"
	"github.com/freshet/freshet/domain/access"
)

// desk answers questions about tokens as its map says, and counts them.
type desk struct {
	*httptest.Server
	asked atomic.Int64
	wait  atomic.Pointer[chan struct{}]
}

func newDesk(t *testing.T, answers map[string]string) *desk {
	d := &desk{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked.Add(1)
		id, secret, _ := r.BasicAuth()
		if r.Method != http.MethodPost || id != "freshet" || secret != "s%3Acret" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if wait := d.wait.Load(); wait != nil {
			<-*wait
		}
		answer, ok := answers[r.FormValue("token")]
		if !ok {
			answer = `{"active":false}`
		}
		_, _ = w.Write([]byte(answer))
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *desk) ask(t *testing.T, change func(*tokens.IntrospectionOptions)) *tokens.Introspection {
	o := tokens.IntrospectionOptions{URL: d.URL, ClientID: "freshet", ClientSecret: "s:cret", ViewerClaim: "sub", Patience: 2 * time.Second, AtOnce: 4, Clock: at(noon)}
	if change != nil {
		change(&o)
	}
	i := tokens.NewIntrospection(o)
	t.Cleanup(i.Close)
	return i
}

func TestTheIssuerSaysWhomATokenNames(t *testing.T) {
	i := newDesk(t, map[string]string{
		"good":     `{"active":true,"sub":"v1","scope":"feeds:read openid"}`,
		"expired":  `{"active":true,"sub":"v1","exp":1}`,
		"nobody":   `{"active":true}`,
		"inactive": `{"active":false,"sub":"v1"}`,
		"word":     `{"active":"true","sub":"v1"}`,
		"no JSON":  `<html>`,
	}).ask(t, nil)
	for token, want := range map[string]error{
		"good": nil, "expired": admitting.ErrToken, "nobody": admitting.ErrToken, "inactive": admitting.ErrToken, "word": admitting.ErrToken,
		"unknown": admitting.ErrToken, "no JSON": tokens.ErrIssuer,
	} {
		c, err := i.Bearer(t.Context(), token)
		require.ErrorIs(t, err, want, token)
		if want == nil {
			require.Equal(t, access.Bearer("v1", access.Scopes(access.FeedsRead)), c)
		}
	}
}

func TestAnIssuerThatDoesNotTellIsNotTakenForANo(t *testing.T) {
	d := newDesk(t, nil)
	for name, change := range map[string]func(*tokens.IntrospectionOptions){
		"it does not know us":      func(o *tokens.IntrospectionOptions) { o.ClientSecret = "another" },
		"there is nobody":          func(o *tokens.IntrospectionOptions) { o.URL = "http://127.0.0.1:1" },
		"nobody may be asked more": func(o *tokens.IntrospectionOptions) { o.AtOnce = 0 },
	} {
		_, err := d.ask(t, change).Bearer(t.Context(), "x")
		require.ErrorIs(t, err, tokens.ErrIssuer, name)
	}
	wait := make(chan struct{})
	d.wait.Store(&wait)
	defer close(wait)
	_, err := d.ask(t, func(o *tokens.IntrospectionOptions) { o.Patience = 20 * time.Millisecond }).Bearer(t.Context(), "x")
	require.ErrorIs(t, err, tokens.ErrIssuer, "it takes too long")
}

func TestWhatTheIssuerSaidIsRememberedForAWhile(t *testing.T) {
	d := newDesk(t, map[string]string{
		"good":  `{"active":true,"sub":"v1"}`,
		"short": `{"active":true,"sub":"v2","exp":` + unix(noon.Add(10*time.Second)) + `}`,
	})
	now := noon
	clock := func() time.Time { return now }
	r := tokens.NewRemembered(d.ask(t, func(o *tokens.IntrospectionOptions) { o.Clock = clock }), 100, 30*time.Second, 5*time.Second, clock)
	asked := func(token string, err error) int64 {
		before := d.asked.Load()
		_, got := r.Bearer(t.Context(), token)
		require.ErrorIs(t, got, err)
		return d.asked.Load() - before
	}
	for _, c := range []struct {
		after time.Duration
		token string
		err   error
		want  int64
	}{
		{0, "good", nil, 1}, {0, "good", nil, 0}, {30*time.Second - 1, "good", nil, 0}, {30 * time.Second, "good", nil, 1},
		{0, "short", nil, 1}, {10*time.Second - 1, "short", nil, 0}, {10 * time.Second, "short", admitting.ErrToken, 1},
		{0, "wrong", admitting.ErrToken, 1}, {5*time.Second - 1, "wrong", admitting.ErrToken, 0}, {5 * time.Second, "wrong", admitting.ErrToken, 1},
	} {
		if c.after == 0 && c.want == 1 {
			now = noon
		}
		now = noon.Add(c.after)
		require.Equal(t, c.want, asked(c.token, c.err), "%s after %s", c.token, c.after)
	}
}

func TestOfManyWithOneTokenOneAsks(t *testing.T) {
	d := newDesk(t, map[string]string{"good": `{"active":true,"sub":"v1"}`})
	wait := make(chan struct{})
	d.wait.Store(&wait)
	r := tokens.NewRemembered(d.ask(t, nil), 100, time.Minute, time.Minute, at(noon))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if c, err := r.Bearer(t.Context(), "good"); err != nil || c.Viewer() != "v1" {
				t.Error(c, err)
			}
		})
	}
	require.Eventually(t, func() bool { return d.asked.Load() == 1 }, 10*time.Second, time.Millisecond)
	close(wait)
	all.Wait()
	require.Equal(t, int64(1), d.asked.Load())
}
