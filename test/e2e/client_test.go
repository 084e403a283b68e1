package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pageBody is a page as clients read it.
type pageBody struct {
	Session string `json:"session"`
	Page    int    `json:"page"`
	Items   []struct {
		ID       string   `json:"id"`
		Author   string   `json:"author"`
		Tags     []string `json:"tags"`
		Position int      `json:"position"`
		Context  string   `json:"context"`
		Reason   struct {
			Source  string `json:"source"`
			Because string `json:"because"`
		} `json:"reason"`
	} `json:"items"`
	Cursor    string   `json:"cursor"`
	Rung      string   `json:"rung"`
	Relaxed   []string `json:"relaxed"`
	RequestID string   `json:"request_id"`
}

func (p pageBody) ids() []string {
	ids := make([]string, len(p.Items))
	for i, it := range p.Items {
		ids[i] = it.ID
	}
	return ids
}

func (p pageBody) countAuthor(a string) (n int) {
	for _, it := range p.Items {
		if it.Author == a {
			n++
		}
	}
	return n
}

func (p pageBody) countTag(tag string) (n int) {
	for _, it := range p.Items {
		for _, t := range it.Tags {
			if t == tag {
				n++
			}
		}
	}
	return n
}

var client = &http.Client{Timeout: 20 * time.Second}

// call sends a request and returns the status and the body.
func (in *instance) call(method, path string, send any) (int, string, error) {
	r := bytes.NewReader(nil)
	if send != nil {
		b, err := json.Marshal(send)
		if err != nil {
			return 0, "", err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, "http://"+in.HTTP+path, r)
	if err != nil {
		return 0, "", err
	}
	if send != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	return res.StatusCode, body(in.t, res), nil
}

func (in *instance) must(method, path string, send any) string {
	in.t.Helper()
	status, text, err := in.call(method, path, send)
	require.NoError(in.t, err)
	require.Less(in.t, status, 300, "%s %s: %s", method, path, text)
	return text
}

// tryPage asks for a page; params are pairs of query names and values.
func (in *instance) tryPage(feed string, params ...string) (pageBody, int, error) {
	q := url.Values{}
	for i := 0; i < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	status, text, err := in.call(http.MethodGet, "/v1/feeds/"+feed+"?"+q.Encode(), nil)
	if err != nil {
		return pageBody{}, 0, err
	}
	var p pageBody
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, status, fmt.Errorf("%w: %s", err, text)
	}
	if status != http.StatusOK {
		return p, status, fmt.Errorf("status %d: %s", status, text)
	}
	return p, status, nil
}

func (in *instance) page(feed string, params ...string) pageBody {
	in.t.Helper()
	p, _, err := in.tryPage(feed, params...)
	require.NoError(in.t, err)
	return p
}

var eventNumber atomic.Int64

// event makes an event with an id of its own.
func event(kind, viewer, item string) map[string]any {
	return map[string]any{
		"event_id": fmt.Sprintf("e2e-%d-%d", time.Now().UnixNano(), eventNumber.Add(1)), "type": kind, "viewer": viewer, "item": item,
		"at": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
	}
}

func (in *instance) record(events ...map[string]any) {
	in.t.Helper()
	var answer struct{ Accepted, Duplicate, Rejected int }
	text := in.must(http.MethodPost, "/v1/events", events)
	require.NoError(in.t, json.Unmarshal([]byte(text), &answer))
	require.Zero(in.t, answer.Rejected, text)
}

// publish puts n items by authors a0.. with tags t0.., the newest first by number.
func (in *instance) publish(n, authors, tags int) {
	in.t.Helper()
	items := make([]map[string]any, n)
	for i := range items {
		items[i] = map[string]any{
			"id": fmt.Sprintf("i%d", i), "author": fmt.Sprintf("a%d", i%authors), "title": fmt.Sprintf("item %d", i),
			"tags": []string{fmt.Sprintf("t%d", i%tags)}, "payload": map[string]any{"n": i},
			"published_at": time.Now().Add(-time.Duration(i) * time.Minute).UTC().Format(time.RFC3339Nano),
		}
	}
	text := in.must(http.MethodPost, "/v1/items:batch", items)
	var answer struct{ Created, Updated, Rejected int }
	require.NoError(in.t, json.Unmarshal([]byte(text), &answer))
	require.Equal(in.t, n, answer.Created, text)
}

// eventually fails unless the condition comes true in time.
func eventually(t testing.TB, within time.Duration, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, within, 20*time.Millisecond, what)
}
