package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

// answer is what came of one request.
type answer struct {
	status int
	body   []byte
	err    error
	node   *node
	life   int
	steady bool // the instance was ready when it was asked, and was not killed until it answered
	at     time.Time
}

func (a answer) ok() bool { return a.err == nil && a.status/100 == 2 }

func (f *fleet) ask(ctx context.Context, n *node, method, path string, send any) (a answer) {
	a.node = n
	var ready bool
	a.life, ready = n.state()
	a.status, a.body, a.err = f.call(ctx, method, "http://"+n.HTTP+path, send)
	life, still := n.state()
	a.steady, a.at = ready && still && life == a.life, time.Now()
	return a
}

func (f *fleet) call(ctx context.Context, method, url string, send any) (int, []byte, error) {
	var content io.Reader
	if send != nil {
		b, err := json.Marshal(send)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, content)
	if err != nil {
		return 0, nil, err
	}
	if send != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := f.calls.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, b, err
}

// any is one of the instances.
func (f *fleet) any(rnd *rand.Rand) *node { return f.nodes[rnd.IntN(len(f.nodes))] }

// insist sends the same until one of the instances takes a stand on it. Where doubt is true, an earlier try may have done it.
func (f *fleet) insist(rnd *rand.Rand, method, path string, send any) (a answer, doubt bool) {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		a = f.ask(context.Background(), f.any(rnd), method, path, send)
		switch {
		case a.err != nil:
			f.seen.broken.Add(1)
		case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
			f.seen.later.Add(1)
		default:
			if a.status >= 500 {
				f.complain("%s %s at %s: %d %s", method, path, a.node.name, a.status, a.body)
			}
			return a, doubt
		}
		doubt = true
		f.seen.retries.Add(1)
		time.Sleep(time.Duration(20+rnd.IntN(100)) * time.Millisecond)
	}
	f.complain("%s %s: nobody took it for two minutes: %d %s %v", method, path, a.status, a.body, a.err)
	return a, doubt
}
